/** What the series is for: a batch scheduler that moves jobs. The overview's background, and what it leaves to user space. */
import type { Task } from '@pmkit/mm-core';
import { formatList } from '@pmkit/mm-core/model/number-list';
import type { Behaviour, Source } from '../behaviour.js';
import { MIGRATE_PAGES, type BootOptions, type Lab, type Mapping } from '../lab.js';
import { fate, move } from './common.js';
import { mappingOf } from './policy-scenes.js';
import { program } from './selection.js';

const background = (what: string): Source => ({ from: 'overview', at: `background: ${what}` });
const rc1: Source = { from: 'mail', at: 'Ray Bryant, overview of -rc1, 5 April 2005: old and new nodes are disjoint, a library splits moves that overlap' };

/** Twelve nodes, so that a job can have nodes 5 to 8 and another place to go to. */
const TWELVE_NODES: BootOptions = { machine: { nodes: Array.from({ length: 12 }, (_, id) => ({ id, pages: 64, cpus: [id] })) }, swap: 32 };

/** The nodes of all pages of some mappings, ascending, with how many are there. */
function pagesByNode(lab: Lab, memory: readonly Mapping[]): readonly (readonly [node: number, pages: number])[] {
  const pages = new Map<number, number>();
  for (const mapping of memory) {
    for (let i = 0; i < mapping.pages; i++) {
      const node = lab.nodeOf(mapping, i);
      if (node >= 0) pages.set(node, (pages.get(node) ?? 0) + 1);
    }
  }
  return [...pages].sort(([a], [b]) => a - b);
}
/** `5-8`. */
const nodesOf = (lab: Lab, memory: readonly Mapping[]): string => formatList(pagesByNode(lab, memory).map(([node]) => node));
/** `N1=1 N2=1`, of all mappings together. */
const placement = (lab: Lab, memory: readonly Mapping[]): string => pagesByNode(lab, memory).map(([node, pages]) => `N${node}=${pages}`).join(' ');
/** A job with a process on each node, of four pages each. */
const startJob = (lab: Lab, comm: string, nodes: readonly number[]): Mapping[] => nodes.map(node => lab.anonymous(lab.job({ comm, node }), 4));

/** One page of a job on each of the first three nodes. */
function threeNodes(lab: Lab): { readonly job: Task; readonly memory: readonly Mapping[] } {
  const job = lab.job({ node: 0 });
  const memory = [0, 1, 2].map(node => {
    lab.k.set_cpus_allowed(job, [2 * node]);
    return lab.anonymous(job, 1);
  });
  return { job, memory };
}

const jobs: readonly Behaviour[] = [
  {
    id: 'normal-sequence-of-events',
    kind: 'claim',
    sentence: 'A job on nodes 5-8 is stopped, a more urgent one starts there, the first is moved to nodes that become free, and goes on.',
    sources: [background('the normal sequence of events')],
    patch: 4,
    scenario: lab => {
      lab.boot(TWELVE_NODES);
      const early = startJob(lab, 'early', [1, 2, 3, 4]);
      const job = startJob(lab, 'job', [5, 6, 7, 8]);
      const before = job.map(memory => lab.contents(memory));
      for (const { task } of job) lab.stop(task);
      const urgent = startJob(lab, 'urgent', [5, 6, 7, 8]);
      for (const { task } of early) lab.call(task, 'exit_group', 0);
      for (const { task } of job) lab.migrate(task, [5, 6, 7, 8], [1, 2, 3, 4]);
      for (const { task } of job) lab.cont(task);
      const running = job.filter((memory, i) => lab.contents(memory) === before[i] && lab.touch(memory) === 4);
      return `job on ${nodesOf(lab, job)}, urgent on ${nodesOf(lab, urgent)}, ${running.length} of 4 run`;
    },
    expect: { 0: 'job on 5-8, urgent on 5-8, 4 of 4 run', 4: 'job on 1-4, urgent on 5-8, 4 of 4 run' },
  },
  {
    id: 'moved-before-it-goes-on',
    kind: 'claim',
    sentence: 'A stopped job is moved without running: it makes no fault and no step until it is continued.',
    sources: [background('the processes of the suspended job are moved'), { from: 'overview', at: 'unresolved issues, (1): suspended before, continued afterwards' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      lab.stop(job);
      const faults = job.min_flt + job.maj_flt;
      const result = fate(lab, lab.batchd, lab.migrate(job, [1], [2]));
      return `${result}, ${lab.pages(memory)}, ${job.min_flt + job.maj_flt - faults} faults, state ${job.state}`;
    },
    expect: { 0: '-ENOSYS, N1=4, 0 faults, state T', 4: '4, N2=4, 0 faults, state T' },
  },
  {
    id: 'other-jobs-left-alone',
    kind: 'claim',
    sentence: 'Only the process that was named is moved: another process of the same job on the same node keeps its pages.',
    sources: [background('not all pages of all processes'), { from: 'mail', at: 'Dave Hansen, 22 June 2005, review of 4/10: the prototype, with one pid' }],
    patch: 4,
    scenario: lab => {
      const other = lab.anonymous(lab.job({ comm: 'other' }), 4);
      const job = lab.job();
      return `${move(lab, job, [1], [2], lab.anonymous(job, 4))}, other ${lab.pages(other)}`;
    },
    expect: { 0: '-ENOSYS, N1=4, other N1=4', 4: '4, N2=4, other N1=4' },
  },
  {
    id: 'no-automatic-migration',
    kind: 'claim',
    sentence: 'Nobody migrates by himself: a task that is put on another node, and uses its memory from there, finds it where it was.',
    sources: [background('automatic page migration is not proposed'), { from: 'deduced', at: '2.6.12: no caller of try_to_migrate_pages() but those the user asks for' }],
    patch: 0,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      lab.k.set_cpus_allowed(job, [6]);
      for (let second = 0; second < 3; second++) {
        lab.touch(memory);
        lab.enter(lab.batchd, 'msleep', 1000);
      }
      return `CPU on node ${lab.k.m.cpu_to_node[job.cpu]}, pages ${lab.pages(memory)}`;
    },
    expect: { 0: 'CPU on node 3, pages N1=4' },
  },
  {
    id: 'cpuset-attach-moves-nothing',
    kind: 'claim',
    sentence: 'A task that is attached to another cpuset takes no memory along; only what it asks for from then on is from the new nodes.',
    sources: [{ from: 'code', at: '2.6.12, kernel/cpuset.c, attach_task(); the gap that the series fills for a batch scheduler' }],
    patch: 0,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      for (const [call, ...args] of [
        ['cpuset_mkdir', '/batch'], ['cpuset_write', '/batch', 'cpus', '4-5'], ['cpuset_write', '/batch', 'mems', '2'], ['cpuset_write', '/batch', 'tasks', String(job.pid)],
      ] as const) lab.enter(lab.k.m.init_task, call, ...args);
      return `new memory ${lab.pages(lab.anonymous(job, 2))}, old ${lab.pages(memory)}`;
    },
    expect: { 0: 'new memory N2=2, old N1=4' },
  },
];

