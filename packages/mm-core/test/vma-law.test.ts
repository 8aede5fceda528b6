/**
 * A law: whatever a program does to its address space, every page of it has the rights, the lock, the object and the contents that a model
 * says which knows single pages and nothing of vmas, ptes and frames; and the machine is consistent after each call.
 */
import fc from 'fast-check';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { expect, it } from 'vitest';
import { MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../src/include/asm-ia64/mman.js';
import { PMD_SIZE } from '../src/include/asm-ia64/pgtable.js';
import { EACCES, ENOMEM } from '../src/include/linux/errno.js';
import { VM_LOCKED, VM_SHARED } from '../src/include/linux/mm_types.js';
import { load, store, syscall, type Task } from '../src/index.js';
import { diskToken } from '../src/model/block-map.js';
import { check_invariants, modelObject, ReferenceModel, type ModelObject } from '../src/testing.js';
import { ANON, bootSpace, call, newFile, open, PAGE, SHARED_ANON, vmas, type Space } from './memory.js';

/** Pages of the window in which everything happens; a page table ends in its middle, and the heap begins at HEAP. */
const WINDOW = 24;
const HEAP = 8;
const FILE_PAGES = WINDOW + 8;

type Backing = 'private' | 'shared anonymous' | 'private file' | 'shared file' | 'read-only file';
interface ModelPage { readonly prot: number; readonly locked: boolean; readonly shared: boolean; readonly mayWrite: boolean; readonly offset: number | null }
type Op =
  | { readonly op: 'map'; readonly at: number; readonly pages: number; readonly prot: number; readonly backing: Backing; readonly offset: number }
  | { readonly op: 'unmap' | 'mlock' | 'munlock'; readonly at: number; readonly pages: number }
  | { readonly op: 'protect'; readonly at: number; readonly pages: number; readonly prot: number }
  | { readonly op: 'mlockall'; readonly flags: number }
  | { readonly op: 'brk'; readonly pages: number }
  | { readonly op: 'store' | 'load' | 'fork'; readonly at: number };

const at = fc.nat({ max: WINDOW - 1 });
const pages = fc.integer({ min: 1, max: 8 });
const prot = fc.constantFrom(PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
const backing = fc.constantFrom<Backing>('private', 'private', 'shared anonymous', 'private file', 'shared file', 'read-only file');
const operation: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('map' as const), at, pages, prot, backing, offset: fc.nat({ max: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('unmap' as const, 'mlock' as const, 'munlock' as const), at, pages }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('protect' as const), at, pages, prot }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('mlockall' as const), flags: fc.constantFrom(0, 1, 2, 3) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('brk' as const), pages: fc.nat({ max: WINDOW - HEAP }) }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('store' as const, 'store' as const, 'load' as const, 'fork' as const), at }) },
);

/** The program and the model, side by side. */
class Run {
  readonly s: Space = bootSpace({ nodes: [{ id: 0, pages: 384, cpus: [0] }] });
  readonly base: number;
  readonly file: ModelObject;
  readonly fds: Readonly<Record<'rw' | 'r', number>>;
  readonly pages: (ModelPage | null)[] = Array<null>(WINDOW).fill(null);
  readonly contents = new ReferenceModel();
  future = false;
  brk = 0;

  constructor() {
    const { m, task } = this.s;
    this.base = 0x6000_0000_0000_0000 + 2 * PMD_SIZE(m) - (WINDOW / 2) * PAGE;
    const inode = newFile(this.s, '/data/file', FILE_PAGES);
    this.file = modelObject(index => diskToken(inode, index));
    this.fds = { rw: open(this.s, '/data/file'), r: open(this.s, '/data/file', 0) };
    const heap = this.base + HEAP * PAGE;
    Object.assign(task.mm!, { start_data: heap, end_data: heap, start_brk: heap, brk: heap });
    this.contents.create(task.pid);
  }

  address(page: number): number {
    return this.base + page * PAGE;
  }

