/**
 * Who may do what to a node: generic_permission(), may_delete() and check_sticky() of fs/namei.c (2.6.12) for what has no inode in the
 * kernel model. Inodes that are opened go through permission() of the kernel itself.
 */
import { EACCES, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { MAY_EXEC, MAY_READ, MAY_WRITE } from '@pmkit/mm-core/include/linux/fs';
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, type Task } from '@pmkit/mm-core/include/linux/sched';
import type { Attributes, Directory, Node } from './node.js';

const S_ISVTX = 0o1000;

export const capable = (task: Task, capability: number): boolean => (task.cap_effective & (1 << capability)) !== 0;

/** 0, or -EACCES. `mask` of MAY_READ, MAY_WRITE, MAY_EXEC; a directory is searched with MAY_EXEC. */
export function permission(task: Task, { type }: Pick<Node, 'type'>, { mode, uid, gid }: Attributes, mask: number): number {
  const shift = task.fsuid === uid ? 6 : task.egid === gid || task.groups.includes(gid) ? 3 : 0;
  if (((mode >> shift) & mask) === mask) return 0;
  const executable = (mode & 0o111) !== 0 || type === 'directory';
  if (((mask & MAY_EXEC) === 0 || executable) && capable(task, CAP_DAC_OVERRIDE)) return 0;
  const reads = mask === MAY_READ || (type === 'directory' && (mask & MAY_WRITE) === 0);
  return reads && capable(task, CAP_DAC_READ_SEARCH) ? 0 : -EACCES;
}

/** Whether names may be made in or taken from a directory. */
export const mayChange = (task: Task, directory: Directory): number => permission(task, directory, directory.attributes(), MAY_WRITE | MAY_EXEC);

/** Whether a name may be taken away: in a directory with the sticky bit only by the owner of it or of the file. 0 or a negative errno. */
export function mayDelete(task: Task, directory: Directory, victim: Node): number {
  const error = mayChange(task, directory);
  if (error !== 0) return error;
  const { mode, uid } = directory.attributes();
  const sticky = (mode & S_ISVTX) !== 0 && uid !== task.fsuid && victim.attributes().uid !== task.fsuid;
  return sticky && !capable(task, CAP_FOWNER) ? -EPERM : 0;
}

/** inode_change_ok(): only the owner changes modes and times. 0 or -EPERM. */
export const mayOwn = (task: Task, { uid }: Attributes): number => (task.fsuid === uid || capable(task, CAP_FOWNER) ? 0 : -EPERM);
