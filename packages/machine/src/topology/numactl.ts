/**
 * Topologies from what `numactl --hardware` printed (hardware(), print_node_cpus() and print_distances() of numactl.c).
 *
 * All versions say which nodes there are and how large they are, in MB. Versions before 1.0 say nothing of CPUs: each node gets one then,
 * numbered like the node, since a machine without CPUs does not boot. Where firmware has no table of distances, numactl says so or says
 * nothing, and Linux's own guess is taken. Columns are told apart by blanks, as their width has changed.
 */
import { findProblem, MAX_CPUS, MAX_NODES, type NodeInput, type Problem } from './check.js';
import { show, TopologyError } from './error.js';
import { parseList } from './lists.js';
import { makeTopology, uniformDistances, type Topology } from './topology.js';

/** Whether a text begins as numactl begins. */
export const isHardwareText = (text: string): boolean => /^\s*(available: \d+ nodes?|No NUMA available)/.test(text);

interface Line { readonly text: string; readonly line: number }

/** A node as its lines say it; `lines` has the line of each of them, for errors. */
interface NodeLines { cpus?: readonly number[]; memory?: number; memFree?: number; readonly lines: Map<string, number> }

class Reader {
  readonly file: string;
  readonly nodes = new Map<number, NodeLines>();
  readonly rows = new Map<number, { readonly line: number; readonly values: readonly number[] }>();
  columns: readonly number[] | undefined;

  constructor(file: string, ids: readonly number[]) {
    this.file = file;
    for (const id of ids) this.nodes.set(id, { lines: new Map() });
  }

  fail(line: number, field: string, found: string, expected: string): never {
    throw new TopologyError({ file: this.file, line, field, found, expected });
  }

  node(id: number, line: number): NodeLines {
    return this.nodes.get(id) ?? this.fail(line, 'node', `node ${id}`, `one of the nodes of line 1: ${[...this.nodes.keys()].join(' ')}`);
  }
}

/** @throws TopologyError */
export function readHardwareTopology(file: string, source: string, name: string): Topology {
  const lines = source.split('\n').map((text, at): Line => ({ text: text.trimEnd(), line: at + 1 })).filter(({ text }) => text !== '');
  const [head, ...rest] = lines;
  const reader = new Reader(file, nodesOf(file, head));
  for (const line of rest) readLine(reader, line);
  return assemble(reader, name);
}

function nodesOf(file: string, head: Line | undefined): readonly number[] {
  const fault = { file, line: head?.line ?? 1, field: 'available' };
  const match = /^available: (\d{1,9}) nodes? \((.*)\)$/.exec(head?.text ?? '');
  if (match === null) throw new TopologyError({ ...fault, found: show(head?.text ?? ''), expected: 'available: N nodes (0-…), as numactl --hardware prints' });
  const parsed = parseList(match[2] ?? '', MAX_NODES);
  if (!('numbers' in parsed)) throw new TopologyError({ ...fault, ...parsed });
  if (parsed.numbers.length !== Number(match[1])) {
    throw new TopologyError({ ...fault, found: `${match[1]} nodes and ${parsed.numbers.length} in the list`, expected: 'the same number' });
  }
  return parsed.numbers;
}

function readLine(reader: Reader, { text, line }: Line): void {
  const node = /^node (\d{1,9}) (cpus|size|free):(.*)$/.exec(text);
  if (node !== null) {
    readNode(reader, line, Number(node[1]), node[2] as 'cpus' | 'size' | 'free', (node[3] ?? '').trim());
    return;
  }
  if (/^node distances:$/.test(text) || /^No distance information available\.$/.test(text)) return;
  const columns = /^node((?:\s+\d{1,9})+)$/.exec(text);
  if (columns !== null) {
    if (reader.columns !== undefined) reader.fail(line, 'distances', 'a second head', 'one table');
    reader.columns = numbers(columns[1] ?? '');
    return;
  }
  const row = /^\s*(\d{1,9}):((?:\s+\d{1,9})*)$/.exec(text);
  if (row === null) reader.fail(line, 'line', show(text), 'a line of numactl --hardware');
  readRow(reader, line, Number(row[1]), numbers(row[2] ?? ''));
}

