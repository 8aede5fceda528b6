/** The files of /proc/PID that the kernel can tell by itself; cmdline, cwd and the like are known to whoever runs the programs. */
import { EINVAL } from '@pmkit/mm-core/include/linux/errno';
import type { Task } from '@pmkit/mm-core';
import { maps } from './maps.js';
import { numaMaps } from './numa-maps.js';
import { smaps } from './smaps.js';
import { stat, statm } from './stat.js';
import { status } from './status.js';
import type { View } from './view.js';

/** proc_cpuset_show() of kernel/cpuset.c: a task that is exiting has none, and then reading fails. */
const cpuset: View<Task> = {
  summary: 'the path of its cpuset below /dev/cpuset',
  readError: (_k, task) => (task.cpuset === null ? -EINVAL : 0),
  text: (k, task) => (task.cpuset === null ? '' : `${k.cpuset_path(task.cpuset)}\n`),
};

/** By name below /proc/PID. */
export const PROC_PID_FILES = { cpuset, maps, numa_maps: numaMaps, smaps, stat, statm, status } as const satisfies Readonly<Record<string, View<Task>>>;