  step(op: Op): void {
    switch (op.op) {
      case 'map': this.map(op.at, op.pages, op.prot, op.backing, op.offset); break;
      case 'unmap': this.unmap(op.at, Math.min(op.pages, WINDOW - op.at)); break;
      case 'protect': this.protect(op.at, op.pages, op.prot); break;
      case 'mlock': this.mlock(op.at, op.pages); break;
      case 'munlock': this.munlock(op.at, op.pages); break;
      case 'mlockall': this.mlockall(op.flags); break;
      case 'brk': this.moveBrk(op.pages); break;
      case 'store': this.store(op.at); break;
      case 'load': this.load(this.s.task, op.at); break;
      case 'fork': this.fork(op.at); break;
    }
  }

  map(first: number, count: number, rights: number, kind: Backing, offset: number): void {
    const length = Math.min(count, WINDOW - first);
    const isFile = kind.endsWith('file');
    const shared = kind === 'shared file' || kind === 'shared anonymous';
    const flags = kind === 'private' ? ANON : kind === 'shared anonymous' ? SHARED_ANON : kind === 'private file' ? MAP_PRIVATE : MAP_SHARED;
    const fd = !isFile ? -1 : kind === 'read-only file' ? this.fds.r : this.fds.rw;
    const result = call(this.s, 'mmap', this.address(first), length * PAGE, rights, flags | 0x10, fd, isFile ? offset * PAGE : 0);
    if (kind === 'read-only file' && (rights & PROT_WRITE) !== 0) {
      strictEqual(result, -EACCES);
      return;
    }
    strictEqual(result, this.address(first));
    const object = isFile ? this.file : modelObject();
    // a shared mapping of a file that cannot be written never differs from the file either
    const backed = kind === 'private' ? undefined : { object, pgoff: isFile ? offset : 0, shared: kind !== 'private file' };
    this.contents.map(this.s.task.pid, first, length, backed);
    for (let i = 0; i < length; i++) {
      this.set(first + i, { prot: rights, locked: this.future, shared, mayWrite: kind !== 'read-only file', offset: isFile ? offset + i : null });
    }
  }

  unmap(first: number, count: number): void {
    strictEqual(call(this.s, 'munmap', this.address(first), count * PAGE), 0);
    this.forget(first, count);
  }
  forget(first: number, count: number): void {
    this.pages.fill(null, first, first + count);
    this.contents.unmap(this.s.task.pid, first, count);
  }

  /** A page that is locked is faulted in, and where it is private and writable by a store: from now on it is a copy. */
  set(index: number, page: ModelPage): void {
    const becomesLocked = page.locked && this.pages[index]?.locked !== true;
    this.pages[index] = page;
    if (!becomesLocked || page.shared || (page.prot & PROT_WRITE) === 0) return;
    this.contents.store(this.s.task.pid, index, this.contents.load(this.s.task.pid, index)!);
  }

  /** mprotect() and mlock() go from page to page until one refuses; what is before it has been done. */
  walk(result: number, first: number, count: number, change: (page: ModelPage) => ModelPage | number): void {
    let expected = 0;
    for (let i = first; i < first + count && expected === 0; i++) {
      const page = this.pages[i] ?? null;
      const changed = page === null ? -ENOMEM : change(page);
      if (typeof changed === 'number') expected = changed;
      else this.set(i, changed);
    }
    strictEqual(result, expected);
  }

  protect(first: number, count: number, rights: number): void {
    const result = call(this.s, 'mprotect', this.address(first), count * PAGE, rights);
    this.walk(result, first, count, page => (page.mayWrite || (rights & PROT_WRITE) === 0 ? { ...page, prot: rights } : -EACCES));
  }
  munlock(first: number, count: number): void {
    this.walk(call(this.s, 'munlock', this.address(first), count * PAGE), first, count, page => ({ ...page, locked: false }));
  }
  mlock(first: number, count: number): void {
    // memory that cannot be read cannot be faulted in: how much of it is marked before the error depends on vmas
    if (this.pages.slice(first, first + count).some(page => page !== null && !page.locked && (page.prot & PROT_READ) === 0)) return;
    this.walk(call(this.s, 'mlock', this.address(first), count * PAGE), first, count, page => ({ ...page, locked: true }));
  }
  mlockall(flags: number): void {
    strictEqual(flags === 0 ? call(this.s, 'munlockall') : call(this.s, 'mlockall', flags), 0);
    this.future = (flags & 2) !== 0;
    if (flags === 2) return;
    this.pages.forEach((page, index) => {
      if (page !== null) this.set(index, { ...page, locked: flags !== 0 });
    });
  }

