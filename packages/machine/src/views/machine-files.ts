/** The files of /proc that belong to no process. What is mounted is known to who mounts it: see ../console/files. */
import { kallsyms } from './kallsyms.js';
import { meminfo } from './meminfo.js';
import { SYSCTL_FILES } from './sysctl.js';
import { cmdline, cpuinfo, filesystems, kmsg, loadavg, machineStat, swaps, sysvipcShm, uptime, version } from './system.js';
import type { Views } from './view.js';
import { buddyinfo, vmstat, zoneinfo } from './zones.js';

/** By path below /proc. */
export const PROC_FILES = {
  buddyinfo, cmdline, cpuinfo, filesystems, kallsyms, kmsg, loadavg, meminfo, stat: machineStat, swaps, 'sysvipc/shm': sysvipcShm, uptime, version, vmstat,
  zoneinfo, ...SYSCTL_FILES,
} as const satisfies Views;
