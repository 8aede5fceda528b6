import { beforeEach, describe, expect, it } from 'vitest';
import { ENOSYS } from '../src/include/linux/errno.js';
import { NR_syscalls, sys_call_table } from '../src/arch/ia64/kernel/entry.js';
import { syscall, syscallNumbers, syscallOutcome, type Kernel, type Task } from '../src/index.js';
import { bootSpace, PAGE } from './memory.js';

let k: Kernel;
let task: Task;
beforeEach(() => {
  ({ k, task } = bootSpace());
});

describe('sys_call_table', () => {
  it('has the 256 slots from 1024 to 1279', () => {
    const slots = Object.keys(sys_call_table).map(Number);
    expect([NR_syscalls, slots.length, Math.min(...slots), Math.max(...slots)]).toEqual([256, 256, 1024, 1279]);
  });
  it.each([
    ['exit', 1025], ['read', 1026], ['open', 1028], ['close', 1029], ['getpid', 1041], ['kill', 1053], ['brk', 1060], ['mmap', 1151], ['munmap', 1152],
    ['mlock', 1153], ['mlockall', 1154], ['mprotect', 1155], ['munlock', 1158], ['munlockall', 1159], ['wait4', 1126], ['execve', 1033],
    ['swapon', 1094], ['swapoff', 1095], ['shmget', 1113], ['shmat', 1114], ['shmdt', 1115], ['shmctl', 1116], ['sched_setaffinity', 1231], ['rt_sigaction', 1177],
    ['setresgid', 1076], ['getgroups', 1077], ['setgroups', 1078], ['setsid', 1081], ['sethostname', 1083], ['getpriority', 1101], ['setpriority', 1102], ['syslog', 1117],
    ['sched_getaffinity', 1232], ['setrlimit', 1084], ['getrlimit', 1085], ['nanosleep', 1168], ['clone', 1213],
    ['madvise', 1209], ['prctl', 1170], ['exit_group', 1236], ['mbind', 1259], ['get_mempolicy', 1260], ['set_mempolicy', 1261],
  ])('has %s at %d, as ia64 numbers it', (name, number) => {
    expect(syscallNumbers(k).get(name)).toBe(number);
  });
  it('has nothing behind keyctl, 1273: migrate_pages is yet to come', () => {
    expect([1274, 1275, 1276, 1277, 1278, 1279].map(number => sys_call_table[number])).toEqual(Array(6).fill('sys_ni_syscall'));
    expect(syscallNumbers(k).has('migrate_pages')).toBe(false);
  });
  it('names functions of the kernel only', () => {
    const functions = k as unknown as Record<string, unknown>;
    expect(Object.values(sys_call_table).filter(symbol => typeof functions[symbol] !== 'function')).toEqual([]);
  });
  it('does not name a call twice', () => {
    const names = Object.values(sys_call_table).filter(symbol => symbol !== 'sys_ni_syscall');
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a system call', () => {
  it.each([[1279], [1274], [1024], [1273], [1280], [1023], [0], [-1]])('by the number %d, where there is nothing, is -ENOSYS', number => {
    expect(syscall(k, task, number, task.pid, 1, new Uint32Array(1), new Uint32Array(1))).toBe(-ENOSYS);
  });
  it('by a name that this kernel does not have is -ENOSYS', () => {
    expect(syscall(k, task, 'migrate_pages', task.pid, 1, null, null)).toBe(-ENOSYS);
  });
  it('by number and by name is the same', () => {
    expect([syscall(k, task, 1041), syscall(k, task, 'getpid'), syscall(k, task, 'sys_getpid')]).toEqual([task.pid, task.pid, task.pid]);
    expect(syscall(k, task, 1151, 0, PAGE, 3, 0x22, -1, 0)).toBe(0x2000_0000_0000_0000);
  });
  it('that the configuration leaves out is -ENOSYS, like one that was never written', () => {
    const { k: small, task: caller } = bootSpace({ config: { CONFIG_SWAP: false } });
    expect([syscall(small, caller, 'swapon', small.add_disk('swap', 8, 32, 1), 64, 0), syscall(small, caller, 1095, 'swap')]).toEqual([-ENOSYS, -ENOSYS]);
  });
  it('goes through the table that is linked: another table, another call', () => {
    const other: Kernel = { ...k, sys_call_table: { ...sys_call_table, 1279: 'sys_getpid' } };
    expect([syscall(other, task, 1279), syscall(k, task, 1279)]).toEqual([task.pid, -ENOSYS]);
    expect(syscallNumbers(other).get('getpid')).toBe(1279);
  });
  it('says when its function is not linked', () => {
    const other: Kernel = { ...k, sys_call_table: { ...sys_call_table, 1279: 'sys_nobody' } };
    expect(() => syscall(other, task, 1279)).toThrow(/sys_call_table names sys_nobody\(\), which is not linked/);
  });
  it('of who cannot run is an error of the caller\'s', () => {
    syscall(k, task, 'exit', 0);
    expect(() => syscallOutcome(k, task, 'getpid')).toThrow(/test\[\d+\] is not running \(state Z\)/);
  });
});
