/**
 * What system calls take, for those who print them (strace) and those who make them by hand (syscall). A table in words: for each call its arguments in the
 * order in which the real one has them.
 *
 * `type` is printed on entry, `type>` when the call is back (the kernel writes there). `type@N` is argument N of the simulated call, counted from 0: some of these have their
 * arguments in another order, or not all of them (`type@-`), because user memory is not simulated byte by byte.
 */

export type ParamType =
  | 'number' | 'address' | 'length' | 'path' | 'mode' | 'signal' | 'key' | 'pid' | 'fd' | 'gids' | 'text' | 'string' | 'bytes' | 'tokens' | 'mask' | 'nodes' | 'cpus' | 'cpubytes' | 'cpumask'
  | 'policyvalue' | 'status' | 'timespec' | 'shmds' | 'device' | 'swapflags' | 'sigaction' | 'rlimit' | 'shmflags' | 'null'
  | 'prot' | 'mmapflags' | 'mlockall' | 'msync' | 'mbindflags' | 'policyflags' | 'waitoptions' | 'shmatflags' | 'openflags' | 'cloneflags'
  | 'policy' | 'whence' | 'shmcmd' | 'advice' | 'which' | 'resource';

export interface Param {
  readonly type: ParamType;
  /** Printed after the call. */
  readonly isOut: boolean;
  /** Which argument of the simulated call; -1: none. */
  readonly at: number;
}
interface Signature {
  readonly params: readonly Param[];
  /** The result is an address, printed in hexadecimal. */
  readonly returnsAddress: boolean;
  /** Arguments of the simulated call. */
  readonly count: number;
}

/** In the order of the numbers. `= address` at the end: the result is one. */
const TABLE = `
exit: number
read: fd tokens>@2 length@1
write: fd bytes@- length@1
open: path openflags mode
close: fd
unlink: path
execve: path
lseek: fd number whence
getpid:
getppid:
getuid:
geteuid:
sync:
fsync: fd
fdatasync: fd
kill: pid signal
brk: address = address
getgid:
getegid:
setresuid: number number number
setresgid: number number number
getgroups: number gids>
setgroups: number gids
setsid:
sethostname: string length
getrlimit: resource rlimit>
setrlimit: resource rlimit
swapon: device@0 swapflags@2
swapoff: device
ftruncate: fd length
getpriority: which number
setpriority: which number number
shmget: key length shmflags
shmat: number address shmatflags = address
shmdt: address
shmctl: number shmcmd shmds>
syslog: number text> length
wait4: pid status> waitoptions null@-
fork:
clone: cloneflags
mmap: address length prot mmapflags fd address = address
munmap: address length
mlock: address length
mlockall: mlockall
mprotect: address length prot
msync: address length msync
munlock: address length
munlockall:
nanosleep: timespec null@-
rt_sigaction: signal sigaction sigaction> length
prctl: number number number number number
madvise: address length advice
sched_setaffinity: pid cpubytes@1 cpus@1
sched_getaffinity: pid length cpumask>
exit_group: number
mbind: address length policy mask number mbindflags
get_mempolicy: policyvalue> mask> number address policyflags
set_mempolicy: policy mask number
migrate_pages: pid number nodes nodes
`;

function parse(line: string): [string, Signature] {
  const [name = '', rest = ''] = line.split(/: ?/);
  const [args = '', result] = rest.split(/ ?= /);
  const params = args.split(' ').filter(word => word !== '').map((word, index): Param => {
    const [, type, out, at] = /^(\w+)(>?)(?:@(-|\d))?$/.exec(word)!;
    return { type: type as ParamType, isOut: out === '>', at: at === undefined ? index : at === '-' ? -1 : Number(at) };
  });
  return [name, { params, returnsAddress: result === 'address', count: Math.max(-1, ...params.map(({ at }) => at)) + 1 }];
}

/** By name, without sys_. */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map(TABLE.trim().split('\n').map(parse));
