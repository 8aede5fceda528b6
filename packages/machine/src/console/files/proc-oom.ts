/** /proc/PID/oom_adj and oom_score (fs/proc/base.c of 2.6.12): what the OOM killer thinks of a process, and what one asks it to think. */
import { EINVAL, EIO, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { CAP_SYS_RESOURCE, OOM_DISABLE } from '@pmkit/mm-core/include/linux/sched';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import type { SpecialFile } from './node.js';
import { capable } from './permission.js';
import { textFile, type Device, type Owner } from './virtual.js';

/** Bytes of what is written that are looked at: PROC_NUMBUF less a NUL. */
const NUMBER_LENGTH = 9;
const OOM_ADJUST_MIN = -16;
const OOM_ADJUST_MAX = 15;

/** oom_adjust_write(): simple_strtol() of the text, with an end of line behind it. */
function adjust(writer: Task, task: Task, text: string): number {
  if (!capable(writer, CAP_SYS_RESOURCE)) return -EPERM;
  const match = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)\n?/.exec(text.slice(0, NUMBER_LENGTH));
  const value = match === null ? 0 : (match[1] === '-' ? -1 : 1) * numberOf(match[2]!);
  if ((value < OOM_ADJUST_MIN || value > OOM_ADJUST_MAX) && value !== OOM_DISABLE) return -EINVAL;
  task.oomkilladj = value;
  return match?.[0].length ?? -EIO;
}
const numberOf = (digits: string): number => Number.parseInt(digits, /^0[xX]/.test(digits) ? 16 : digits.startsWith('0') ? 8 : 10);

/** By name below /proc/PID. */
export const oomFiles = (k: AnyKernel, task: Task, device: Device, path: string, owner: Owner): Readonly<Record<string, SpecialFile>> => ({
  oom_adj: textFile(device, `${path}/oom_adj`, {
    mode: 0o644, owner, text: () => `${task.oomkilladj}\n`, write: (p, data) => adjust(p.task, task, new TextDecoder().decode(data)),
  }),
  oom_score: textFile(device, `${path}/oom_score`, { mode: 0o444, owner, text: () => `${k.badness(task)}\n`, write: () => -EINVAL }),
});
