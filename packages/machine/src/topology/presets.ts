/**
 * Machines that existed, in numbers: three Itaniums whose /sys the users of hwloc sent in. What stands here was read off
 * `nodeN/meminfo` (MemTotal), `nodeN/distance` and `nodeN/cpumap`; the free memory of the day is left out, for these are
 * machines to boot. The page size is not in those files: 16 KB divides every size in them and is what SGI's kernels used.
 */
import { DEFAULT_PAGE_SIZE, LOCAL_DISTANCE } from './check.js';
import { defineTopology, uniformDistances, type Topology } from './topology.js';

interface Preset {
  readonly name: string;
  /** MemTotal in kB by node. */
  readonly kilobytes: readonly number[];
  readonly cpusPerNode: number;
  readonly distances: readonly (readonly number[])[];
}

function presetOf({ name, kilobytes, cpusPerNode, distances }: Preset): Topology {
  return defineTopology({
    name,
    pageSize: DEFAULT_PAGE_SIZE,
    nodes: kilobytes.map((kB, id) => ({
      id,
      memory: kB * 1024,
      // Numbered through node by node on all three.
      cpus: Array.from({ length: cpusPerNode }, (_, k) => id * cpusPerNode + k),
    })),
    distances,
  });
}

function matrix(nodes: number, remote: (from: number, to: number) => number): number[][] {
  return Array.from({ length: nodes }, (_, from) =>
    Array.from({ length: nodes }, (__, to) => (from === to ? LOCAL_DISTANCE : remote(from, to))),
  );
}

/**
 * Distances of the 64-node Altix. Four nodes make a quad, four quads a rack:
 *
 *     within a quad                                   22
 *     within a rack, quads as corners of a square     26 along a side, 30 across
 *     between racks                                   30 from even quad to even quad or odd to odd, else 34
 *
 * which is the routers' hops at 4 each: quads of a rack are wired as a square, and a quad has its cable to the quads of
 * the same parity in the other racks.
 */
function altix64Distance(from: number, to: number): number {
  const quad = (from >> 2) ^ (to >> 2);
  if (quad === 0) return 22;
  const alongOne = quad & 1;
  const alongTwo = (quad >> 1) & 1;
  if (quad < 4) return 22 + 4 * (alongOne + alongTwo);
  return 30 + 4 * alongOne;
}

/** 8077312 kB but for the ends, and for the nodes that boot took one more page of. */
function altix64Kilobytes(): number[] {
  const kilobytes = Array<number>(64).fill(8077312);
  for (const node of [6, 14, 22, 29, 37, 45, 53, 61]) kilobytes[node] = 8077296;
  kilobytes[0] = 8064400;
  kilobytes[63] = 8054560;
  return kilobytes;
}

/** SGI Altix, 64 nodes, 256 Itanium cores, half a terabyte: the size of machine the series was written for. */
export const altix64: Topology = presetOf({
  name: 'altix64',
  kilobytes: altix64Kilobytes(),
  cpusPerNode: 4,
  distances: matrix(64, altix64Distance),
});

/** 16 Itanium 2 ("Madison") on 8 nodes, two groups of four. */
export const altix8: Topology = presetOf({
  name: 'altix8',
  kilobytes: [6045632, 6045696, 6045696, 6045696, 6045696, 6045632, 6045696, 6026944],
  cpusPerNode: 2,
  distances: matrix(8, (from, to) => (from >> 2 === to >> 2 ? 25 : 29)),
});

/** 8 Itanium cores on 2 nodes. */
export const altix2: Topology = presetOf({
  name: 'altix2',
  kilobytes: [16554432, 16777216],
  cpusPerNode: 4,
  distances: uniformDistances(2, 15),
});

/** By name, for the commands that take one. */
export const presets: Readonly<Record<string, Topology>> = Object.freeze({ altix2, altix8, altix64 });
