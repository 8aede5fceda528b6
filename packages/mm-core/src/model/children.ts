/** What wait4() finds among a task's children: for the system call itself, and for the driver, which must know when it can go on. */
import { __WALL, __WCLONE, __WNOTHREAD, SIGCHLD, type Task } from '../include/linux/sched.js';
import type { Machine } from '../machine.js';

/** A child whose exit code can be had now; else whether there is one that may get there. */
interface ChildSearch { zombie: Task | null; any: boolean }

/** eligible_child(): whether `pid` means this child. A process group is a session here; a thread is waited for by nobody. */
function isEligible(task: Task, pid: number, options: number, child: Task): boolean {
  if (child.exit_signal === -1) return false;
  if (pid > 0 ? child.pid !== pid : pid !== -1 && child.session !== (pid === 0 ? task.session : -pid)) return false;
  return (options & __WALL) !== 0 || (child.exit_signal !== SIGCHLD) === ((options & __WCLONE) !== 0);
}

/** do_wait()'s walk over the children of `task` and of the other threads of its process. A leader is not done before its threads. */
export function searchChildren(m: Machine, task: Task, pid: number, options: number): ChildSearch {
  const search: ChildSearch = { zombie: null, any: false };
  const alone = task.signal.count === 1 || (options & __WNOTHREAD) !== 0;
  for (const parent of alone ? [task] : m.tasks.values()) {
    if (parent.signal !== task.signal) continue;
    for (const child of parent.children) {
      if (!isEligible(task, pid, options, child)) continue;
      search.any = true;
      if (child.state === 'Z' && child.signal.count === 1) {
        search.zombie = child;
        return search;
      }
    }
  }
  return search;
}
