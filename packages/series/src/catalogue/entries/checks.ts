/** Patch 4: what migrate_pages() refuses, and in which order. */
import { injectError } from '@pmkit/linker';
import { BAD_POINTER, type Task } from '@pmkit/mm-core';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import type { Behaviour, Source } from '../behaviour.js';
import { MIGRATE_PAGES, type Lab } from '../lab.js';
import { move, sideBySide } from './common.js';

const hansen: Source = { from: 'mail', at: 'Dave Hansen, 22 June 2005, review of 4/10: quotes prototype, count check and node loop' };
const rc4: Source = { from: 'code', at: '4/10, reconstructed from the review and from -rc2 and -rc4 of the same patch' };

/** The system call by the batch scheduler, with arguments that a library would not pass. */
const raw = (lab: Lab, pid: number, count: number, old: unknown, fresh: unknown): string =>
  lab.result(lab.call(lab.batchd, MIGRATE_PAGES, pid, count, old, fresh));
/** A job with four pages on node 1. */
function fourPages(lab: Lab): Task {
  const job = lab.job();
  lab.anonymous(job, 4);
  return job;
}
const nodes = (...ids: number[]): Uint32Array => Uint32Array.from(ids);

const NO_SUCH_PID = 9999;

/** An entry about one refusal: at levels without the system call it is -ENOSYS like everything else. */
function refusal(id: string, errno: string, sentence: string, sources: readonly Source[], scenario: (lab: Lab) => string): Behaviour {
  return { id, kind: 'claim', sentence, sources, patch: 4, scenario, expect: { 0: '-ENOSYS', 4: errno } };
}

const refusals: readonly Behaviour[] = [
  refusal('count-zero', '-EINVAL', 'migrate_pages() of no nodes at all is -EINVAL.', [hansen],
    lab => raw(lab, fourPages(lab).pid, 0, nodes(1), nodes(2))),
  refusal('count-257', '-EINVAL', 'More pairs than MAX_NUMNODES, 256, are -EINVAL.', [hansen],
    lab => raw(lab, fourPages(lab).pid, MAX_NUMNODES + 1, new Uint32Array(MAX_NUMNODES + 1).fill(1), new Uint32Array(MAX_NUMNODES + 1).fill(2))),
  refusal('count-negative', '-EINVAL', 'The count is unsigned: -1 is a large one, and -EINVAL.', [hansen],
    lab => raw(lab, fourPages(lab).pid, -1, nodes(1), nodes(2))),
  refusal('count-256', '4', 'As many pairs as MAX_NUMNODES are legal.', [hansen],
    lab => raw(lab, fourPages(lab).pid, MAX_NUMNODES, new Uint32Array(MAX_NUMNODES).fill(1), new Uint32Array(MAX_NUMNODES).fill(2))),
  refusal('no-memory-for-arrays', '-ENOMEM', 'Without memory for any of its three arrays the call is -ENOMEM.', [rc4],
    lab => sideBySide([0, 1, 2].map(after => {
      const { pid } = fourPages(lab);
      const stop = injectError(lab.k, 'kmalloc', 0, { after });
      const result = raw(lab, pid, 1, nodes(1), nodes(2));
      stop();
      return result;
    }))),
  refusal('arrays-unreadable', '-EFAULT', 'An array of nodes that cannot be read, the old or the new one, is -EFAULT.', [rc4],
    lab => {
      const { pid } = fourPages(lab);
      return sideBySide([raw(lab, pid, 1, BAD_POINTER, nodes(2)), raw(lab, pid, 1, nodes(1), BAD_POINTER)]);
    }),
  refusal('array-too-short', '-EFAULT', 'An array that ends, with the caller\'s memory, before `count` entries is -EFAULT.', [rc4],
    lab => raw(lab, fourPages(lab).pid, 2, nodes(1, 0), nodes(2))),
  refusal('arrays-of-shorts', '-EINVAL', 'An entry has four bytes since -rc3: two shorts of a program for -rc2 are read as one node out of range.',
    [{ from: 'mail', at: 'Christoph Hellwig, May 2005, review of -rc2: __u32 in place of short; Dave Hansen, 22 June 2005' }],
    lab => {
      const shorts = (node: number): Uint32Array => new Uint32Array(Uint16Array.of(node, node, 0, 0).buffer);
      return raw(lab, fourPages(lab).pid, 2, shorts(1), shorts(2));
    }),
  refusal('old-node-256', '-EINVAL', 'An old node that no kernel can have is -EINVAL.', [hansen],
    lab => raw(lab, fourPages(lab).pid, 1, nodes(MAX_NUMNODES), nodes(2))),
  refusal('new-node-256', '-EINVAL', 'So is such a new node.', [hansen],
    lab => raw(lab, fourPages(lab).pid, 1, nodes(1), nodes(MAX_NUMNODES))),
  refusal('node-huge', '-EINVAL', 'The arrays are __u32 in user space and int in the kernel: 2^31 and more is negative, and -EINVAL.', [hansen],
    lab => {
      const { pid } = fourPages(lab);
      return sideBySide([raw(lab, pid, 1, nodes(0x8000_0000), nodes(2)), raw(lab, pid, 1, nodes(1), nodes(0xffff_ffff))]);
    }),
  refusal('new-node-offline', '-EINVAL', 'A new node must be online.', [hansen],
    lab => raw(lab, fourPages(lab).pid, 1, nodes(1), nodes(7))),
  refusal('old-node-offline', '4', 'An old node need not be online in -rc3; -rc4 asks for it.', [hansen, { from: 'code', at: '-rc4 4/11: nodes_invalid()' }],
    lab => raw(lab, fourPages(lab).pid, 2, nodes(1, 7), nodes(2, 2))),
  refusal('nodes-overlap', '-EINVAL', 'A node that is both old and new is -EINVAL: a set of moves that overlap is for a library to split.',
    [rc4, { from: 'mail', at: 'Ray Bryant, overview of -rc1, 5 April 2005, and Paul Jackson\'s review of -rc2' }],
    lab => raw(lab, fourPages(lab).pid, 2, nodes(1, 2), nodes(2, 3))),
  refusal('no-such-process', '-ESRCH', 'A process that does not exist is -ESRCH.', [rc4],
    lab => raw(lab, NO_SUCH_PID, 1, nodes(1), nodes(2))),
  refusal('pid-zero', '-ESRCH', 'pid 0 is not the caller but nobody; mainline made it the caller.', [{ from: 'deduced', at: '4/10: find_task_by_pid(0) finds nothing' }],
    lab => raw(lab, 0, 1, nodes(1), nodes(2))),
  refusal('kernel-thread', '-EINVAL', 'A kernel thread has no memory to move: -EINVAL.', [{ from: 'code', at: '8/10 and 9/10, context: mm is NULL' }],
    lab => raw(lab, [...lab.k.m.tasks.values()].find(task => task.mm === null && task.pid !== 0)!.pid, 1, nodes(1), nodes(2))),
  refusal('zombie', '-EINVAL', 'A zombie has none either: -EINVAL.', [{ from: 'code', at: '8/10 and 9/10, context: mm is NULL' }],
    lab => {
      const shell = lab.job({ comm: 'shell' });
      const job = lab.job({ parent: shell });
      lab.call(job, 'exit', 0);
      return job.state === 'Z' ? raw(lab, job.pid, 1, nodes(1), nodes(2)) : `state ${job.state}`;
    }),
];

