/**
 * What a sleeping kernel function waits for.
 *
 * A kernel function that may sleep is a generator. Every wait is a loop around its condition, as in the kernel
 * (`while (PageLocked(page)) yield …`), so a scheduler may resume a sleeper too early without harm.
 */
import type { Machine } from '../../machine.js';
import type { Page } from './types.js';

export type WaitFor =
  | { readonly kind: 'page-lock'; readonly page: Page }
  | { readonly kind: 'page-writeback'; readonly page: Page }
  | { readonly kind: 'buffer-lock'; readonly bh: number }
  | { readonly kind: 'rwsem'; readonly sem: RwSemaphore; readonly write: boolean }
  | { readonly kind: 'mutex'; readonly sem: Semaphore }
  | { readonly kind: 'timeout'; /** simulated time in ms at which to go on */ readonly until: number; /** TASK_INTERRUPTIBLE: a signal ends it */ readonly interruptible?: true }
  | { readonly kind: 'io'; /** simulated time in ms after which to go on even without I/O */ readonly until: number }
  | { readonly kind: 'child'; /** wait4()'s arguments */ readonly pid: number; readonly options: number }
  | { readonly kind: 'wakeup'; /** a kernel thread's wait queue: go on when `woken` is true */ readonly queue: WaitQueue }
  | { readonly kind: 'preempt' };

/** The type of a kernel function that may sleep: it yields what it waits for and returns T. */
export type MaySleep<T> = Generator<WaitFor, T, undefined>;

/**
 * The type of a function that seldom sleeps and is called for every page: it comes back with T at once, or hands on what does sleep. The
 * caller writes `typeof r === 'number' ? r : yield* r`; most of the time no generator is made.
 */
export type MaySleepOr<T extends number> = T | MaySleep<T>;

/** Gives up the CPU without waiting for anything: a preemption point between two critical sections, while `m.preemptible` is set (the explorer), and cond_resched(), if need_resched(). */
export const PREEMPT: WaitFor = { kind: 'preempt' };
/** Whether cond_resched() gives up the CPU. With `m.preemptible` set every one is a preemption point. */
export const need_resched = (m: Machine): boolean => m.preemptible || m.need_resched;

export interface WaitQueue { readonly name: string; woken: boolean }
export interface SpinLock { readonly name: string; held: boolean; /** pid that holds it, for reports; 0 when nobody does */ owner: number }
export interface RwSemaphore { readonly name: string; readers: number; writer: number; /** pids of readers, for checks */ readonly holders: number[] }
export interface Semaphore { readonly name: string; held: boolean; owner: number }

/**
 * Wakes the kernel thread that sleeps on the queue, if one does: `woken` stays set while it is at work. It gets the CPU as soon as whoever runs is back in user mode, or comes to a
 * cond_resched(). That is modelled: 2.6.12 has a thread preempt whoever runs if its priority is the better one, and another CPU may take it.
 */
export function wake_up_interruptible(m: Machine, queue: WaitQueue): void {
  if (queue.woken) return;
  queue.woken = true;
  m.need_resched = true;
}
