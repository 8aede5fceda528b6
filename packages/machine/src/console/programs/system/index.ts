/** The programs every Unix machine has: processes, users, time, memory, disks. */
import type { Program } from '../../program.js';
import { date } from './date.js';
import { dd } from './dd.js';
import { dmesg } from './dmesg.js';
import { ipcrm, ipcs } from './ipc.js';
import { kill, pgrep, pidof, pkill } from './kill.js';
import { killall } from './killall.js';
import { free, vmstat } from './memory.js';
import { mkfsPrograms, mount, umount } from './mount.js';
import { getconf, hostname, id, nproc, sync, uname, whoami } from './names.js';
import { ps } from './ps.js';
import { nice, nohup, renice, runuser, setsid, su } from './run-as.js';
import { mkswap, swapoff, swapon } from './swap.js';
import { sysctl } from './sysctl.js';
import { taskset } from './taskset.js';
import { sleep, timeout, uptime } from './time.js';
import { top } from './top.js';

export const systemPrograms: readonly Program[] = [
  date, dd, dmesg, free, getconf, hostname, id, ipcrm, ipcs, kill, killall, ...mkfsPrograms, mkswap, mount, nice, nohup, nproc, pgrep, pidof, pkill, ps, renice, runuser, setsid, sleep, su, swapoff, swapon, sync, sysctl,
  taskset, timeout, top, umount, uname, uptime, vmstat, whoami,
];
