/** Large machines: that they boot, that a large job moves, and the memory that they take. */
import type { MachineConfig } from '@pmkit/mm-core';
import { bootAt } from '@pmkit/series/levels';
import { range, Rig, roomFor, shuttle, uniform } from '../machines.js';
import { BYTES_A_PAGE, migrateAnonymous, TRAFFIC_OF_ANONYMOUS } from '../rooflines/migrate.js';
import { subjectsOf, type Bytes, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** 64 nodes, 512 GB. */
async function altix(): Promise<MachineConfig> {
  const { altix64, machineConfig } = await import('@pmkit/machine');
  return machineConfig(altix64);
}

/** Words a frame of the buffers that boot makes: nine columns, and tables with four entries a frame. */
const BUFFERS = [9, 4] as const;
/** Frames of the largest block of the buddy system, MAX_ORDER 18. */
const BLOCK = 2 ** 17;

/** Buffers as large as those of the machine, and in each column a store for each free block. */
function floorOf({ nodes }: MachineConfig): () => void {
  const frames = nodes.reduce((sum, { pages }) => sum + pages, 0);
  return () => {
    for (const words of BUFFERS) {
      const column = new Uint32Array(frames * words);
      for (let at = 0; at < column.length; at += BLOCK) column[at] = 1;
    }
  };
}

function boot({ level }: Environment, config: MachineConfig): Prepared {
  return {
    operation: () => {
      bootAt(level, config);
      return 1;
    },
    roofline: floorOf(config),
  };
}
const BOOT_ROOFLINE = 'buffers of the same size; a store for each block of 2^17 frames';

const bootAltix: SubjectText = {
  name: 'boot-altix', title: 'Boot of the 64-node Altix with 512 GB, the first in a process: the kernel is linked too', unit: 'boot', shown: 'time', kernels: false, cold: true,
  size: { of: 'machines', full: 1, quick: 1 }, samples: 5, goals: [{ of: 'ms', limit: 1000 }], roofline: BOOT_ROOFLINE, prepare: async environment => boot(environment, await altix()),
};

/** Frames of every node of a machine of which only the number of nodes changes. */
const NODE_PAGES = 4096;
const bootNodes: SubjectText = {
  name: 'boot-nodes', title: 'Boot', unit: 'boot', shown: 'time', kernels: false, onlyInCurves: true, size: { of: 'nodes', full: 64, quick: 2 }, roofline: BOOT_ROOFLINE,
  prepare: environment => boot(environment, uniform(environment.size, NODE_PAGES)),
};

/** 14 of the 64 nodes hold the job. */
async function altixJob(environment: Environment): Promise<Prepared> {
  const pages = environment.size;
  const rig = new Rig(environment, await altix(), pages);
  const { m } = rig.k;
  const job = rig.job(m.cpus.find(cpu => m.cpu_to_node[cpu] === 5));
  rig.interleave(job, range(5, 14));
  rig.touch(job, rig.map(job, pages), pages);
  rig.stop(job);
  return { operation: shuttle(range(5, 14), range(24, 14), (from, to) => rig.migrate(job, from, to, pages)), roofline: migrateAnonymous(pages) };
}

const migrateAltixJob: SubjectText = {
  name: 'altix-job', title: 'A job of 100 GB moves to other nodes of the 64-node Altix, which nobody has used before', unit: 'page', shown: 'time', kernels: true, cold: true,
  size: { of: 'pages of the job', full: 6_553_600, quick: 10_000 }, samples: 2, memory: pages => pages * BYTES_A_PAGE,
  goals: [{ of: 'ms', limit: 4000 }], roofline: TRAFFIC_OF_ANONYMOUS, prepare: altixJob,
};

/** 1.5 TB in 17 nodes: more frame numbers than a page-table entry has room for, if each node had a power of two of them. */
const HUGE_NODES = 17;
const HUGE_NODE_PAGES = Math.ceil(1e8 / HUGE_NODES);
const HUGE_BYTES = 8 * 2 ** 30;

function hugeMachine(environment: Environment): Prepared {
  const pages = environment.size;
  return {
    operation: () => {
      const rig = new Rig(environment, uniform(HUGE_NODES, HUGE_NODE_PAGES), pages);
      const job = rig.job();
      rig.interleave(job, range(0, 8));
      rig.touch(job, rig.map(job, pages), pages);
      rig.stop(job);
      return rig.migrate(job, range(0, 8), range(8, 8), pages);
    },
  };
}

const migrateOnHugeMachine: SubjectText = {
  name: 'huge-machine', title: '1.5 TB in 17 nodes, 100 million frames: booted, a job of 64 GB touched and moved', unit: 'page', shown: 'time', kernels: true, cold: true,
  size: { of: 'pages of the job', full: 4_000_000, quick: 10_000 }, samples: 1, memory: () => HUGE_BYTES, goals: [{ of: 'rss', limit: HUGE_BYTES }], prepare: hugeMachine,
};

/** Memory of the process, in use and reserved for buffers. */
const memory = (): { resident: number; reserved: number } => {
  globalThis.gc?.();
  const { rss, arrayBuffers } = process.memoryUsage();
  return { resident: rss, reserved: arrayBuffers };
};

/** Frames of the machine on which V8 gets to know the code, which takes memory too. */
const WARM_FRAMES = 50_000;

/** A machine whose memory is all in use, by one job. */
function full(environment: Environment, frames: number): Rig {
  const rig = new Rig(environment, uniform(1, roomFor(frames)));
  const job = rig.job();
  rig.touch(job, rig.map(job, frames), frames);
  return rig;
}
function bytesAFrame(environment: Environment): Prepared {
  const frames = environment.size;
  full(environment, WARM_FRAMES);
  const before = memory();
  let rig: Rig | undefined;
  return {
    operation: () => {
      rig = full(environment, frames);
      return frames;
    },
    bytes: (): Bytes => {
      const after = memory();
      const all = rig!.k.m.totalram_pages;
      return { reserved: (after.reserved - before.reserved) / all, resident: (after.resident - before.resident) / all };
    },
  };
}

const bytesPerFrame: SubjectText = {
  name: 'bytes-per-frame', title: 'Memory a frame when all frames are in use (boot, map, first touch)', unit: 'page', shown: 'rate', kernels: true, cold: true,
  size: { of: 'frames', full: 4_000_000, quick: 20_000 }, samples: 1, goals: [{ of: 'bytes', limit: 48 }], prepare: bytesAFrame,
};

export const subjects = subjectsOf(import.meta.url, [bootAltix, migrateAltixJob, migrateOnHugeMachine, bytesPerFrame, bootNodes]);
