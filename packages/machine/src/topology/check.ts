/**
 * What makes a topology a machine that 2.6.12 could have booted on. One list of rules for all who make one: the constructor
 * reports a breach as a RangeError with the field, the readers as a TopologyError with the file and the line.
 */
import { show } from './error.js';

/** NODES_SHIFT 8: include/asm-ia64/numnodes.h of 2.6.12, the branch that SGI's SN2 takes. */
export const MAX_NODES = 256;
/** arch/ia64/Kconfig of 2.6.12 lets NR_CPUS go from 2 to 512. */
export const MAX_CPUS = 512;
/** What a pte of the model can number, see MAX_PFN of mm-core; 2 TB at 16 KB a page. */
export const MAX_FRAMES = 2 ** 27;
/** The page sizes ia64 can be built for. */
export const PAGE_SIZES: readonly number[] = [4096, 8192, 16384, 65536];
/** SGI's kernels used this one, and all sizes of nodes in this kit are multiples of it. */
export const DEFAULT_PAGE_SIZE = 16384;
/** ACPI 2.0, System Locality Information Table: 10 is local, 255 is unreachable, one byte an entry. */
export const LOCAL_DISTANCE = 10;
/** include/linux/topology.h of 2.6.12: what a kernel assumes when the firmware has no table. */
export const REMOTE_DISTANCE = 20;
const MAX_DISTANCE = 255;

export interface NodeInput {
  readonly id: number;
  readonly memory: number;
  readonly memFree?: number | undefined;
  readonly cpus: readonly number[];
}

export interface TopologyInput {
  readonly name: string;
  readonly pageSize?: number | undefined;
  readonly nodes: readonly NodeInput[];
  readonly distances: readonly (readonly number[])[];
  readonly cpus?: readonly number[] | undefined;
}

/** Where a rule was broken, so that a reader can tell which of its files said so. */
export type Part = 'name' | 'pageSize' | 'nodes' | 'id' | 'memory' | 'memFree' | 'cpus' | 'distances';

