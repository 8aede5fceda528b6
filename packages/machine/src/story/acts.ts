/**
 * What the batch system and others do around the move, so that each patch of the series has something to say: the job is in a cpuset and its
 * processes have policies, its read-only table is to move with it, and a stranger tries the call too.
 */
import { O_RDONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { spawn, syscall, type Task } from '@pmkit/mm-core';
import { policyText } from '@pmkit/series/catalogue';
import type { AnyKernel } from '@pmkit/series/levels';
import { TABLE_FILE } from './files.js';
import type { Plan } from './plan.js';
import { must } from './must.js';

const MPOL_MF_DO_MMIGRATE = 1 << 2;
const MIGRATE_PAGES = 1279;
const STRANGER_UID = 2000;
const CPUSET = '/job';

/** Results of the calls around the move: pages, 0 or -errno. */
export interface Acts {
  /** mbind(…, MPOL_MF_DO_MMIGRATE) of the read-only table by the batch scheduler. */
  readonly mark: number;
  /** migrate_pages() of a process of the urgent job by a user who has nothing to do with it. */
  readonly stranger: number;
  /** migrate_pages() of the first process while its cpuset still has the old nodes. */
  readonly early: number;
}

/** The policy of a process of the job: half interleave over its nodes, half prefer their own. */
export function setPolicy(k: AnyKernel, task: Task, plan: Plan, rank: number): void {
  const mask = rank % 2 === 0 ? nodemask_of(...plan.from) : nodemask_of(plan.from[rank % plan.from.length]!);
  must(k, task, 'set_mempolicy', rank % 2 === 0 ? MPOL_INTERLEAVE : MPOL_PREFERRED, mask, 257);
}

/** Policies of the processes, in their order. */
export const policiesOf = (tasks: readonly Task[]): string[] => tasks.map(task => policyText(task.mempolicy));

/** echo text > /dev/cpuset/job/file, by the batch scheduler. @throws {Error} with the errno when the kernel refuses. */
function echo(k: AnyKernel, scheduler: Task, file: string, text: string): void {
  const { current } = k.m;
  k.m.current = scheduler;
  const result = k.cpuset_write(CPUSET, file, text);
  k.m.current = current;
  if (result < 0) throw new Error(`/dev/cpuset${CPUSET}/${file}: writing ${text.trim()} returned ${result}`);
}

/** The job's cpuset has these nodes and their CPUs from now on. */
function moveCpuset(k: AnyKernel, scheduler: Task, nodes: readonly number[]): void {
  const { m } = k;
  echo(k, scheduler, 'cpus', formatList(m.cpus.filter(cpu => nodes.includes(m.cpu_to_node[cpu]!))));
  echo(k, scheduler, 'mems', formatList([...nodes].sort((a, b) => a - b)));
}

/** Puts the job into a cpuset of its nodes. It has its memory already: a cpuset only says where more comes from. */
export function confine(k: AnyKernel, scheduler: Task, tasks: readonly Task[], plan: Plan): void {
  k.cpuset_mkdir(CPUSET);
  moveCpuset(k, scheduler, plan.from);
  for (const task of tasks) echo(k, scheduler, 'tasks', `${task.pid}\n`);
}

/** The user-level library's part of the overview: open the file, map it, mark it, unmap it. */
function markTable(k: AnyKernel, scheduler: Task): number {
  const fd = must(k, scheduler, 'open', TABLE_FILE, O_RDONLY, 0);
  const address = must(k, scheduler, 'mmap', 0, k.m.PAGE_SIZE, 1, 1, fd, 0);
  const result = syscall(k, scheduler, 'mbind', address, k.m.PAGE_SIZE, 0, null, 0, MPOL_MF_DO_MMIGRATE);
  must(k, scheduler, 'munmap', address, k.m.PAGE_SIZE);
  must(k, scheduler, 'close', fd);
  return result;
}

/** What happens before the job is moved; afterwards its cpuset has the new nodes. */
export function prepareMove(k: AnyKernel, scheduler: Task, tasks: readonly Task[], urgent: readonly Task[], plan: Plan): Acts {
  const mark = markTable(k, scheduler);
  const stranger = syscall(
    k, spawn(k, { comm: 'stranger', uid: STRANGER_UID, cpu: scheduler.cpu }), MIGRATE_PAGES, urgent[0]!.pid, 1, Uint32Array.of(plan.from[0]!), Uint32Array.of(plan.scheduler === plan.from[0] ? plan.to[0]! : plan.scheduler),
  );
  const early = migrate(k, scheduler, tasks[0]!, plan);
  moveCpuset(k, scheduler, plan.to);
  return { mark, stranger, early };
}

/** migrate_pages() of one process, from the plan's old nodes to its new ones. */
export const migrate = (k: AnyKernel, scheduler: Task, task: Task, plan: Plan): number =>
  syscall(k, scheduler, MIGRATE_PAGES, task.pid, plan.from.length, Uint32Array.from(plan.from), Uint32Array.from(plan.to));