const numbers = (text: string): number[] => text.split(/\s+/).filter((word) => word !== '').map(Number);

function readNode(reader: Reader, line: number, id: number, key: 'cpus' | 'size' | 'free', value: string): void {
  const node = reader.node(id, line);
  const field = `node ${id} ${key}`;
  if (node.lines.has(key)) reader.fail(line, field, 'a second line', 'one');
  node.lines.set(key, line);
  if (key === 'cpus') {
    if (!/^(\d{1,9}( +|$))*$/.test(value)) reader.fail(line, field, show(value), 'CPU numbers with blanks between');
    const cpus = numbers(value);
    const beyond = cpus.find((cpu) => cpu >= MAX_CPUS);
    if (beyond !== undefined) reader.fail(line, field, `CPU ${beyond}`, `CPUs 0 to ${MAX_CPUS - 1}`);
    node.cpus = cpus;
    return;
  }
  // numactl prints this where /sys does not tell
  if (value === '<not available>' && key === 'free') return;
  const megabytes = /^(\d{1,9}) MB$/.exec(value)?.[1];
  if (megabytes === undefined) reader.fail(line, field, show(value), 'a number of MB');
  if (key === 'size') node.memory = Number(megabytes) * 2 ** 20;
  else node.memFree = Number(megabytes) * 2 ** 20;
}

function readRow(reader: Reader, line: number, id: number, values: readonly number[]): void {
  const { columns } = reader;
  reader.node(id, line);
  if (columns === undefined) reader.fail(line, 'distances', 'a row', 'the line with the nodes first');
  if (reader.rows.has(id)) reader.fail(line, `distances of node ${id}`, 'a second row', 'one');
  if (values.length !== columns.length) reader.fail(line, `distances of node ${id}`, `${values.length} entries`, `${columns.length}, one for each node`);
  reader.rows.set(id, { line, values });
}

function assemble(reader: Reader, name: string): Topology {
  const ids = [...reader.nodes.keys()];
  const withoutCpus = [...reader.nodes.values()].every(({ cpus }) => cpus === undefined);
  const nodes = [...reader.nodes].map(([id, { cpus, memory, memFree, lines }]): NodeInput => {
    if (memory === undefined) return reader.fail(1, `node ${id} size`, 'no such line', `node ${id} size: … MB`);
    if (cpus === undefined && !withoutCpus) return reader.fail(lines.get('size') ?? 1, `node ${id} cpus`, 'no such line', `node ${id} cpus: …, as other nodes have it`);
    return { id, memory, memFree, cpus: cpus ?? [id] };
  });
  const input = { name, nodes, distances: distancesOf(reader, ids) };
  const problem = findProblem(input);
  if (problem !== undefined) throw asError(reader, problem, ids);
  return makeTopology(input);
}

/** Rows and columns in the order of the ids, whichever order they were printed in. */
function distancesOf(reader: Reader, ids: readonly number[]): number[][] {
  const { columns, rows, file } = reader;
  if (columns === undefined) return uniformDistances(ids.length);
  const places = ids.map((id) => columns.indexOf(id));
  const missing = ids.find((id, at) => places[at] === -1 || !rows.has(id));
  if (missing !== undefined || columns.length !== ids.length) {
    throw new TopologyError({ file, field: 'distances', found: `${columns.length} columns and ${rows.size} rows`, expected: `a row and a column for each of the nodes ${ids.join(' ')}` });
  }
  return ids.map((id) => places.map((place) => rows.get(id)?.values[place] ?? Number.NaN));
}

/** The shared rules speak of positions in a list; here each part of a node has its line. */
function asError(reader: Reader, { part, node, field, found, expected }: Problem, ids: readonly number[]): TopologyError {
  const id = node === undefined ? undefined : ids[node];
  const keys: Partial<Record<typeof part, string>> = { memory: 'size', memFree: 'free', cpus: 'cpus' };
  const line = id === undefined ? undefined : part === 'distances' ? reader.rows.get(id)?.line : reader.nodes.get(id)?.lines.get(keys[part] ?? '');
  return new TopologyError({ file: reader.file, line, field, found, expected });
}