  moveBrk(count: number): void {
    const [from, to] = [HEAP + this.brk, HEAP + count];
    const blocked = count > this.brk && this.pages.slice(from, to + 1).some(page => page !== null);
    strictEqual(call(this.s, 'brk', this.address(to)), this.address(blocked ? from : to));
    if (blocked) return;
    this.brk = count;
    if (to < from) this.forget(to, from - to);
    if (to <= from) return;
    this.contents.map(this.s.task.pid, from, to - from);
    for (let i = from; i < to; i++) this.set(i, { prot: PROT_READ | PROT_WRITE, locked: this.future, shared: false, mayWrite: true, offset: null });
  }

  store(page: number): void {
    if (((this.pages[page]?.prot ?? 0) & PROT_WRITE) === 0) return;
    const { task } = this.s;
    this.contents.store(task.pid, page, store(this.s.k, task, this.address(page)));
  }
  load(task: Task, page: number): void {
    if (((this.pages[page]?.prot ?? 0) & PROT_READ) === 0) return;
    strictEqual(load(this.s.k, task, this.address(page)), this.contents.load(task.pid, page));
  }
  /** A child that writes a page, looks at all of them, and is gone. */
  fork(page: number): void {
    const { k, m, task } = this.s;
    const child = m.tasks.get(syscall(k, task, 'fork'))!;
    this.contents.fork(task.pid, child.pid);
    if (((this.pages[page]?.prot ?? 0) & PROT_WRITE) !== 0) this.contents.store(child.pid, page, store(k, child, this.address(page)));
    for (let i = 0; i < WINDOW; i++) this.load(child, i);
    strictEqual([...vmas(child)].some(vma => (vma.vm_flags & VM_LOCKED) !== 0), false);
    this.contents.exit(child.pid);
    syscall(k, child, 'exit', 0);
    strictEqual(syscall(k, task, 'wait4', child.pid, null, 0), child.pid);
  }

  /** What the kernel has, page by page, in the words of the model. */
  found(): unknown[] {
    const found = Array<unknown>(WINDOW).fill(null);
    for (const vma of vmas(this.s.task)) {
      for (let address = vma.vm_start; address < vma.vm_end; address += PAGE) {
        const { vm_flags: flags, vm_file: file } = vma;
        const offset = file?.f_path === '/data/file' ? vma.vm_pgoff + (address - vma.vm_start) / PAGE : null;
        found[(address - this.base) / PAGE] = { prot: flags & 7, locked: (flags & VM_LOCKED) !== 0, shared: (flags & VM_SHARED) !== 0, offset };
      }
    }
    return found;
  }
  check(): void {
    deepStrictEqual(this.found(), this.pages.map(page => page && { prot: page.prot, locked: page.locked, shared: page.shared, offset: page.offset }));
    deepStrictEqual(check_invariants(this.s.k), []);
  }
}

it('an address space is what was asked for, page by page', () => {
  fc.assert(fc.property(fc.array(operation, { minLength: 5, maxLength: 40 }), operations => {
    const run = new Run();
    for (const op of operations) {
      run.step(op);
      run.check();
    }
    for (let page = 0; page < WINDOW; page++) run.load(run.s.task, page);
    call(run.s, 'exit', 0);
    expect(check_invariants(run.s.k)).toEqual([]);
  }), { numRuns: 80, seed: 20_050_622 });
});
