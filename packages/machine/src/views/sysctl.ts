/**
 * /proc/sys: the settings of 2.6.12 that the simulated kernel has (vm_table and kern_table of kernel/sysctl.c). Those that it takes for
 * constants are read-only here, where 2.6.12 let root change them. Overcommit is not modelled, so there is no overcommit_memory.
 */
import { PID_MAX_DEFAULT, type Task } from '@pmkit/mm-core/include/linux/sched';
import { EPERM } from '@pmkit/mm-core/include/linux/errno';
import { DEFAULT_MAX_MAP_COUNT } from '@pmkit/mm-core/include/linux/mm';
import { SHMMNI } from '@pmkit/mm-core/include/linux/shm';
import type { AnyKernel } from '@pmkit/series/levels';
import { utsname, type Utsname } from './release.js';
import { numbersText, writeInts, writeUlong, type Limits } from './sysctl-text.js';
import { lu, type View, type Views } from './view.js';

type Write = (k: AnyKernel, text: string) => number;

/** A file that root may write: test_perm() lets nobody else (do_rw_proc() makes it EPERM), whatever capabilities he has. */
function writable(view: Pick<View, 'summary' | 'text'>, write: Write): View {
  return { ...view, mode: 0o644, write: (k: AnyKernel, task: Task, text: string) => (task.euid === 0 ? write(k, text) : -EPERM) };
}

/** Ints of the machine that a setting is one of. */
type IntSetting = 'swappiness' | 'vm_dirty_ratio' | 'dirty_background_ratio';
const int = (summary: string, name: IntSetting, limits: Limits): View =>
  writable({ summary, text: ({ m }) => numbersText([m[name]]) }, ({ m }, text) => writeInts(text, 1, (_index, value) => (m[name] = value), limits));

/** min_free_kbytes_sysctl_handler(): what cannot be read is passed over, and the zones' marks are set anew either way. */
const minFreeKbytes = writable({
  summary: 'kB that are kept free; the marks of the zones follow from it', text: ({ m }) => numbersText([m.min_free_kbytes]),
}, (k, text) => {
  writeInts(text, 1, (_index, value) => (k.m.min_free_kbytes = value));
  k.setup_per_zone_pages_min();
  return 0;
});

/** lowmem_reserve_ratio_sysctl_handler(), in the same way. */
const lowmemReserveRatio = writable({
  summary: 'which part of a zone the zones below it keep from its users, 1/n for each of those', text: ({ m }) => numbersText(m.sysctl_lowmem_reserve_ratio),
}, (k, text) => {
  const { sysctl_lowmem_reserve_ratio: ratio } = k.m;
  writeInts(text, ratio.length, (index, value) => (ratio[index] = value));
  k.setup_per_zone_lowmem_reserve();
  return 0;
});

const ulong = (summary: string, name: 'shm_ctlmax' | 'shm_ctlall'): View =>
  writable({ summary, text: ({ m }) => numbersText([lu(m[name])]) }, ({ m }, text) => writeUlong(text, value => (m[name] = value)));
const constant = (summary: string, value: number): View => ({ summary, text: () => numbersText([value]) });
const uts = (summary: string, name: keyof Utsname): View => ({ summary, text: k => `${utsname(k)[name]}\n` });

/** proc_doutsstring(): the text up to the end of the line, at most __NEW_UTS_LEN characters. */
const hostname = writable(uts('name of the machine', 'nodename'), ({ m }, text) => {
  m.nodename = text.split(/[\n\0]/, 1)[0]!.slice(0, 64);
  return 0;
});

const PERCENT = { min: 0, max: 100 };

/** By path below /proc. */
export const SYSCTL_FILES = {
  'sys/kernel/hostname': hostname,
  'sys/kernel/osrelease': uts('what uname -r says', 'release'),
  'sys/kernel/ostype': uts('what uname -s says', 'sysname'),
  'sys/kernel/pid_max': constant('pids are below it', PID_MAX_DEFAULT),
  'sys/kernel/shmall': ulong('pages of all System V segments together', 'shm_ctlall'),
  'sys/kernel/shmmax': ulong('bytes of one System V segment', 'shm_ctlmax'),
  'sys/kernel/shmmni': constant('System V segments', SHMMNI),
  'sys/kernel/version': uts('what uname -v says', 'version'),
  'sys/vm/dirty_background_ratio': int('% of memory that may be dirty before pdflush writes', 'dirty_background_ratio', PERCENT),
  'sys/vm/dirty_ratio': int('% of memory that may be dirty before who writes must wait', 'vm_dirty_ratio', PERCENT),
  'sys/vm/lowmem_reserve_ratio': lowmemReserveRatio,
  'sys/vm/max_map_count': constant('vmas of one process', DEFAULT_MAX_MAP_COUNT),
  'sys/vm/min_free_kbytes': minFreeKbytes,
  'sys/vm/swappiness': int('how readily mapped memory is swapped out, 0 to 100', 'swappiness', PERCENT),
} as const satisfies Views;
