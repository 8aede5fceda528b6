/** Patch 8: migrate_pages() and cpusets. */
import type { Task } from '@pmkit/mm-core';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Behaviour, Source } from '../behaviour.js';
import type { Lab } from '../lab.js';
import { beforeCall, move } from './common.js';
import { memoryWith, setPolicy } from './policy-scenes.js';

const changelog: Source = { from: 'changelog', at: '8/10, Ray Bryant, 22 June 2005: target and caller must be allowed to allocate on all new nodes' };
const code: Source = { from: 'code', at: '8/10, mm/mmigrate.c, sys_migrate_pages()' };
const cpusetCode: Source = { from: 'code', at: '8/10, kernel/cpuset.c, cpuset_mems_allowed()' };
const jackson: Source = { from: 'mail', at: 'Paul Jackson, May 2005, reviews of the -rc2 patch' };
const allocation: Source = { from: 'code', at: '2.6.12, mm/page_alloc.c: __alloc_pages() asks cpuset_zone_allowed() of the task that allocates' };

/** Writes to a file of a cpuset, as root's shell does. */
function write(lab: Lab, cpuset: string, file: string, text: string): void {
  const result = lab.enter(lab.k.m.init_task, 'cpuset_write', cpuset, file, text);
  if (result < 0) throw new Error(`echo ${text} > ${cpuset}/${file}: ${lab.result(result)}`);
}
/** A new cpuset with all CPUs and some nodes. */
function cpuset(lab: Lab, path: string, mems: string): void {
  lab.enter(lab.k.m.init_task, 'cpuset_mkdir', path);
  write(lab, path, 'cpus', '0-7');
  write(lab, path, 'mems', mems);
}
const attach = (lab: Lab, path: string, task: Task): void => write(lab, path, 'tasks', String(task.pid));

/** A job on node 1 with two pages; `setUp` gives cpusets to it. What the move to node 2 returns, and where the pages are. */
const moved = (setUp: (lab: Lab, job: Task) => void) => (lab: Lab): string => {
  const job = lab.job();
  const memory = lab.anonymous(job, 2);
  setUp(lab, job);
  return move(lab, job, [1], [2], memory);
};

const who: readonly Behaviour[] = [
  {
    id: 'cpuset-of-target',
    kind: 'claim',
    sentence: 'New nodes that the cpuset of the target does not have are refused.',
    sources: [changelog, code],
    patch: 8,
    scenario: moved((lab, job) => {
      cpuset(lab, '/job', '0-1');
      attach(lab, '/job', job);
    }),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N2=2', 8: '-EINVAL, N1=2' },
  },
  {
    id: 'cpuset-of-caller',
    kind: 'claim',
    sentence: 'New nodes that only the cpuset of the caller does not have are refused, in place of pages that land somewhere else.',
    sources: [changelog, code, allocation],
    patch: 8,
    scenario: moved(lab => {
      cpuset(lab, '/batch', '3');
      attach(lab, '/batch', lab.batchd);
      // a task takes its new cpuset over when it allocates
      lab.anonymous(lab.batchd, 1);
    }),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N3=2', 8: '-EINVAL, N1=2' },
  },
  {
    id: 'cpuset-of-both',
    kind: 'claim',
    sentence: 'When both cpusets have the new nodes the job is moved.',
    sources: [changelog],
    patch: 8,
    scenario: moved((lab, job) => {
      cpuset(lab, '/job', '1-2');
      attach(lab, '/job', job);
      cpuset(lab, '/batch', '2-3');
      attach(lab, '/batch', lab.batchd);
    }),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N2=2' },
  },
  {
    id: 'cpuset-old-nodes',
    kind: 'claim',
    sentence: 'Old nodes are not restricted: a job that was put into another cpuset is fetched from the nodes it may no longer use.',
    sources: [code, { from: 'code', at: '2.6.12, kernel/cpuset.c, attach_task(): the memory of a task that is attached stays where it is' }],
    patch: 8,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 2);
      cpuset(lab, '/job', '2-3');
      attach(lab, '/job', job);
      const before = lab.pages(memory);
      move(lab, job, [1], [2]);
      return `${before}, then ${lab.pages(memory)}`;
    },
    expect: { 0: 'N1=2, then N1=2', 4: 'N1=2, then N2=2' },
  },
  {
    id: 'cpuset-one-node-of-two',
    kind: 'claim',
    sentence: 'One new node that is not allowed refuses the whole call, also for pages that go elsewhere.',
    sources: [code, jackson],
    patch: 8,
    scenario: lab => {
      const job = lab.job();
      const memory = [lab.anonymous(job, 2), memoryWith(lab, job, 2, 2, MPOL_BIND, 0)];
      cpuset(lab, '/job', '0-2');
      attach(lab, '/job', job);
      return move(lab, job, [1, 0], [2, 3], ...memory);
    },
    expect: { 0: '-ENOSYS, N1=2, N0=2', 4: '4, N2=2, N3=2', 8: '-EINVAL, N1=2, N0=2' },
  },
  {
    id: 'cpuset-refused-changes-nothing',
    kind: 'claim',
    sentence: 'A call that is refused for the cpuset has changed no policy either.',
    sources: [code],
    patch: 8,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 2);
      setPolicy(lab, job, MPOL_BIND, 1);
      cpuset(lab, '/job', '0-1');
      attach(lab, '/job', job);
      move(lab, job, [1], [2]);
      return `${lab.pages(memory)}, ${lab.policy(job)}`;
    },
    expect: { 0: 'N1=2, bind=1', 4: 'N2=2, bind=1', 5: 'N2=2, bind=2', 8: 'N1=2, bind=1' },
  },
  {
    id: 'cpuset-refused-keeps-nothing',
    kind: 'claim',
    sentence: 'A call that is refused for the cpuset gives its references to the target and its memory back.',
    sources: [code],
    patch: 8,
    scenario: lab => {
      const job = lab.job();
      cpuset(lab, '/job', '0-1');
      attach(lab, '/job', job);
      const before = [job.usage, job.mm!.mm_users];
      const result = move(lab, job, [1], [2]);
      return `${result}, task +${job.usage - before[0]!}, mm +${job.mm!.mm_users - before[1]!}`;
    },
    expect: { 0: '-ENOSYS, task +0, mm +0', 4: '0, task +0, mm +0', 8: '-EINVAL, task +0, mm +0' },
  },
];

