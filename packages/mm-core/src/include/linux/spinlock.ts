/**
 * Spinlocks and semaphores that check their use. One task runs at a time and never gives up the CPU under a spinlock, so
 * a spinlock that is found held belongs to a task that died or slept with it: the taker would spin for ever.
 */
import type { Machine } from '../../machine.js';
import { BUG, KERN_EMERG, KernelLockup, printk } from './kernel.js';
import type { MaySleep, RwSemaphore, Semaphore, SpinLock } from './wait.js';

export const SPIN_LOCK_UNLOCKED = (name: string): SpinLock => ({ name, held: false, owner: 0 });
export const __RWSEM_INITIALIZER = (name: string): RwSemaphore => ({ name, readers: 0, writer: 0, holders: [] });
export const __MUTEX_INITIALIZER = (name: string): Semaphore => ({ name, held: false, owner: 0 });

export function spin_lock(m: Machine, lock: SpinLock): void {
  if (lock.held) spinForEver(m, lock);
  lock.held = true;
  lock.owner = m.current.pid;
  m.preempt_count++;
  if (m.lockdep !== null) m.lockdep.acquired(lock, false);
}
export function spin_unlock(m: Machine, lock: SpinLock): void {
  if (!lock.held) BUG(m, `spin_unlock(${lock.name}): not held`);
  lock.held = false;
  lock.owner = 0; // a lock that was taken and released is as before
  m.preempt_count--;
  if (m.lockdep !== null) m.lockdep.released(lock);
}
export function spin_trylock(m: Machine, lock: SpinLock): boolean {
  if (lock.held) return false;
  lock.held = true;
  lock.owner = m.current.pid;
  m.preempt_count++;
  if (m.lockdep !== null) m.lockdep.acquired(lock, true);
  return true;
}
function spinForEver(m: Machine, lock: SpinLock): never {
  printk(m, KERN_EMERG, `BUG: soft lockup detected on CPU#${m.current.cpu}! ${m.current.comm}[${m.current.pid}] spins on ${lock.name}, taken by pid ${lock.owner}`);
  throw new KernelLockup(lock.name);
}

/*
 * Semaphores: `if (!down_read_trylock(m, sem)) yield* down_read_slow(m, sem)` is the fast path; down_read() is both.
 */
export function down_read_trylock(m: Machine, sem: RwSemaphore): boolean {
  if (sem.writer !== 0) return false;
  sem.readers++;
  sem.holders.push(m.current.pid);
  if (m.lockdep !== null) m.lockdep.acquired(sem, false);
  return true;
}
export function* down_read(m: Machine, sem: RwSemaphore): MaySleep<void> {
  while (!down_read_trylock(m, sem)) yield { kind: 'rwsem', sem, write: false };
}
export function up_read(m: Machine, sem: RwSemaphore): void {
  const { holders } = sem;
  if (holders.at(-1) === m.current.pid) holders.pop(); // the usual case, without an array of what was removed
  else {
    const held = holders.lastIndexOf(m.current.pid);
    if (held < 0) BUG(m, `up_read(${sem.name}): not held`);
    holders.splice(held, 1);
  }
  sem.readers--;
  if (m.lockdep !== null) m.lockdep.released(sem);
}
export function down_write_trylock(m: Machine, sem: RwSemaphore): boolean {
  if (sem.writer !== 0 || sem.readers !== 0) return false;
  sem.writer = m.current.pid;
  if (m.lockdep !== null) m.lockdep.acquired(sem, false);
  return true;
}
export function* down_write(m: Machine, sem: RwSemaphore): MaySleep<void> {
  while (!down_write_trylock(m, sem)) yield { kind: 'rwsem', sem, write: true };
}
export function up_write(m: Machine, sem: RwSemaphore): void {
  if (sem.writer !== m.current.pid) BUG(m, `up_write(${sem.name}): not held`);
  sem.writer = 0;
  if (m.lockdep !== null) m.lockdep.released(sem);
}
export function down_trylock(m: Machine, sem: Semaphore): boolean {
  if (sem.held) return false;
  sem.held = true;
  sem.owner = m.current.pid;
  if (m.lockdep !== null) m.lockdep.acquired(sem, false);
  return true;
}
export function* down(m: Machine, sem: Semaphore): MaySleep<void> {
  while (!down_trylock(m, sem)) yield { kind: 'mutex', sem };
}
export function up(m: Machine, sem: Semaphore): void {
  if (!sem.held) BUG(m, `up(${sem.name}): not held`);
  sem.held = false;
  if (m.lockdep !== null) m.lockdep.released(sem);
}
