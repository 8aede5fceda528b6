/**
 * Topologies from hwloc's synthetic descriptions, such as `numa:4 core:2 pu:1`. Nodes have 1 GiB unless it is said otherwise, frames of
 * 4 KB, and lie all equally far apart: that is what hwloc makes of such a string.
 *
 * A CPU of several attached nodes (memory of different kinds) is, as in Linux, the first node's; the others are nodes of memory only.
 */
import { findProblem, MAX_CPUS, MAX_NODES, type NodeInput } from './check.js';
import { show, TopologyError } from './error.js';
import { parseIndexes } from './synthetic-indexes.js';
import { levelType, parseSynthetic, type Attributes, type Description, type Level, type LevelType } from './synthetic-parse.js';
import { makeTopology, uniformDistances, type Topology } from './topology.js';

const DEFAULT_MEMORY = 2 ** 30;
const PAGE_SIZE = 4096;

/** A level with its number of objects in the whole machine. Depth 0 is the machine. */
interface Placed { readonly type: LevelType; readonly name: string; readonly width: number; readonly attributes: Attributes; readonly attached: readonly Attributes[] }

/** @throws TopologyError whose file is the description itself. */
export function readSyntheticTopology(text: string): Topology {
  const description = parseSynthetic(text);
  const levels = place(text, description);
  checkTypes(text, levels);
  const cpus = cpuNumbers(text, levels);
  const nodes = levels.some(({ type }) => type === 'numa') ? nodesOfLevel(text, levels, cpus) : attachedNodes(text, levels, cpus);
  nodes.sort((a, b) => a.id - b.id);
  const input = { name: text, pageSize: PAGE_SIZE, nodes, distances: uniformDistances(nodes.length) };
  const problem = findProblem(input);
  if (problem !== undefined) throw new TopologyError({ file: text, field: problem.field, found: problem.found, expected: problem.expected });
  return makeTopology(input);
}

/** Widths and missing types. Refuses what would be too large before anything of that size is made. */
function place(text: string, { levels, attached }: Description): Placed[] {
  const numaAttached = attached.length > 0 || levels.some((level) => level.attached.length > 0);
  const types = chooseTypes(text, levels, numaAttached);
  const placed: Placed[] = [{ type: 'unspecified', name: 'machine', width: 1, attributes: {}, attached }];
  let width = 1;
  for (const [at, { name, count, attributes, attached: own }] of levels.entries()) {
    width *= count;
    const type = types[at] ?? 'pu';
    const limit = type === 'numa' ? MAX_NODES : MAX_CPUS;
    if (width > limit) throw new TopologyError({ file: text, field: `level ${at + 1} (${name === '' ? type : name})`, found: `${width} objects`, expected: `at most ${limit}` });
    placed.push({ type, name, width, attributes, attached: own });
  }
  if (!types.includes('numa') && !numaAttached) {
    placed.splice(1, 0, { type: 'numa', name: 'NUMANode', width: 1, attributes: {}, attached: [] });
  }
  return placed;
}

/** Levels without a type get one: NUMA first, then package, core, caches, groups; placed as groups, package, NUMA, caches, core, PU. */
function chooseTypes(text: string, levels: readonly Level[], numaAttached: boolean): LevelType[] {
  const types = levels.map(({ type }) => type);
  const last = types.pop();
  if (last === undefined || (last !== 'pu' && last !== 'unspecified')) {
    throw new TopologyError({ file: text, field: 'last level', found: last === undefined ? 'none' : show(levels.at(-1)?.name), expected: 'PU' });
  }
  const open = types.filter((type) => type === 'unspecified').length;
  if (open > 0 && open < types.length) {
    throw new TopologyError({ file: text, field: 'levels', found: 'some with a type and some without', expected: 'types for all levels or for none' });
  }
  if (open > 0 && !numaAttached) {
    const groups = Math.max(0, open - 7);
    types[groups + (open >= 2 ? 1 : 0)] = 'numa';
  }
  return [...types, 'pu'];
}

function checkTypes(text: string, levels: readonly Placed[]): void {
  for (const type of ['pu', 'numa', 'core', 'package', 'die'] as const) {
    const count = levels.filter((level) => level.type === type).length;
    if (count > 1) throw new TopologyError({ file: text, field: 'levels', found: `${count} levels of type ${type}`, expected: 'one' });
  }
  if (levels.some(({ type }) => type === 'numa') && levels.some(({ attached }) => attached.length > 0)) {
    throw new TopologyError({ file: text, field: 'NUMANode', found: 'a level and attached ones', expected: 'either' });
  }
}

/** Numbers of the objects of a level, from its `indexes=` or from 0 on. */
function numbersOf(text: string, field: string, indexes: string | undefined, width: number, above: readonly Placed[]): readonly number[] {
  if (indexes === undefined) return Array.from({ length: width }, (_, at) => at);
  const parsed = parseIndexes(indexes, width, (name) => {
    const type = levelType(name);
    const depth = above.findIndex((level, at) => at > 0 && level.type === type);
    return depth < 0 ? undefined : { depth, width: above[depth]?.width ?? 1 };
  });
  if ('numbers' in parsed) return parsed.numbers;
  throw new TopologyError({ file: text, field: `${field} indexes`, ...parsed });
}

function cpuNumbers(text: string, levels: readonly Placed[]): readonly number[] {
  const pus = levels.at(-1)!;
  return numbersOf(text, 'PU', pus.attributes.indexes, pus.width, levels.slice(0, -1));
}

function nodesOfLevel(text: string, levels: readonly Placed[], cpus: readonly number[]): NodeInput[] {
  const depth = levels.findIndex(({ type }) => type === 'numa');
  const { width, attributes } = levels[depth]!;
  const each = cpus.length / width;
  return numbersOf(text, 'NUMANode', attributes.indexes, width, levels.slice(0, depth)).map((id, at) => ({
    id, memory: attributes.memory ?? DEFAULT_MEMORY, cpus: cpus.slice(at * each, (at + 1) * each),
  }));
}

/** In hwloc's order: what hangs on the objects inside an object comes before what hangs on the object itself. */
function attachedNodes(text: string, levels: readonly Placed[], cpus: readonly number[]): NodeInput[] {
  const total = levels.reduce((sum, { width, attached }) => sum + width * attached.length, 0);
  if (total > MAX_NODES) throw new TopologyError({ file: text, field: 'NUMANode', found: `${total} attached`, expected: `at most ${MAX_NODES}` });
  const indexes = levels.flatMap(({ attached }) => attached.flatMap((attributes) => attributes.indexes ?? [])).at(-1);
  const ids = numbersOf(text, 'attached NUMANode', indexes, total, []);
  const nodes: NodeInput[] = [];
  const taken = new Set<number>();
  const visit = (depth: number, at: number): void => {
    const level = levels[depth]!;
    const below = levels[depth + 1];
    const children = below === undefined ? 0 : below.width / level.width;
    for (let child = 0; child < children; child++) visit(depth + 1, at * children + child);
    const each = cpus.length / level.width;
    for (const { memory = DEFAULT_MEMORY } of level.attached) {
      const own = cpus.slice(at * each, (at + 1) * each).filter((cpu) => !taken.has(cpu));
      for (const cpu of own) taken.add(cpu);
      nodes.push({ id: ids[nodes.length]!, memory, cpus: own });
    }
  };
  visit(0, 0);
  return nodes;
}