/** A job that has allocated by the nodes of its cpuset; then they are changed. Its own copy of them stays as it is until it allocates again. */
const rewritten = (mems: string, later: string) => (lab: Lab): string => {
  const job = lab.job();
  cpuset(lab, '/job', mems);
  attach(lab, '/job', job);
  const memory = lab.anonymous(job, 2);
  write(lab, '/job', 'mems', later);
  return move(lab, job, [1], [2], memory);
};

const copies: readonly Behaviour[] = [
  {
    id: 'cpuset-narrowed',
    kind: 'claim',
    sentence: 'What the target\'s cpuset allows now decides, though the target has not noticed yet that it lost the node.',
    sources: [cpusetCode, { from: 'deduced', at: '8/10: guarantee_online_mems() of task->cpuset, not task->mems_allowed' }],
    patch: 8,
    scenario: rewritten('1-2', '1'),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N2=2', 8: '-EINVAL, N1=2' },
  },
  {
    id: 'cpuset-widened',
    kind: 'claim',
    sentence: 'A node that the target\'s cpuset has been given is allowed at once.',
    sources: [cpusetCode, { from: 'deduced', at: '8/10: guarantee_online_mems() of task->cpuset, not task->mems_allowed' }],
    patch: 8,
    scenario: rewritten('1', '1-2'),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N2=2' },
  },
  {
    id: 'cpuset-copy-of-caller',
    kind: 'defect',
    sentence: 'The caller passes the test with its cpuset of now but allocates by its copy of before, and the pages land elsewhere.',
    sources: [
      { from: 'deduced', at: '8/10 and 2.6.12: alloc_pages_node() does not make current->mems_allowed fresh; a kmalloc() that needs a new slab would' },
      allocation,
    ],
    patch: 8,
    scenario: moved(lab => {
      cpuset(lab, '/batch', '3');
      attach(lab, '/batch', lab.batchd);
      lab.anonymous(lab.batchd, 1);
      write(lab, '/batch', 'mems', '2-3');
    }),
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N3=2' },
  },
  {
    id: 'cpusets-not-configured',
    kind: 'discrepancy',
    sentence: 'Without CONFIG_CPUSETS both tests are noops, as the text says; the code tests against all possible nodes, which new nodes are among.',
    sources: [
      { from: 'changelog', at: '8/10: "if cpusets are not configured both tests are noops"' },
      { from: 'code', at: '8/10, include/linux/cpuset.h: node_possible_map' },
      jackson,
    ],
    patch: 8,
    scenario: lab => {
      lab.boot({ machine: { config: { CONFIG_CPUSETS: false } } });
      const seen = moved(() => undefined)(lab);
      const allowed = lab.row('cpuset_mems_allowed')?.(lab.batchd) as Uint32Array | undefined;
      return `${seen}, ${allowed === undefined ? 'no test' : allowed.every(word => word === 0xffff_ffff) ? 'all allowed' : 'restricted'}`;
    },
    expect: { 0: '-ENOSYS, N1=2, no test', 4: '2, N2=2, no test', 8: '2, N2=2, all allowed' },
  },
];

const references: readonly Behaviour[] = [
  {
    id: 'task-held-during-call',
    kind: 'claim',
    sentence: 'The call holds a reference to the target while it works, and drops it at the end.',
    sources: [code],
    patch: 8,
    scenario: lab => {
      const job = lab.job();
      lab.anonymous(job, 2);
      const before = job.usage;
      let during = 'no migrate_vma()';
      beforeCall(lab, 'migrate_vma', () => (during = `during +${job.usage - before}, after`));
      move(lab, job, [1], [2]);
      return `${during} +${job.usage - before}`;
    },
    expect: { 0: 'no migrate_vma() +0', 4: 'during +0, after +0', 8: 'during +1, after +0' },
  },
];

export const cpusets: readonly Behaviour[] = [...who, ...copies, ...references];
