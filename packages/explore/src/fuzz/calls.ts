/** Every system call of the kernel with the arguments that it is given, and how often it is called. */
import {
  address, amount, disk, fd, flags, length, mask, nodes, number, odd, oneOf, only, pages, path, pid, place, segment, type DrawArg,
} from './arguments.js';

interface Template { readonly weight: number; readonly args: readonly DrawArg[] }
const call = (weight: number, ...args: readonly DrawArg[]): Template => ({ weight, args });

const prot = oneOf(3, 3, 3, 1, 0, 2, 5, 7);
/* MAP_PRIVATE or SHARED, with ANONYMOUS, FIXED, LOCKED, NORESERVE, POPULATE, GROWSDOWN */
const map = only(0x22, 0x22, 0x22, 0x21, 2, 1, 1, 0x32, 0x31, 0x12, 0x11, 0x2022, 0x8022, 0x8001, 0x4022, 0x122, 0, 3);
const offset: DrawArg = ({ draw }) => (draw.once(12) ? draw.of([-1, 1, 4096, 2 ** 40]) : { page: draw.below(5), plus: 0 });
const mode = number(0, 4);
const maxnode = oneOf(257, 257, 257, 4, 64, 0, 1, 2);
const signal = oneOf(9, 15, 10, 19, 18, 18, 17, 11, 0, 34, 64, 65);
/* None that an access raises: it would be made again for ever, as by a program whose handler mends nothing. */
const caught = only(9, 15, 10, 19, 18, 17, 34, 64, 65, 0, -1);
const who = number(0, 2);
const userInt = only('int', 'int', 'null', 'bad');
const groups: DrawArg = ({ draw }) => draw.of([{ numbers: [1, 2, 3] }, { numbers: [] }, 'null', 'bad'] as const);
const limit: DrawArg = ({ draw }) => (draw.once(12) ? 'bad' : { limit: [draw.of([0, 65_536, 2 ** 20, 2 ** 33]), draw.of([65_536, 2 ** 33, 2 ** 64])] });
const uid = oneOf(0, 1000, 1000, -1);

/** Pseudo-calls: an access to each of some pages. */
export const ACCESSES = ['load', 'store'] as const;

export const TEMPLATES: Readonly<Record<string, Template>> = {
  load: call(14, address, pages), store: call(22, address, pages),
  mmap: call(18, place, length, prot, map, fd, offset), munmap: call(8, address, length), mprotect: call(6, address, length, prot),
  brk: call(3, place), mlock: call(3, address, length), munlock: call(2, address, length), mlockall: call(1, flags(1, 2, 4)), munlockall: call(1),
  msync: call(3, address, length, flags(1, 2, 4)), madvise: call(4, address, length, number(-1, 5)),
  mbind: call(8, address, length, mode, mask, maxnode, flags(0, 1, 4, 8, 16)), set_mempolicy: call(6, mode, mask, maxnode),
  get_mempolicy: call(3, userInt, mask, maxnode, address, flags(0, 1, 2, 4)), migrate_pages: call(24, pid, number(1, 2), nodes('old'), nodes('new')),
  open: call(8, path, oneOf(2, 2, 0, 1, 0o102, 0o302, 0o1002, 0o2002, 3), only(0o666, 0o600, 0)), close: call(3, fd), unlink: call(2, path),
  read: call(6, fd, amount), write: call(6, fd, amount), lseek: call(2, fd, offset, number(0, 3)), ftruncate: call(4, fd, amount),
  fsync: call(2, fd), fdatasync: call(1, fd), sync: call(1),
  fork: call(5), clone: call(4, only(17, 0x10f00, 0x0f00, 0x100 | 17, 0x500, 0x10000, 0x200_0011, 0x800, 0x4111)), execve: call(2, path),
  exit: call(1, odd), exit_group: call(1, odd), wait4: call(4, pid, userInt, oneOf(1, 1, 1, 0, 3, 0x4000_0000)), kill: call(5, pid, signal),
  rt_sigaction: call(2, caught, ({ draw }) => draw.of([{ action: [draw.below(3), 0] }, 'null', 'bad'] as const), only('null', 'bad', { action: [0, 0] }), oneOf(8, 8, 4)),
  getpid: call(1), getppid: call(1), getuid: call(1), geteuid: call(1), getgid: call(1), getegid: call(1),
  setresuid: call(1, uid, uid, uid), setresgid: call(1, uid, uid, uid), getgroups: call(1, number(-1, 4), groups), setgroups: call(1, number(-1, 4), groups), setsid: call(1),
  sethostname: call(1, only({ path: 'host' }, 'bad'), number(-1, 70)), setrlimit: call(2, number(-1, 11), limit), getrlimit: call(1, number(-1, 11), limit),
  getpriority: call(1, who, pid), setpriority: call(1, who, pid, number(-25, 25)), prctl: call(1, number(1, 6), number(0, 2)),
  swapon: call(2, disk, only(40, 10, 2, 1, 0, 200), only(-1, 0, 5, 0x8005)), swapoff: call(2, disk),
  shmget: call(3, oneOf(0, 0, 7), length, oneOf(0o1666, 0o1600, 0o3666, 0o666, 0)), shmat: call(5, segment, place, flags(0, 0o10000, 0o20000, 0o40000, 0o100000)),
  shmdt: call(3, address), shmctl: call(3, segment, oneOf(0, 11, 12, 2, 14), only('bad')), syslog: call(1, number(-1, 11), only('text', 'null', 'bad'), number(-1, 300)),
  nanosleep: call(2, ({ draw }) => (draw.once(8) ? 'bad' : { time: [draw.between(-1, 1), draw.of([0, 1_000_000, 20_000_000, 999_999_999, 2 ** 31, -1])] })),
  sched_setaffinity: call(2, pid, ({ draw }) => ({ numbers: [0, 1, 2, 9].filter(() => draw.once(2)) })), sched_getaffinity: call(1, pid, oneOf(128, 64, 8, 0), mask),
};