export const checks: readonly Behaviour[] = [
  ...refusals,
  {
    id: 'order-of-checks',
    kind: 'claim',
    sentence: 'The checks come in the order count, memory, arrays, nodes, process: a call with everything wrong is refused for one after the other.',
    sources: [hansen, rc4, { from: 'deduced', at: 'where the three allocations stand: as in -rc4; of -rc3 it is not certain' }],
    patch: 4,
    scenario: lab => {
      const stop = injectError(lab.k, 'kmalloc', 0);
      const seen = [raw(lab, NO_SUCH_PID, 0, BAD_POINTER, BAD_POINTER), raw(lab, NO_SUCH_PID, 1, BAD_POINTER, BAD_POINTER)];
      stop();
      seen.push(raw(lab, NO_SUCH_PID, 1, nodes(MAX_NUMNODES), BAD_POINTER));
      seen.push(raw(lab, NO_SUCH_PID, 1, nodes(MAX_NUMNODES), nodes(2)));
      seen.push(raw(lab, NO_SUCH_PID, 1, nodes(1), nodes(2)));
      return sideBySide(seen);
    },
    expect: { 0: '-ENOSYS', 4: '-EINVAL -ENOMEM -EFAULT -EINVAL -ESRCH' },
  },
  {
    id: 'order-nodes-before-process',
    kind: 'claim',
    sentence: 'An overlap of old and new nodes is found before the process is looked for, and that before its memory.',
    sources: [rc4],
    patch: 4,
    scenario: lab => {
      const kthread = [...lab.k.m.tasks.values()].find(task => task.mm === null && task.pid !== 0)!;
      return sideBySide([raw(lab, NO_SUCH_PID, 1, nodes(1), nodes(1)), raw(lab, NO_SUCH_PID, 1, nodes(1), nodes(2)), raw(lab, kthread.pid, 1, nodes(1), nodes(2))]);
    },
    expect: { 0: '-ENOSYS', 4: '-EINVAL -ESRCH -EINVAL' },
  },
  {
    id: 'refused-call-moves-nothing',
    kind: 'claim',
    sentence: 'A call whose nodes are refused has moved nothing, also when its first pair is a good one.',
    sources: [rc4],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      return move(lab, job, [1, 0], [2, 7], lab.anonymous(job, 4));
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '-EINVAL, N1=4' },
  },
  {
    id: 'without-memory-migrate',
    kind: 'claim',
    sentence: 'A kernel without CONFIG_MEMORY_MIGRATE has the slot but not the call, at every level.',
    sources: [{ from: 'overview', at: 'turn on CONFIG_MEMORY_MIGRATE' }, { from: 'mail', at: 'Christoph Hellwig, May 2005, review of -rc2: cond_syscall()' },
      { from: 'deduced', at: 'that -rc3 has it already: -rc4 has' }],
    patch: 4,
    scenario: lab => {
      lab.boot({ machine: { config: { CONFIG_MEMORY_MIGRATE: false } } });
      return raw(lab, fourPages(lab).pid, 1, nodes(1), nodes(2));
    },
    expect: { 0: '-ENOSYS' },
  },
];
