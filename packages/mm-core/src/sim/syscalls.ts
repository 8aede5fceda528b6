/** System calls as a program makes them: by number through the kernel's own sys_call_table, or by the name of the function. */
import type { Task } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { KernelConfig } from '../machine.js';
import { runFlat, usableFlat } from './flat.js';
import { checkRunnable, run, type Driven, type Outcome } from './run.js';

/** A kernel that takes system calls. */
export type SyscallKernel = Driven & K<'sys_call_table' | 'cond_syscalls' | 'sys_ni_syscall'>;

/** What syscall() returns when the call never came back: the task died in it, hangs or sleeps. No errno has this value. */
export const NO_RESULT = -4096;

/** A kernel looked at as a table of system calls. */
type SyscallFunctions = Readonly<Record<string, ((...args: readonly unknown[]) => MaySleep<number>) | undefined>>;

/** Name → number of every slot that is taken, `mbind` → 1259. Names are without sys_ (ia64_ for the few that ia64 wraps). */
export function syscallNumbers(k: { readonly sys_call_table: Readonly<Record<number, string>> }): ReadonlyMap<string, number> {
  const known = numbersOf.get(k.sys_call_table);
  if (known !== undefined) return known;
  const numbers = new Map<string, number>();
  for (const [number, symbol] of Object.entries(k.sys_call_table)) {
    if (symbol !== 'sys_ni_syscall') numbers.set(symbol.replace(/^(sys|ia64|do)_/, ''), Number(number));
  }
  numbersOf.set(k.sys_call_table, numbers);
  return numbers;
}
/** By table: a patch that adds a call brings a table of its own. */
const numbersOf = new WeakMap<object, ReadonlyMap<string, number>>();

/**
 * The function that a system call enters. A number outside the table or in an empty slot is sys_ni_syscall(), as is what the
 * configuration leaves out; so is a name that this kernel's table does not hold: its program would have no number to call.
 */
function entryOf(k: SyscallKernel, call: number | string): string {
  const symbol = typeof call === 'number' ? k.sys_call_table[call] : symbolByName(k, call);
  if (symbol === undefined) return 'sys_ni_syscall';
  const option = k.cond_syscalls[symbol];
  if (option !== undefined && !k.m.config[option as keyof KernelConfig]) return 'sys_ni_syscall';
  return symbol;
}
function symbolByName(k: SyscallKernel, name: string): string | undefined {
  const bare = name.replace(/^(sys|ia64|do)_/, '');
  const number = syscallNumbers(k).get(bare);
  return number === undefined ? undefined : k.sys_call_table[number];
}

/** A system call begun: what the task will go through, for whoever steps it. Nothing of it has run yet. */
export function enterSyscall(k: SyscallKernel, call: number | string, args: readonly unknown[]): MaySleep<number> {
  const functions = k as unknown as SyscallFunctions;
  const symbol = entryOf(k, call);
  const body = functions[symbol]?.(...args);
  if (body === undefined) throw new RangeError(`syscall ${call}: sys_call_table names ${symbol}(), which is not linked`);
  return body;
}

/**
 * Makes a system call and says how it ended.
 * @throws {RangeError} when the task is stopped, dead or asleep in the kernel: it cannot call.
 */
export function syscallOutcome(k: SyscallKernel, task: Task, call: number | string, ...args: readonly unknown[]): Outcome<number> {
  checkRunnable(k, task, `syscall ${call}`);
  const flat = usableFlat(k);
  const symbol = entryOf(k, call);
  if (flat === undefined || flat.unbounded.has(symbol)) return run(k, task, enterSyscall(k, call, args));
  const functions = flat.kernel as Readonly<Record<string, (...args: readonly unknown[]) => number>>;
  return runFlat(k, task, () => functions[symbol]!(...args));
}

/**
 * Makes a system call.
 * @returns what the call returns: a negative number is an errno; NO_RESULT when it did not come back (see the task's state and the log).
 * @throws {RangeError} when the task is stopped, dead or asleep in the kernel: it cannot call.
 */
export function syscall(k: SyscallKernel, task: Task, call: number | string, ...args: readonly unknown[]): number {
  const outcome = syscallOutcome(k, task, call, ...args);
  return outcome.kind === 'returned' ? outcome.value : NO_RESULT;
}
