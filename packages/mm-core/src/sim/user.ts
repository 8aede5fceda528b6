/**
 * A program's accesses to its memory: what the hardware does (page-table walk, access rights, accessed and dirty bits),
 * and the fault into the kernel where it cannot go on.
 *
 * ia64 sets accessed and dirty bits in two small fault handlers (ivt.S) that never get as far as C; they count as hardware
 * here. An access restarts after every fault, as the instruction would.
 */
import { IA64_ISR_R, IA64_ISR_W } from '../include/asm-ia64/kregs.js';
import { _PAGE_A, _PAGE_AR_W, _PAGE_D, _PAGE_P, _PAGE_PROTNONE, pte_offset, pte_page } from '../include/asm-ia64/pgtable.js';
import type { Task } from '../include/linux/sched.js';
import type { Address, Page, Pte, PtePtr } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import { nextContentToken, type Machine } from '../machine.js';
import { faultFlat, faultsOf, usableFlat, type FlatFaults } from './flat.js';
import { checkRunnable, complete, die, leaveAtomic, newPath, returnToUser, runWoken, sleepOn, type Driven } from './run.js';
import { NO_RESULT } from './syscalls.js';

/** A kernel that takes page faults. */
export type FaultKernel = Driven & K<'ia64_do_page_fault'>;

/** An instruction that faults this often in vain would do so for ever: the task is held to hang. */
const MAX_RESTARTS = 10_000;

/**
 * Takes a page fault of the task, which is m.current.
 * @returns the signal that it has raised, 0 for none; -1 when the task did not come back.
 */
function tableFault(k: FaultKernel, task: Task, address: Address, isr: number): number {
  const { m } = k;
  const body = k.ia64_do_page_fault(address, isr);
  try {
    const result = body.next();
    if (result.done === true) {
      if (m.preempt_count !== 0) leaveAtomic(m);
      return result.value;
    }
    const path = newPath(task, body);
    sleepOn(m, path, result.value);
    m.preempt_count = 0;
    const outcome = complete(k, path);
    return outcome.kind === 'returned' ? (outcome.value as number) : -1;
  } catch (error) {
    die(k, error);
    return -1;
  }
}

/** Whether an access may be tried again after a fault; not when the task is dead, stopped or stuck, or has a handler to run first for what the fault has raised. */
function goesOn(k: FaultKernel, task: Task, sig: number): boolean {
  if (sig < 0) return false;
  if (k.m.sigpending.size > 0) returnToUser(k, task);
  return task.state === 'R' && !(sig !== 0 && task.caught.has(sig));
}

function hang(task: Task, done: number): number {
  task.state = 'H';
  return done;
}

/** Makes `task` the current task in user mode for as long as `action` takes; then whoever was woken by it gets the CPU. */
function asUser(k: FaultKernel, task: Task, what: string, action: () => number): number {
  checkRunnable(k, task, what);
  if (task.mm === null) throw new RangeError(`${what}: ${task.comm}[${task.pid}] has no address space`);
  const { m } = k;
  const { current, preempt_count } = m;
  m.current = task;
  m.preempt_count = 0;
  try {
    return action();
  } finally {
    m.current = current;
    m.preempt_count = preempt_count;
    runWoken(k);
  }
}

/**
 * Reads or writes one word in each of `pages` pages from `start` on.
 * @returns how many were done; fewer than `pages` when the task was killed or got stuck on the way, or has to handle its SIGSEGV or SIGBUS first.
 * @throws {RangeError} when the task is stopped, dead, asleep in the kernel or has no address space.
 */
export function touch(k: FaultKernel, task: Task, start: Address, pages: number, access: 'read' | 'write'): number {
  if (!(pages >= 0)) throw new RangeError(`touch: expected a number of pages, found ${pages}`);
  return asUser(k, task, 'touch', () => walk(k, task, start, pages, access === 'write'));
}

