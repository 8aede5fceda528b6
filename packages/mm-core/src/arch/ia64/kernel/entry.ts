/**
 * arch/ia64/kernel/entry.S: the system call table. ia64 numbers its calls from 1024; the table has 256 slots.
 *
 * A slot names the function it enters. Calls of 2.6.12 that the simulation does not have are sys_ni_syscall here, like the
 * slots that are empty in 2.6.12 itself: 1274 to 1279 are the last of those. Four slots differ in the name: ia64 wraps
 * brk, execve and getpriority (ia64_brk, ia64_execve, ia64_getpriority), and has clone (1128) where the model has fork;
 * clone2 (1213), which differs in what it says of the child's stack, is the model's clone.
 */
export const __NR_ni_syscall = 1024;
export const NR_syscalls = 256;

const implemented: Readonly<Record<number, string>> = {
  1025: 'sys_exit', 1026: 'sys_read', 1027: 'sys_write', 1028: 'sys_open', 1029: 'sys_close', 1032: 'sys_unlink',
  1033: 'do_execve', 1040: 'sys_lseek', 1041: 'sys_getpid', 1042: 'sys_getppid', 1046: 'sys_getuid', 1047: 'sys_geteuid', 1050: 'sys_sync', 1051: 'sys_fsync', 1052: 'sys_fdatasync',
  1053: 'sys_kill', 1060: 'sys_brk', 1062: 'sys_getgid', 1063: 'sys_getegid', 1074: 'sys_setresuid', 1076: 'sys_setresgid', 1077: 'sys_getgroups', 1078: 'sys_setgroups',
  1081: 'sys_setsid', 1083: 'sys_sethostname', 1084: 'sys_setrlimit', 1085: 'sys_getrlimit', 1094: 'sys_swapon', 1095: 'sys_swapoff', 1098: 'sys_ftruncate', 1101: 'sys_getpriority', 1102: 'sys_setpriority',
  1113: 'sys_shmget', 1114: 'sys_shmat', 1115: 'sys_shmdt', 1116: 'sys_shmctl', 1117: 'sys_syslog', 1126: 'sys_wait4', 1128: 'sys_fork',
  1151: 'sys_mmap', 1152: 'sys_munmap', 1153: 'sys_mlock', 1154: 'sys_mlockall', 1155: 'sys_mprotect', 1157: 'sys_msync', 1158: 'sys_munlock',
  1159: 'sys_munlockall', 1168: 'sys_nanosleep', 1170: 'sys_prctl', 1177: 'sys_rt_sigaction', 1213: 'sys_clone', 1209: 'sys_madvise', 1231: 'sys_sched_setaffinity', 1232: 'sys_sched_getaffinity', 1236: 'sys_exit_group', 1259: 'sys_mbind', 1260: 'sys_get_mempolicy', 1261: 'sys_set_mempolicy',
};

export const sys_call_table: Readonly<Record<number, string>> = Object.fromEntries(
  Array.from({ length: NR_syscalls }, (_, slot) => [__NR_ni_syscall + slot, implemented[__NR_ni_syscall + slot] ?? 'sys_ni_syscall']),
);
