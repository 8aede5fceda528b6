/** Moving the pages of a stopped job to another node and back, by migrate_pages(). */
import { syscall } from '@pmkit/mm-core';
import { __NR_migrate_pages } from '@pmkit/p04-sys-migrate-pages';
import { MAP_SHARED, must, PROT_READ_WRITE, Rig, roomFor, shuttle, uniform } from '../machines.js';
import { BYTES_A_PAGE, migrateAnonymous, migrateFile, TRAFFIC_OF_ANONYMOUS } from '../rooflines/migrate.js';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

function anonymous(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(pages)), pages);
  const job = rig.job();
  rig.touch(job, rig.map(job, pages), pages);
  rig.stop(job);
  return { operation: shuttle([0], [1], (from, to) => rig.migrate(job, from, to, pages)), roofline: migrateAnonymous(pages) };
}

const migrateAnonymousMemory: SubjectText = {
  name: 'migrate-anonymous', title: 'Migration of anonymous memory', unit: 'page', shown: 'rate', kernels: true,
  size: { of: 'pages of the job', full: 250_000, quick: 2000 }, memory: pages => pages * BYTES_A_PAGE, amongLevelsFrom: 4,
  goals: [{ of: 'rate', limit: 3e6 }, { of: 'percent', limit: 30 }], roofline: TRAFFIC_OF_ANONYMOUS, prepare: anonymous,
};

/** Processes that map each page of the shared job. */
const SHARERS = 16;

/** A job that forked after it touched its memory: every page is mapped by all of its processes. */
function shared(environment: Environment): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(pages) + SHARERS * 64), pages);
  const job = rig.job();
  rig.touch(job, rig.map(job, pages), pages);
  for (let child = 1; child < SHARERS; child++) rig.stop(rig.k.m.tasks.get(must(rig.k, job, 'fork'))!);
  rig.stop(job);
  return { operation: shuttle([0], [1], (from, to) => rig.migrate(job, from, to, pages)), roofline: migrateAnonymous(pages, SHARERS) };
}

const migrateSharedMemory: SubjectText = {
  name: 'migrate-shared', title: `Migration of anonymous memory that ${SHARERS} processes share since fork()`, unit: 'page', shown: 'rate', kernels: true,
  size: { of: 'pages of the job', full: 32_768, quick: 500 }, roofline: `as above, with ${SHARERS} ptes a page`, prepare: shared,
};

/** A file on xfs that is written, so that its pages have buffers, and mapped shared and writable, so that it is selected. */
function file(environment: Environment, buffers: number): Prepared {
  const pages = environment.size;
  const rig = new Rig(environment, uniform(2, roomFor(pages * 2)));
  const { k } = rig;
  const { PAGE_SIZE } = k.m;
  const sb = k.new_super_block('xfs', '/data', k.add_disk('sdb', 8, 16, 1), PAGE_SIZE / buffers);
  k.new_inode(sb, '/data/file', pages * PAGE_SIZE, 0o666);
  const job = rig.job();
  const fd = must(k, job, 'open', '/data/file', 2, 0);
  must(k, job, 'write', fd, pages * PAGE_SIZE);
  rig.touch(job, must(k, job, 'mmap', 0, pages * PAGE_SIZE, PROT_READ_WRITE, MAP_SHARED, fd, 0), pages);
  rig.stop(job);
  return { operation: shuttle([0], [1], (from, to) => rig.migrate(job, from, to, pages)), roofline: migrateFile(pages, buffers) };
}

const fileSubject = (name: string, buffers: number): SubjectText => ({
  name, title: `Migration of dirty file pages on xfs, ${buffers === 1 ? 'a buffer' : `${buffers} buffers`} each`, unit: 'page', shown: 'rate', kernels: true,
  size: { of: 'pages of the file', full: 100_000, quick: 1000 }, goals: [{ of: 'rate', limit: 1.5e6 }],
  roofline: `pte 1 load, 2 stores; page cache 1 load, 1 store; a buffer 4 loads, 3 stores; old page 7 loads, 9 stores; new page 2 loads, 13 stores; neighbours on lists`,
  prepare: environment => file(environment, buffers),
});
/** migrate_pages() of a process that has nothing to move: what a call costs. */
function emptyCalls(environment: Environment): Prepared {
  const rig = new Rig(environment, uniform(2, roomFor(64)));
  const job = rig.job();
  rig.touch(job, rig.map(job, 1), 1);
  rig.stop(job);
  const [old, fresh] = [Uint32Array.of(1), Uint32Array.of(0)];
  return {
    operation: () => {
      for (let call = 0; call < environment.size; call++) if (syscall(rig.k, rig.scheduler, __NR_migrate_pages, job.pid, 1, old, fresh) !== 0) throw new Error('migrate_pages() has moved something');
      return environment.size;
    },
  };
}
const migrateNothing: SubjectText = {
  name: 'migrate-nothing', title: 'migrate_pages() of a process without pages on these nodes', unit: 'call', shown: 'rate', kernels: true,
  size: { of: 'calls', full: 20_000, quick: 200 }, prepare: emptyCalls,
};

export const subjects = subjectsOf(import.meta.url, [migrateAnonymousMemory, fileSubject('migrate-file', 1), fileSubject('migrate-file-blocks', 4), migrateSharedMemory, migrateNothing]);