function walk(k: FaultKernel, task: Task, start: Address, pages: number, write: boolean): number {
  const { m } = k;
  const { ptes, PTRS, PAGE_SIZE } = m;
  const { content } = m.mem_map;
  const mm = task.mm!;
  const need = needOf(write);
  const mask = need | _PAGE_PROTNONE;
  const mark = write ? _PAGE_A | _PAGE_D : _PAGE_A;
  const isr = isrOf(write);
  const flat = usableFlat(k)?.kernel as FlatFaults | undefined;
  const faultsInFlat = faultsOf(k, task);
  let address = start;
  let ptep = 0;
  for (let done = 0; done < pages; done++, address += PAGE_SIZE) {
    /* The next entry is the next pte, until the end of the table; after a fault the tables may be others. */
    ptep = ptep !== 0 && (ptep & (PTRS - 1)) !== PTRS - 1 ? ptep + 1 : pte_offset(m, mm, address);
    for (let restarts = 0; ptep === 0 || (ptes[ptep]! & mask) !== need; restarts++) {
      if (restarts >= MAX_RESTARTS) return hang(task, done);
      const sig = flat === undefined ? tableFault(k, task, address, isr) : faultFlat(flat, faultsInFlat, address, isr);
      if (m.need_resched) runWoken(k); // kswapd makes room before there is none left
      if (!goesOn(k, task, sig)) return done;
      ptep = pte_offset(m, mm, address);
    }
    const pte = (ptes[ptep]! | mark) >>> 0;
    ptes[ptep] = pte;
    if (write) content[pte_page(pte as Pte)] = nextContentToken(m);
  }
  return pages;
}

/** What an access needs of the pte, and what the hardware tells the fault handler when that is not there. */
const needOf = (write: boolean): number => (write ? _PAGE_P | _PAGE_AR_W : _PAGE_P);
export const isrOf = (write: boolean): number => (write ? IA64_ISR_W : IA64_ISR_R);

/**
 * One try of the hardware to read or write a word of the task, which goes on when it succeeds; a write leaves fresh contents.
 * @returns the page; 0 when the access faults.
 */
export function tryAccess(m: Machine, task: Task, address: Address, write: boolean): Page {
  const need = needOf(write);
  const ptep = pte_offset(m, task.mm!, address);
  if (ptep === 0 || (m.ptes[ptep]! & (need | _PAGE_PROTNONE)) !== need) return 0 as Page;
  const pte = (m.ptes[ptep]! | (write ? _PAGE_A | _PAGE_D : _PAGE_A)) >>> 0;
  m.ptes[ptep] = pte;
  const page = pte_page(pte as Pte);
  if (write) m.mem_map.content[page] = nextContentToken(m);
  return page;
}

/**
 * Writes to an address: the page gets fresh contents.
 * @returns the token now in the page, or NO_RESULT when the task did not survive the access.
 */
export function store(k: FaultKernel, task: Task, address: Address): number {
  return asUser(k, task, 'store', () => (walk(k, task, address, 1, true) === 1 ? k.m.content_token : NO_RESULT));
}

/**
 * Reads from an address.
 * @returns the token of the page, 0 for zeros, or NO_RESULT when the task did not survive the access.
 */
export function load(k: FaultKernel, task: Task, address: Address): number {
  return asUser(k, task, 'load', () =>
    walk(k, task, address, 1, false) === 1 ? k.m.mem_map.content[residentPage(k.m, task, address)]! : NO_RESULT);
}

/** The page mapped at an address of a task, without an access; 0 when there is none. */
export function residentPage(m: Machine, task: Task, address: Address): Page {
  if (task.mm === null) return 0 as Page;
  const ptep: PtePtr = pte_offset(m, task.mm, address);
  const pte = m.ptes[ptep]! as Pte;
  return ptep === 0 || (pte & _PAGE_P) === 0 ? (0 as Page) : pte_page(pte);
}
