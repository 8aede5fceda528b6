/**
 * What the tests of address spaces share: a small machine with a disk, memory of a task, and what its vmas and ptes look like.
 *
 * A file of tests that begins with `beforeEach(() => useSpace(bootSpace()))` finds the machine of the test that runs in `s`, `k` and `task`.
 */
import { expect } from 'vitest';
import { MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../src/include/asm-ia64/mman.js';
import { pte_dirty, pte_none, pte_offset, pte_page, pte_present, pte_to_swp_entry, pte_write, pte_young } from '../src/include/asm-ia64/pgtable.js';
import { O_RDWR } from '../src/include/asm-ia64/fcntl.js';
import type { BlockDevice, Inode, SuperBlock } from '../src/include/linux/fs.js';
import { get_page, PageAnon } from '../src/include/linux/mm.js';
import { VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_MAYSHARE, VM_READ, VM_WRITE, type Vma } from '../src/include/linux/mm_types.js';
import { PG_locked } from '../src/include/linux/page-flags.js';
import { SWAP_SUCCESS } from '../src/include/linux/rmap.js';
import { CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from '../src/include/linux/sched.js';
import type { Page, Pte, SwpEntry } from '../src/include/linux/types.js';
import { boot, residentPage, runKernel, spawn, syscall, type Kernel, type Machine, type MachineConfig, type MaySleep, type Task } from '../src/index.js';
import { check_invariants } from '../src/testing.js';

export const PAGE = 16384;
/** Where mmap() of ia64 looks first: the start of region 1. */
export const REGION1 = 0x2000_0000_0000_0000;
export const ANON = MAP_PRIVATE | 0x20;
export const SHARED_ANON = MAP_SHARED | 0x20;
export const RW = PROT_READ | PROT_WRITE;
/** clone() of a thread. */
export const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

export interface Space { readonly k: Kernel; readonly m: Machine; readonly task: Task; readonly disk: BlockDevice; readonly sb: SuperBlock }

/** Two nodes of 512 pages, an ext2 file system on /data, a task of root's with an empty address space. */
export function bootSpace(config: Partial<MachineConfig> = {}): Space {
  const k = boot({ nodes: [0, 1].map(id => ({ id, pages: 512, cpus: [id] })), poison: true, ...config });
  const disk = k.add_disk('sdb', 8, 16, 1);
  const sb = k.new_super_block('ext2', '/data', disk, PAGE);
  return { k, m: k.m, task: spawn(k, { comm: 'test', cpu: 0 }), disk, sb };
}
/** The machine of the test that runs, and the task it is about. */
export let s: Space;
export let k: Kernel;
export let task: Task;
export function useSpace(space: Space): void {
  s = space;
  ({ k, task } = space);
}
/** check_invariants(), with the references that the test holds. */
export const consistent = (...pinned: readonly Page[]): void =>
  expect(check_invariants(k, { pins: new Map(pinned.map(page => [page, 1])) })).toEqual([]);
/** clone(): the new task, which runs in user mode. */
export const clone = (flags: number, of: Task = task): Task => k.m.tasks.get(runKernel(k, of, k.sys_clone(flags)))!;
export const forkOf = (of: Task = task): Task => k.m.tasks.get(syscall(k, of, 'fork'))!;

/** The same machine, seen from another task. */
export const from = (s: Space, task: Task): Space => ({ ...s, task });

/** A system call of the task. */
export const call = ({ k, task }: Space, name: string, ...args: readonly unknown[]): number => syscall(k, task, name, ...args);
/** A system call that the test needs and is not about. */
export function must(s: Space, name: string, ...args: readonly unknown[]): number {
  const result = call(s, name, ...args);
  if (result < 0) throw new Error(`${name}() of the test's own returned ${result}`);
  return result;
}
/** Does something as the task, in the kernel: for functions that do not sleep. */
export function asTask<T>({ m, task }: Space, action: () => T): T {
  const { current } = m;
  m.current = task;
  try {
    return action();
  } finally {
    m.current = current;
  }
}
/** Runs a function of the kernel that may sleep, as the task. */
export const inKernel = <T>({ k, task }: Space, body: (k: Kernel) => MaySleep<T>): T => runKernel(k, task, body(k));

export interface Mapping { readonly prot?: number; readonly flags?: number; readonly at?: number; readonly fd?: number; readonly offset?: number }

/** mmap(): private anonymous memory if nothing else is said; `offset` in pages. */
export function map(s: Space, pages: number, { prot = RW, flags = ANON, at, fd = -1, offset = 0 }: Mapping = {}): number {
  return must(s, 'mmap', at ?? 0, pages * PAGE, prot, at === undefined ? flags : flags | MAP_FIXED, fd, offset * PAGE);
}
export const unmap = (s: Space, address: number, pages: number): number => must(s, 'munmap', address, pages * PAGE);

/** A file that was on the disk before. */
export const newFile = ({ k, sb }: Space, path: string, pages: number, mode = 0o666): Inode => k.new_inode(sb, path, pages * PAGE, mode);
export const open = (s: Space, path: string, flags = O_RDWR): number => must(s, 'open', path, flags, 0);
/** A mapping of a whole file. */
export function mapFile(s: Space, inode: Inode, flags = MAP_SHARED, prot = RW): number {
  const fd = open(s, inode.path);
  const address = map(s, Math.ceil(inode.i_size / PAGE), { prot, flags, fd });
  must(s, 'close', fd);
  return address;
}
/** A swap area of so many slots. */
export function addSwap({ k, m }: Space, slots = 256): void {
  if (syscall(k, m.init_task, 'swapon', k.add_disk('swap', 8, 32, 1), slots + 1, 0) !== 0) throw new Error('swapon() failed');
}

export function* vmas(task: Task): Generator<Vma> {
  for (let vma = task.mm!.mmap; vma !== null; vma = vma.vm_next) yield vma;
}
export const vmaAt = (task: Task, address: number): Vma => [...vmas(task)].find(vma => vma.vm_start <= address && address < vma.vm_end)!;
/**
 * The vmas from `base` on as words: pages from base, length, rights, and what else sets them apart; `4+2 rw-p` is two pages of
 * private memory behind the first four. `account` shows VM_ACCOUNT too.
 */
export function maps(task: Task, base: number, account = false): string[] {
  return [...vmas(task)].filter(vma => vma.vm_start >= base && vma.vm_start < base + 2 ** 40).map(vma => {
    const { vm_flags: flags } = vma;
    const rights = `${flags & VM_READ ? 'r' : '-'}${flags & VM_WRITE ? 'w' : '-'}${flags & VM_EXEC ? 'x' : '-'}${flags & VM_MAYSHARE ? 's' : 'p'}`;
    const words = [`${(vma.vm_start - base) / PAGE}+${(vma.vm_end - vma.vm_start) / PAGE}`, rights];
    if (vma.vm_file !== null) words.push(`${vma.vm_file.f_path}@${vma.vm_pgoff}`);
    if ((flags & VM_LOCKED) !== 0) words.push('locked');
    if ((flags & VM_GROWSDOWN) !== 0) words.push('stack');
    if (account && (flags & VM_ACCOUNT) !== 0) words.push('account');
    return words.join(' ');
  });
}

/** What a pte says; null for none. */
export type PteView = { readonly page: Page; readonly bits: string } | { readonly swap: SwpEntry } | null;
export function pteOf({ m, task }: Space, address: number): PteView {
  const pte = (m.ptes[pte_offset(m, task.mm!, address)] ?? 0) as Pte;
  if (pte_none(pte)) return null;
  if (!pte_present(pte)) return { swap: pte_to_swp_entry(pte) };
  return { page: pte_page(pte), bits: pteBits(pte) };
}
const pteBits = (pte: Pte): string => [pte_young(pte) && 'young', pte_dirty(pte) && 'dirty', pte_write(pte) && 'writable'].filter(Boolean).join(' ');
/** The bits of a present pte in words, the kind of entry otherwise. */
export function bitsAt(s: Space, address: number): string {
  const pte = pteOf(s, address);
  return pte === null ? 'none' : 'swap' in pte ? 'swap entry' : pte.bits;
}
export const pageAt = ({ m, task }: Space, address: number): Page => residentPage(m, task, address);

/** Takes a reference and the lock, as who isolates a page does; an anonymous page gets its place in the swap cache. */
export function isolate(page: Page): Page {
  const mem = k.m.mem_map;
  asTask(s, () => k.lru_add_drain());
  get_page(mem, page);
  mem.flags[page]! |= PG_locked;
  if (PageAnon(mem, page)) k.add_to_swap(page);
  return page;
}
/** Gives back what isolate() took. */
export const release = (page: Page): void => asTask(s, () => {
  k.unlock_page(page);
  k.put_page(page);
});
/** Isolates an anonymous page and takes it out of the address space, as reclaim does: it stays in the swap cache. */
export function unmapToSwap(address: number): Page {
  const page = isolate(pageAt(s, address));
  asTask(s, () => k.page_referenced(page, 1, 0)); // makes the ptes old
  if (asTask(s, () => k.try_to_unmap(page, null)) !== SWAP_SUCCESS) throw new Error(`try_to_unmap() left page ${page} mapped`);
  return page;
}
