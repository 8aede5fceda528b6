/** Migration by what grows besides the pages: nodes, processes, vmas. */
import { PROT_READ_WRITE, range, Rig, roomFor, shuttle, uniform } from '../machines.js';
import { PROT_EXEC } from '@pmkit/mm-core/include/asm-ia64/mman';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** A machine of `size` nodes, on half of which the job lies; it is as large on every machine. */
const JOB_ON_NODES = 32_768;
function onNodes(environment: Environment): Prepared {
  const half = environment.size / 2;
  const rig = new Rig(environment, uniform(environment.size, roomFor(Math.ceil(JOB_ON_NODES / half))), JOB_ON_NODES);
  const job = rig.job();
  rig.interleave(job, range(0, half));
  rig.touch(job, rig.map(job, JOB_ON_NODES), JOB_ON_NODES);
  rig.stop(job);
  return { operation: shuttle(range(0, half), range(half, half), (from, to) => rig.migrate(job, from, to, JOB_ON_NODES)) };
}
const migrateOnNodes: SubjectText = {
  name: 'migrate-nodes', title: 'Migration from one half of the nodes to the other', unit: 'page', shown: 'rate', kernels: true, onlyInCurves: true,
  size: { of: 'nodes', full: 64, quick: 4 }, prepare: onNodes,
};

/** `size` processes, moved one after the other. */
const PAGES_A_PROCESS = 8;
function processes(environment: Environment): Prepared {
  const count = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(count * (PAGES_A_PROCESS + 8))), count * PAGES_A_PROCESS);
  const jobs = range(0, count).map(() => rig.job());
  for (const job of jobs) {
    rig.touch(job, rig.map(job, PAGES_A_PROCESS), PAGES_A_PROCESS);
    rig.stop(job);
  }
  return {
    operation: shuttle([0], [1], (from, to) => {
      for (const job of jobs) rig.migrate(job, from, to, PAGES_A_PROCESS);
      return count;
    }),
  };
}
const migrateProcesses: SubjectText = {
  name: 'migrate-processes', title: `Migration of many processes of ${PAGES_A_PROCESS} pages`, unit: 'process', shown: 'rate', kernels: true, onlyInCurves: true,
  size: { of: 'processes', full: 1000, quick: 10 }, prepare: processes,
};

/**
 * A process of `size` vmas of a page each. Side by side they differ in their rights, or they would be one; with holes between them they are alike.
 * @param apart pages from one to the next
 */
function vmas(environment: Environment, apart: 1 | 2): Prepared {
  const count = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(count)), count);
  const { PAGE_SIZE } = rig.k.m;
  const job = rig.job();
  const first = rig.map(job, count * apart);
  rig.unmap(job, first, count * apart);
  for (const i of range(0, count)) {
    const prot = apart === 1 && i % 2 === 1 ? PROT_READ_WRITE | PROT_EXEC : PROT_READ_WRITE;
    rig.touch(job, rig.map(job, 1, { prot, at: first + i * apart * PAGE_SIZE }), 1);
  }
  if (job.mm?.map_count !== count) throw new Error(`the job has ${job.mm?.map_count ?? 0} vmas, expected ${count}`);
  rig.stop(job);
  return { operation: shuttle([0], [1], (from, to) => rig.migrate(job, from, to, count)) };
}
const vmaSubject = (name: string, where: string, apart: 1 | 2): SubjectText => ({
  name, title: `Migration of a process of many vmas of one page, ${where}`, unit: 'vma', shown: 'rate', kernels: true, onlyInCurves: true,
  size: { of: 'vmas', full: 1000, quick: 10 }, prepare: environment => vmas(environment, apart),
});

export const subjects = subjectsOf(import.meta.url, [
  migrateOnNodes, migrateProcesses, vmaSubject('migrate-vmas', 'with holes between them', 2), vmaSubject('migrate-adjacent-vmas', 'side by side', 1),
]);