const programs: readonly Behaviour[] = [
  {
    id: 'static-program-moves-whole',
    kind: 'claim',
    sentence: 'A statically linked program moves with all it has: text, data, bss and stack. From patch 7 on its text is not taken along.',
    sources: [{ from: 'overview', at: 'description of patch 4: only useful for programs that are statically linked' }],
    patch: 4,
    scenario: lab => {
      const { job, data } = program(lab);
      const bss = { ...data, address: data.address + data.pages * lab.k.m.PAGE_SIZE };
      lab.touch(bss);
      const seen = move(lab, job, [1], [2]);
      const whole: Mapping[] = [];
      for (let vma = job.mm!.mmap; vma !== null; vma = vma.vm_next) whole.push(mappingOf(lab, job, vma));
      return `${seen}, whole ${placement(lab, whole)}`;
    },
    // two pages each of text, data and bss, and one of the stack
    expect: { 0: '-ENOSYS, whole N1=7', 4: '7, whole N2=7', 7: '5, whole N1=2 N2=5' },
  },
];

const overlapping: readonly Behaviour[] = [
  {
    id: 'overlapping-move-in-steps',
    kind: 'claim',
    sentence: 'A move by one node to the right is -EINVAL at once, since old and new nodes overlap; in steps, the last node first, it works.',
    sources: [rc1],
    patch: 4,
    scenario: lab => {
      const { job, memory } = threeNodes(lab);
      lab.stop(job);
      const atOnce = fate(lab, lab.batchd, lab.migrate(job, [0, 1, 2], [1, 2, 3]));
      for (const node of [2, 1, 0]) lab.migrate(job, [node], [node + 1]);
      return `${atOnce}, in steps ${placement(lab, memory)}`;
    },
    expect: { 0: '-ENOSYS, in steps N0=1 N1=1 N2=1', 4: '-EINVAL, in steps N1=1 N2=1 N3=1' },
  },
  {
    id: 'steps-in-wrong-order',
    kind: 'claim',
    sentence: 'The first node first is the wrong order: each step takes along what the one before has brought, and all ends on one node.',
    sources: [rc1, { from: 'deduced', at: '4/10: migrate_vma() goes by the node that a page is on now' }],
    patch: 4,
    scenario: lab => {
      const { job, memory } = threeNodes(lab);
      lab.stop(job);
      for (const node of [0, 1, 2]) lab.migrate(job, [node], [node + 1]);
      return placement(lab, memory);
    },
    expect: { 0: 'N0=1 N1=1 N2=1', 4: 'N3=3' },
  },
];

const number: readonly Behaviour[] = [
  {
    id: 'syscall-slots-around',
    kind: 'claim',
    sentence: 'Of the slots 1278, 1279 and 1280 only 1279 is taken; 1280, which mainline gave to migrate_pages() later, is beyond the table.',
    sources: [{ from: 'overview', at: 'unresolved issues, (2): no number is assigned yet' }, { from: 'code', at: 'ia64 2.6.12: 256 slots from 1024 on' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      lab.anonymous(job, 4);
      lab.stop(job);
      const nodes = (node: number): Uint32Array => Uint32Array.of(node);
      return [-1, 0, 1].map(slot => lab.result(lab.call(lab.batchd, MIGRATE_PAGES + slot, job.pid, 1, nodes(1), nodes(2)))).join(' ');
    },
    expect: { 0: '-ENOSYS -ENOSYS -ENOSYS', 4: '-ENOSYS 4 -ENOSYS' },
  },
];

export const scheduler: readonly Behaviour[] = [...jobs, ...programs, ...overlapping, ...number];
