/**
 * Files of /proc about the machine and its devices: kmsg, swaps, filesystems, cpuinfo, stat, uptime, loadavg, version, cmdline, sysvipc/shm.
 *
 * Simulated time passes only while everybody waits or says that he computes, so CPUs are shown as idle all the time; interrupts, context
 * switches and load averages are not counted (0).
 */
import { SWP_USED } from '@pmkit/mm-core/include/linux/swap';
import { SEQ_MULTIPLIER, SHM_DEST, SHM_LOCKED } from '@pmkit/mm-core/include/linux/shm';
import type { Machine } from '@pmkit/mm-core';
import { BOOT_TIME } from './clock.js';
import { banner } from './release.js';
import { clockTicks } from './stat.js';
import { stateLetter } from './status.js';
import { escapePath, kB, type View } from './view.js';

/** Blanks, tabs, ends of line and backslashes, which would break a line of fields. */
const BLANKS = ' \t\n\\';

/** fs/proc/kmsg.c. Reading it does not take the messages out, nor wait for more, as the real one does. */
export const kmsg: View = {
  summary: 'the kernel log, each line with its level',
  mode: 0o400,
  text: ({ m }) => m.log.map(({ level, text }) => `<${level}>${text}\n`).join(''),
};

/** swap_show() of mm/swapfile.c: the heading belongs to area 0, so without that area there is none. */
export const swaps: View = {
  summary: 'swap areas: size, use, priority',
  text({ m }) {
    let text = '';
    m.swap_info.forEach((area, type) => {
      if (area === null || (area.flags & SWP_USED) === 0) return;
      if (type === 0) text += 'Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n';
      const path = escapePath(area.path, BLANKS);
      text += `${path}${' '.repeat(Math.max(1, 40 - path.length))}partition\t${kB(m, area.pages)}\t${kB(m, area.inuse_pages)}\t${area.prio}\n`;
    });
    return text;
  },
};

/** get_filesystem_list() of fs/filesystems.c: those that are there, in the order in which 2.6.12 registers them. */
export const filesystems: View = {
  summary: 'file systems that can be mounted; nodev: without a disk',
  text: ({ m }) => {
    const nodev = ['sysfs', 'rootfs', 'bdev', 'proc', ...(m.config.CONFIG_CPUSETS ? ['cpuset'] : []), 'tmpfs'];
    return `${nodev.map(name => `nodev\t${name}\n`).join('')}\text3\n\text2\n\txfs\n`;
  },
};

/** show_cpuinfo() of arch/ia64/kernel/setup.c. Modelled: every CPU is an Itanium 2 of 1.5 GHz, as in an Altix 3700 of 2005. */
export const cpuinfo: View = {
  summary: 'the processors (modelled)',
  text: ({ m }) => m.cpus.map(cpu => `processor  : ${cpu}\nvendor     : GenuineIntel\narch       : IA-64\nfamily     : Itanium 2\nmodel      : 1\nrevision   : 5\narchrev    : 0\n`
    + `features   : branchlong\ncpu number : 0\ncpu regs   : 4\ncpu MHz    : 1500.000000\nitc MHz    : 1500.000000\nBogoMIPS   : 2244.60\nsiblings   : 1\n\n`).join(''),
};

/** nr_running(), and nr_iowait() taken for all tasks in D. */
function count(m: Machine, letter: 'R' | 'D'): number {
  let tasks = 0;
  for (const task of m.tasks.values()) if (stateLetter(m, task) === letter) tasks++;
  return tasks;
}
const NR_IRQS = 256;

/** show_stat() of fs/proc/proc_misc.c: user, nice, system, idle, iowait, irq, softirq, steal in ticks. btime: seconds since 1970. */
export const machineStat: View = {
  summary: 'time of the CPUs in ticks, forks, tasks that run',
  text({ m }) {
    const ticks = clockTicks(m.now);
    const cpu = (name: string, idle: number): string => `${name} 0 0 0 ${idle} 0 0 0 0\n`;
    return `${cpu('cpu ', ticks * m.cpus.length)}${m.cpus.map(id => cpu(`cpu${id}`, ticks)).join('')}intr 0${' 0'.repeat(NR_IRQS)}\nctxt 0\nbtime ${BOOT_TIME / 1000}\n`
      + `processes ${m.next_pid - 1}\nprocs_running ${count(m, 'R')}\nprocs_blocked ${count(m, 'D')}\n`;
  },
};

const seconds = (ms: number): string => `${Math.floor(ms / 1000)}.${String(Math.floor((ms % 1000) / 10)).padStart(2, '0')}`;

export const uptime: View = {
  summary: 'simulated seconds since the machine was booted, and how many of them the first CPU was idle',
  text: ({ m }) => `${seconds(m.now)} ${seconds(m.now)}\n`,
};

export const loadavg: View = {
  summary: 'tasks that run, tasks there are, and the last pid given out',
  text: ({ m }) => `0.00 0.00 0.00 ${count(m, 'R')}/${m.tasks.size} ${m.next_pid - 1}\n`,
};

export const version: View = { summary: 'the kernel: tree and top patch', text: k => `${banner(k)}\n` };

/** Modelled: the disk that mount_root() takes is what a boot loader would have said. */
export const cmdline: View = { summary: 'parameters of the kernel (modelled)', text: () => 'root=/dev/sda\n' };

/** sysvipc_shm_read_proc() of ipc/shm.c, which prints a size_t as an unsigned int: of 4 GB and more the lower half. The machine has no date: times are 0. */
export const sysvipcShm: View = {
  summary: 'System V shared memory segments',
  text({ m }) {
    const heading = '       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime\n';
    const column = (value: number | string, width: number): string => String(value).padStart(width);
    // by slot of the table, which is the id without its sequence number
    const segments = [...m.shm.values()].sort((a, b) => (a.id % SEQ_MULTIPLIER) - (b.id % SEQ_MULTIPLIER));
    return heading + segments.map(segment => {
      const mode = segment.mode | (segment.destroyed ? SHM_DEST : 0) | (segment.locked ? SHM_LOCKED : 0);
      const ids = [segment.uid, segment.gid, segment.cuid, segment.cgid].map(id => column(id, 5)).join(' ');
      return `${column(segment.key | 0, 10)} ${column(segment.id, 10)}  ${column(mode.toString(8), 4)} ${column(segment.size % 2 ** 32, 21)} ${column(segment.cpid, 5)} `
        + `${column(segment.lpid, 5)}  ${column(segment.nattch, 5)} ${ids} ${[0, 0, 0].map(time => column(time, 10)).join(' ')}\n`;
    }).join('');
  },
};