export interface Problem {
  readonly part: Part;
  /** Position in `nodes`, where one node is to blame. */
  readonly node?: number;
  /** For an entry of the distances its column; `node` is its row. */
  readonly to?: number;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** The first rule that `input` breaks. Written for untyped callers too: nothing is taken for what its type says. */
export function findProblem(input: TopologyInput): Problem | undefined {
  const { name, pageSize, nodes } = input;
  if (typeof name !== 'string' || name === '') return { part: 'name', field: 'name', found: show(name), expected: 'a name' };
  if (pageSize !== undefined && !PAGE_SIZES.includes(pageSize)) {
    return { part: 'pageSize', field: 'pageSize', found: show(pageSize), expected: `a page size of ia64: ${PAGE_SIZES.join(', ')}` };
  }
  if (!Array.isArray(nodes) || nodes.length < 1 || nodes.length > MAX_NODES) {
    const found = Array.isArray(nodes) ? `${nodes.length} nodes` : show(nodes);
    return { part: 'nodes', field: 'nodes', found, expected: `1 to ${MAX_NODES} nodes` };
  }
  return checkNodes(input) ?? checkMemory(input) ?? checkCpus(input) ?? checkDistances(input);
}

function checkNodes({ nodes }: TopologyInput): Problem | undefined {
  let last = -1;
  for (const [node, { id }] of nodes.entries()) {
    const field = `nodes[${node}].id`;
    if (!isWhole(id) || id >= MAX_NODES) return { part: 'id', node, field, found: show(id), expected: `0 to ${MAX_NODES - 1}` };
    if (id === last) return { part: 'id', node, field, found: `${id} a second time`, expected: 'each node once' };
    // Holes are as Linux has them; order is asked for, so that rows and columns of the distances need no second look.
    if (id < last) return { part: 'id', node, field, found: `${id} after ${last}`, expected: 'nodes in the order of their ids' };
    last = id;
  }
  return undefined;
}

/** A node may be without memory, a machine may not. */
function checkMemory({ nodes, pageSize = DEFAULT_PAGE_SIZE }: TopologyInput): Problem | undefined {
  let frames = 0;
  for (const [node, { memory, memFree }] of nodes.entries()) {
    const field = `nodes[${node}].memory`;
    if (!isWhole(memory)) return { part: 'memory', node, field, found: show(memory), expected: 'bytes, a whole number below 2^53' };
    if (memFree !== undefined && (!isWhole(memFree) || memFree > memory)) {
      return { part: 'memFree', node, field: `nodes[${node}].memFree`, found: show(memFree), expected: `0 to ${memory} bytes, the node's memory` };
    }
    frames += Math.floor(memory / pageSize);
    if (frames > MAX_FRAMES) {
      const expected = `at most ${MAX_FRAMES} frames of ${pageSize} bytes in the whole machine`;
      return { part: 'memory', node, field, found: `${memory} bytes, ${frames} frames up to here`, expected };
    }
  }
  if (frames === 0) return { part: 'memory', field: 'nodes', found: `no node with a page of ${pageSize} bytes`, expected: 'memory somewhere' };
  return undefined;
}

function checkCpus({ nodes, cpus }: TopologyInput): Problem | undefined {
  const home = new Map<number, number>();
  for (const [node, { id, cpus: own }] of nodes.entries()) {
    const field = `nodes[${node}].cpus`;
    if (!Array.isArray(own)) return { part: 'cpus', node, field, found: show(own), expected: 'a list of CPU numbers' };
    for (const cpu of own as readonly number[]) {
      if (!isWhole(cpu) || cpu >= MAX_CPUS) return { part: 'cpus', node, field, found: `CPU ${show(cpu)}`, expected: `CPUs 0 to ${MAX_CPUS - 1}` };
      const other = home.get(cpu);
      if (other !== undefined) {
        const found = other === id ? `CPU ${cpu} twice` : `CPU ${cpu}, which node ${other} has too`;
        return { part: 'cpus', node, field, found, expected: 'each CPU on one node' };
      }
      home.set(cpu, id);
    }
  }
  if (home.size === 0) return { part: 'cpus', field: 'cpus', found: 'no CPU on any node', expected: 'a CPU to boot on' };
  if (cpus !== undefined && (cpus.length !== home.size || !cpus.every((cpu) => home.has(cpu)))) {
    return { part: 'cpus', field: 'cpus', found: show(cpus.join(' ')), expected: 'the CPUs of the nodes and no others' };
  }
  return undefined;
}

function checkDistances({ nodes, distances }: TopologyInput): Problem | undefined {
  if (!Array.isArray(distances) || distances.length !== nodes.length) {
    const found = Array.isArray(distances) ? `${distances.length} rows` : show(distances);
    return { part: 'distances', field: 'distances', found, expected: `${nodes.length} rows, one for each node` };
  }
  for (const [from, row] of distances.entries()) {
    if (!Array.isArray(row) || row.length !== nodes.length) {
      const found = Array.isArray(row) ? `${row.length} entries` : show(row);
      return { part: 'distances', node: from, field: `distances[${from}]`, found, expected: `${nodes.length} entries, one for each node` };
    }
    for (const [to, distance] of (row as readonly unknown[]).entries()) {
      const expected = wrongDistance(distance, from === to);
      if (expected !== undefined) {
        return { part: 'distances', node: from, to, field: `distances[${from}][${to}]`, found: show(distance), expected };
      }
    }
  }
  return checkSymmetry(distances as number[][]);
}

function wrongDistance(distance: unknown, local: boolean): string | undefined {
  if (local) return distance === LOCAL_DISTANCE ? undefined : `${LOCAL_DISTANCE}, the distance of a node to itself`;
  if (isWhole(distance) && distance >= LOCAL_DISTANCE && distance <= MAX_DISTANCE) return undefined;
  return `${LOCAL_DISTANCE} to ${MAX_DISTANCE}: no other node is nearer than the own one`;
}

function checkSymmetry(distances: readonly (readonly number[])[]): Problem | undefined {
  for (const [from, row] of distances.entries()) {
    for (let to = 0; to < from; to++) {
      const back = distances[to]?.[from];
      if (row[to] === back) continue;
      const expected = `${show(back)}, the way back: distances[${to}][${from}]`;
      return { part: 'distances', node: from, to, field: `distances[${from}][${to}]`, found: show(row[to]), expected };
    }
  }
  return undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
