/**
 * Topologies from a sysfs tree, as Linux shows it and as hwloc-gather-topology packs it up:
 *
 *     sys/devices/system/node/online          0-7        (absent in old kernels: then every nodeN counts)
 *     sys/devices/system/node/node3/meminfo   Node 3 MemTotal:  6045696 kB
 *                                  /distance  25 25 25 10 29 29 29 29
 *                                  /cpumap    00000000,000000c0    or cpulist: 6-7
 *
 * A tree may begin at `sys`, at `devices`, or be the `node` directory itself.
 */
import path from 'node:path';
import { findProblem, MAX_CPUS, MAX_NODES, type NodeInput, type Problem } from './check.js';
import { show, TopologyError } from './error.js';
import { isDirectory, namesIn, readRegular, SYSFS_FILE_LIMIT } from './files.js';
import { parseList, parseMask, type Parsed } from './lists.js';
import { makeTopology, type Topology } from './topology.js';

const NODE_NAME = /^node(0|[1-9]\d{0,5})$/;
const PLACES = ['sys/devices/system/node', 'devices/system/node', 'system/node', 'node', '.'];

/** The directory with the nodeN of a tree that starts at `root`, or nothing if it is no such tree. */
export function findNodeDirectory(root: string): string | undefined {
  for (const place of PLACES) {
    // Step by step: a link anywhere on the way down would lead out of the tree.
    const steps = place.split('/').map((_, at, all) => path.join(root, ...all.slice(0, at + 1)));
    const inside = place === '.' || steps.every(isDirectory);
    const directory = path.join(root, place);
    if (inside && namesIn(directory).some((name) => NODE_NAME.test(name))) return directory;
  }
  return undefined;
}

/** @throws TopologyError */
export function readSysfsTopology(root: string, name: string): Topology {
  const directory = findNodeDirectory(root);
  if (directory === undefined) {
    throw new TopologyError({ file: root, field: 'nodes', found: 'no nodeN directory', expected: `one below ${PLACES[0]}` });
  }
  const ids = nodeIds(directory);
  for (const id of ids) {
    const node = path.join(directory, `node${id}`);
    if (isDirectory(node)) continue;
    throw new TopologyError({ file: node, field: 'node', found: 'no such directory', expected: `the directory of node ${id}` });
  }
  const nodes: NodeInput[] = [];
  const distances: number[][] = [];
  for (const id of ids) {
    const node = path.join(directory, `node${id}`);
    nodes.push({ id, ...readMeminfo(node, id), cpus: readCpus(node) });
    distances.push(readDistances(node, ids.length));
  }
  const input = { name, nodes, distances };
  const problem = findProblem(input);
  if (problem !== undefined) throw asError(problem, directory, ids);
  return makeTopology(input);
}

function nodeIds(directory: string): readonly number[] {
  const present = namesIn(directory).flatMap((name) => NODE_NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  const file = path.join(directory, 'online');
  const online = readRegular(file, SYSFS_FILE_LIMIT);
  const ids = online === undefined ? present : numbersOf(parseList(online, MAX_NODES), file, 'online nodes');
  const beyond = ids.find((id) => id >= MAX_NODES);
  if (beyond !== undefined) {
    throw new TopologyError({ file: path.join(directory, `node${beyond}`), field: 'node', found: `node ${beyond}`, expected: `nodes 0 to ${MAX_NODES - 1}` });
  }
  return ids;
}

/** MemTotal and MemFree. Kernels differ in the lines between, in padding and in an empty line at the top. */
function readMeminfo(node: string, id: number): { readonly memory: number; readonly memFree?: number } {
  const file = path.join(node, 'meminfo');
  const text = must(readRegular(file, SYSFS_FILE_LIMIT), file);
  const values = new Map<string, number>();
  for (const [at, line] of text.split('\n').entries()) {
    const match = /^Node\s+(\d{1,9})\s+(MemTotal|MemFree):\s*(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const [, of, key = '', value = ''] = match;
    const fault = { file, line: at + 1, field: key };
    if (Number(of) !== id) throw new TopologyError({ ...fault, field: 'Node', found: show(of), expected: `${id}, as the directory says` });
    const kilobytes = /^(\d{1,16}) kB$/.exec(value)?.[1];
    if (kilobytes === undefined) throw new TopologyError({ ...fault, found: show(value), expected: 'a number of kB' });
    if (values.has(key)) throw new TopologyError({ ...fault, found: 'a second line', expected: 'one' });
    values.set(key, Number(kilobytes) * 1024);
  }
  const memory = values.get('MemTotal');
  if (memory === undefined) throw new TopologyError({ file, field: 'MemTotal', found: 'no such line', expected: `Node ${id} MemTotal: … kB` });
  const memFree = values.get('MemFree');
  return memFree === undefined ? { memory } : { memory, memFree };
}

/** cpulist says the same as cpumap and is younger; a tree with neither has a node without CPUs only if a file says so. */
function readCpus(node: string): readonly number[] {
  const mapFile = path.join(node, 'cpumap');
  const map = readRegular(mapFile, SYSFS_FILE_LIMIT);
  if (map !== undefined) return numbersOf(parseMask(map, MAX_CPUS), mapFile, 'CPUs');
  const listFile = path.join(node, 'cpulist');
  const list = readRegular(listFile, SYSFS_FILE_LIMIT);
  if (list !== undefined) return numbersOf(parseList(list, MAX_CPUS), listFile, 'CPUs');
  throw new TopologyError({ file: mapFile, field: 'CPUs', found: 'neither cpumap nor cpulist', expected: 'one of them' });
}

function readDistances(node: string, count: number): number[] {
  const file = path.join(node, 'distance');
  const words = must(readRegular(file, SYSFS_FILE_LIMIT), file).trim().split(/\s+/).filter((word) => word !== '');
  const wrong = words.findIndex((word) => !/^\d{1,9}$/.test(word));
  if (wrong >= 0) throw new TopologyError({ file, line: 1, field: `entry ${wrong + 1}`, found: show(words[wrong]), expected: 'a whole number' });
  if (words.length !== count) {
    throw new TopologyError({ file, line: 1, field: 'distance', found: `${words.length} entries`, expected: `${count}, one for each node` });
  }
  return words.map(Number);
}

/** The shared rules speak of positions in a list; here each part of a node has its file. */
function asError(problem: Problem, directory: string, ids: readonly number[]): TopologyError {
  const { part, node, field, found, expected } = problem;
  const names: Partial<Record<typeof part, string>> = { memory: 'meminfo', memFree: 'meminfo', cpus: 'cpumap', distances: 'distance' };
  const name = names[part];
  const within = node === undefined ? [] : [`node${ids[node]}`, ...(name === undefined ? [] : [name])];
  const line = node !== undefined && part === 'distances' ? 1 : undefined;
  return new TopologyError({ file: path.join(directory, ...within), line, field, found, expected });
}

function numbersOf(parsed: Parsed, file: string, field: string): readonly number[] {
  if ('numbers' in parsed) return parsed.numbers;
  throw new TopologyError({ file, line: 1, field, ...parsed });
}

function must(text: string | undefined, file: string): string {
  if (text !== undefined) return text;
  throw new TopologyError({ file, field: 'file', found: 'no such file', expected: 'the file, as Linux has it in every node' });
}
