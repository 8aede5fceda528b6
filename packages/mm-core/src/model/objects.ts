/** First values of objects that the kernel sets up field by field, and small conversions that C does not need. */
import type { File } from '../include/linux/fs.js';
import type { PageOrErr } from '../include/linux/misc.js';
import { first_node, MAX_NUMNODES, next_node, type NodeMask } from '../include/linux/nodemask.js';
import type { Rlimit } from '../include/linux/resource.js';
import type { FilesStruct, SighandStruct, SignalStruct } from '../include/linux/sched.js';
import { SIG_DFL, type Sigaction } from '../include/linux/signal.js';
import type { Page } from '../include/linux/types.js';
import type { WritebackControl } from '../include/linux/writeback.js';

/** A PageOrErr that is known to be a page or NULL. */
export const asPage = (value: PageOrErr): Page => value as Page;

/** The signal_struct of a process of one thread, with limits of its own. */
export const newSignal = (rlim: readonly Rlimit[]): SignalStruct =>
  ({ count: 1, live: 1, flags: 0, group_exit_code: 0, group_stop_count: 0, rlim: rlim.map(limit => ({ ...limit })) });
/** Actions of its own for a process: the default ones, or a copy of others. */
export const newSighand = (from?: SighandStruct): SighandStruct => ({ count: 1, action: new Map(from?.action) });
const DEFAULT_ACTION: Sigaction = { sa_handler: SIG_DFL, sa_flags: 0 };
/** sighand->action[sig - 1]. */
export const actionOf = ({ action }: SighandStruct, sig: number): Sigaction => action.get(sig) ?? DEFAULT_ACTION;
/** A table without open files. */
export const newFiles = (): FilesStruct => Object.assign(new Map<number, File>(), { count: 1 });

/** A writeback_control for all inodes and whole files, as most callers set it up. */
export const writebackControl = (sync_mode: WritebackControl['sync_mode'], nr_to_write: number): WritebackControl =>
  ({ bdi: null, sync_mode, nr_to_write, older_than_this: null, start: 0, end: 0 });

/** The node ids of a mask, ascending. */
export function nodeList(mask: NodeMask): number[] {
  const list: number[] = [];
  for (let node = first_node(mask); node < MAX_NUMNODES; node = next_node(node, mask)) list.push(node);
  return list;
}
