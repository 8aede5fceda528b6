/**
 * The shape of a NUMA machine: which nodes there are, what memory and CPUs each has, and how far they lie apart. Plain
 * frozen data; it says nothing of what the memory holds.
 */
import {
  DEFAULT_PAGE_SIZE,
  findProblem,
  LOCAL_DISTANCE,
  REMOTE_DISTANCE,
  type TopologyInput,
} from './check.js';
import { show } from './error.js';

export interface TopologyNode {
  /** As Linux numbers it; ids may have holes. */
  readonly id: number;
  /** Bytes of RAM, 0 for a node of CPUs only. */
  readonly memory: number;
  /** Bytes that were free when the topology was taken down, where the source says so. */
  readonly memFree?: number;
  /** Ascending; empty for a node of memory only. */
  readonly cpus: readonly number[];
}

export interface Topology {
  readonly name: string;
  /** Bytes, where the source knows. */
  readonly pageSize?: number;
  /** By ascending id. */
  readonly nodes: readonly TopologyNode[];
  /** SLIT distances by position in `nodes`, not by id; 10 is local. */
  readonly distances: readonly (readonly number[])[];
  /** All CPUs of all nodes, ascending. */
  readonly cpus: readonly number[];
}

/**
 * Makes a topology of `input`, with CPUs sorted and everything frozen. Nodes must come by ascending id, since rows and
 * columns of `distances` go by their position.
 *
 * @throws RangeError naming the field, what it holds and what it should hold.
 */
export function defineTopology(input: TopologyInput): Topology {
  const problem = findProblem(input);
  if (problem !== undefined) {
    throw new RangeError(`topology ${show(input.name)}: ${problem.field}: found ${problem.found}; expected ${problem.expected}`);
  }
  return makeTopology(input);
}

/** Copies and freezes what has been checked. */
export function makeTopology({ name, pageSize, nodes, distances }: TopologyInput): Topology {
  const own = nodes.map(({ id, memory, memFree, cpus }) =>
    Object.freeze({ id, memory, ...(memFree === undefined ? {} : { memFree }), cpus: sorted(cpus) }),
  );
  return Object.freeze({
    name,
    ...(pageSize === undefined ? {} : { pageSize }),
    nodes: Object.freeze(own),
    distances: Object.freeze(distances.map((row) => Object.freeze([...row]))),
    cpus: sorted(own.flatMap((node) => node.cpus)),
  });
}

function sorted(cpus: readonly number[]): readonly number[] {
  return Object.freeze([...cpus].sort((a, b) => a - b));
}

/** A matrix in which every node is as far from every other; Linux's own guess when the firmware has no table. */
export function uniformDistances(nodes: number, distance = REMOTE_DISTANCE): number[][] {
  return Array.from({ length: nodes }, (_, from) =>
    Array.from({ length: nodes }, (__, to) => (from === to ? LOCAL_DISTANCE : distance)),
  );
}

export interface UniformOptions {
  readonly nodes: number;
  readonly pagesPerNode: number;
  /** Bytes; default 16384. */
  readonly pageSize?: number;
  /** Default 2; CPUs are numbered through, node by node. */
  readonly cpusPerNode?: number;
  /** Between any two nodes; default 20. */
  readonly distance?: number;
  readonly name?: string;
}

/** A machine of equal nodes, for tests and small demonstrations. @throws RangeError as defineTopology() does. */
export function uniformTopology(options: UniformOptions): Topology {
  const { nodes, pagesPerNode, pageSize = DEFAULT_PAGE_SIZE, cpusPerNode = 2, distance = REMOTE_DISTANCE } = options;
  for (const [field, value] of Object.entries({ nodes, pagesPerNode, cpusPerNode })) {
    if (!Number.isSafeInteger(value) || value < 0 || value > 2 ** 32) {
      throw new RangeError(`uniformTopology: ${field}: found ${value}; expected a whole number from 0 to 2^32`);
    }
  }
  // Refused here and not by the checks, so that no list of a billion nodes is made only to be refused.
  if (nodes > 256 || cpusPerNode > 512) {
    throw new RangeError(`uniformTopology: found ${nodes} nodes of ${cpusPerNode} CPUs; expected at most 256 nodes and 512 CPUs`);
  }
  return defineTopology({
    name: options.name ?? `uniform-${nodes}n`,
    pageSize,
    nodes: Array.from({ length: nodes }, (_, id) => ({
      id,
      memory: pagesPerNode * pageSize,
      cpus: Array.from({ length: cpusPerNode }, (__, k) => id * cpusPerNode + k),
    })),
    distances: uniformDistances(nodes, distance),
  });
}
