/** Commands that work on an address space. */
import {
  MAP_ANONYMOUS, MAP_FIXED, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE,
} from '@pmkit/mm-core/include/asm-ia64/mman';
import { O_RDONLY, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { EACCES, EAGAIN, EFAULT, ENOMEM, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { SIGBUS, SIGSEGV } from '@pmkit/mm-core/include/linux/sched';
import { load, NO_RESULT, syscall, touch, type Task } from '@pmkit/mm-core';
import { modelObject } from '@pmkit/mm-core/testing';
import type { Command, Range } from './model.js';
import { checkPlacement, freshPages } from './placement.js';
import { Violation, type PageRights, type Space, type TrackedFile, type World } from './world.js';

type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

/** A system call. When a task dies in it whose memory others share, what it had done by then is not known: the sequence ends. */
export function call(world: World, task: Task, name: string, ...args: readonly unknown[]): number {
  const { mm } = task;
  const result = syscall(world.k, task, name, ...args);
  if (result === NO_RESULT && world.jobs.some(other => other !== task && other.mm === mm)) world.ended = `${name}: a thread died in it`;
  return result;
}

/** The pages that a command means; null when the task has no memory to speak of. */
export function rangeOf(world: World, task: Task, command: Range): { space: Space; start: number; pages: number } | null {
  const space = world.spaceOf(task);
  if (space.areas.length === 0) return null;
  const area = space.areas[command.area % space.areas.length]!;
  if (command.beyond) return { space, start: area.start + (command.at % (area.pages + 1)), pages: command.pages };
  const at = command.at % area.pages;
  return { space, start: area.start + at, pages: Math.min(command.pages, area.pages - at) };
}

/** MCL_FUTURE makes mmap() lock, which is limited for users. */
export const lockFailures = (task: Task): number[] => (task.mm !== null && task.mm.def_flags !== 0 && task.uid !== 0 ? [-EAGAIN] : []);

export function mmap(world: World, command: Of<'mmap'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const { PAGE_SIZE } = world.m;
  const { pages, prot, shared } = command;
  const flags = MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE) | (command.populate ? MAP_POPULATE : 0);
  const space = world.spaceOf(task);
  const start = call(world, task, 'mmap', 0, pages * PAGE_SIZE, prot, flags, -1, 0);
  if (start < 0) {
    world.promise('mmap()', start, lockFailures(task));
    return;
  }
  world.mapped(space, world.pageOf(start), pages, { prot, mayWrite: true, file: shared ? sharedMemory(pages * PAGE_SIZE) : null, index: 0, shared });
}
export const sharedMemory = (size: number): TrackedFile => ({ object: modelObject(), fs: 'shm', path: null, size, initialPages: 0, inode: null, sb: null });

export function mmapFile(world: World, command: Of<'mmapFile'>): void {
  const task = world.runnable(command.task);
  const file = world.file(command.file, true);
  if (task === null || file === null) return;
  const { PAGE_SIZE } = world.m;
  const { pages, prot, shared, readOnly, pgoff } = command;
  const fd = openFile(world, task, file, readOnly ? O_RDONLY : O_RDWR);
  if (fd < 0) return;
  const space = world.spaceOf(task);
  const offsets = command.again < 0 ? [pgoff] : [pgoff, command.again === 9 ? pgoff + pages : command.again];
  for (const index of offsets) {
    const start = call(world, task, 'mmap', 0, pages * PAGE_SIZE, prot, shared ? MAP_SHARED : MAP_PRIVATE, fd, index * PAGE_SIZE);
    if (start === NO_RESULT) return;
    const refused = shared && readOnly && (prot & PROT_WRITE) !== 0;
    if (start < 0) world.promise('mmap() of a file', start, refused ? [-EACCES, ...lockFailures(task)] : lockFailures(task));
    else if (refused) throw new Violation('mmap() of a read-only file, shared and writable: returned an address, expected -EACCES');
    else world.mapped(space, world.pageOf(start), pages, { prot, mayWrite: !(shared && readOnly), file, index, shared });
  }
  world.promise('close()', call(world, task, 'close', fd), 0);
}
/** A descriptor, or less than 0 when the user may not. */
export function openFile(world: World, task: Task, file: TrackedFile, flags: number): number {
  const fd = call(world, task, 'open', file.path, flags, 0);
  if (fd < 0) world.promise(`open(${file.path ?? ''})`, fd, task.uid === 0 ? [] : [-EACCES]);
  return fd;
}

export function mmapOver(world: World, command: Of<'mmapOver'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { space, start, pages } = range;
  const { PAGE_SIZE } = world.m;
  const result = call(world, task, 'mmap', start * PAGE_SIZE, pages * PAGE_SIZE, command.prot, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (result < 0) {
    world.promise('mmap(MAP_FIXED)', result, lockFailures(task));
    return;
  }
  world.mapped(space, start, pages, { prot: command.prot, mayWrite: true, file: null, index: 0, shared: false });
}

export function munmap(world: World, command: Of<'munmap'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { space, start, pages } = range;
  const { PAGE_SIZE } = world.m;
  world.promise('munmap()', call(world, task, 'munmap', start * PAGE_SIZE, pages * PAGE_SIZE), 0);
  world.unmapped(space, start, pages);
}

export function mprotect(world: World, command: Of<'mprotect'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { space, start, pages } = range;
  const { prot } = command;
  let expected = 0;
  const changed = new Map<number, PageRights>();
  for (let page = start; page < start + pages && expected === 0; page++) {
    const rights = space.pages.get(page);
    if (rights === undefined) expected = -ENOMEM;
    else if (!rights.mayWrite && (prot & PROT_WRITE) !== 0) expected = -EACCES;
    else changed.set(page, { ...rights, prot });
  }
  world.promise('mprotect()', call(world, task, 'mprotect', start * world.m.PAGE_SIZE, pages * world.m.PAGE_SIZE, prot), expected);
  for (const [page, rights] of changed) space.pages.set(page, rights);
}

/** Results of locking: done, hole, limit, and the ways in which a page cannot be faulted in. */
const LOCK_RESULTS = [0, -ENOMEM, -EAGAIN, -EPERM, -EFAULT, -1];

export function mlock(world: World, command: Of<'mlock'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { PAGE_SIZE } = world.m;
  const name = command.on ? 'mlock' : 'munlock';
  world.promise(`${name}()`, call(world, task, name, range.start * PAGE_SIZE, range.pages * PAGE_SIZE), LOCK_RESULTS);
}

export function mlockall(world: World, command: Of<'mlockall'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  if (command.flags === 0) {
    world.promise('munlockall()', call(world, task, 'munlockall'), 0);
    return;
  }
  world.promise('mlockall()', call(world, task, 'mlockall', command.flags), LOCK_RESULTS);
}

/** Which signal an access raises; 0: none. */
function accessFault(world: World, rights: PageRights | undefined, write: boolean): number {
  if (rights === undefined || rights.reserved === true || (rights.prot & (write ? PROT_WRITE : PROT_READ)) === 0) return SIGSEGV;
  return rights.file !== null && !world.inFile(rights.file, rights.index) ? SIGBUS : 0;
}

/** Accesses page after page. The first page that the layout does not allow must be the last. */
export function access(world: World, task: Task, space: Space, start: number, pages: number, write: boolean): void {
  const { k, m } = world;
  let signal = 0;
  let good = 0;
  while (good < pages && (signal = accessFault(world, space.pages.get(start + good), write)) === 0) good++;
  const before = m.content_token;
  const fresh = write ? freshPages(world, space, start, good) : null;
  const done = touch(k, task, start * m.PAGE_SIZE, pages, write ? 'write' : 'read');
  if (write) for (let i = 0; i < done; i++) world.model.store(space.mm, start + i, before + 1 + i);
  if (fresh !== null) checkPlacement(world, task, fresh);
  if (done === good) {
    if (signal !== 0) world.dies(task, signal);
    return;
  }
  const rights = space.pages.get(start + done);
  if (done > good || task.state === 'R') throw new Violation(`touch: ${done} of ${pages} pages accessed, expected ${good}`);
  /* A tmpfs that is full: SIGBUS where there is no page yet. */
  if (rights?.file?.fs === 'tmpfs' && rights.file.sb!.free_blocks === 0) world.dies(task, SIGBUS);
}

export function touchRange(world: World, command: Of<'touch'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { space, start, pages } = range;
  let allowed = 0;
  while (allowed < pages && accessFault(world, space.pages.get(start + allowed), command.write) === 0) allowed++;
  access(world, task, space, start, command.beyond ? pages : allowed, command.write);
}

/** Reads what may be read of a range, and compares. */
export function loadRange(world: World, command: Of<'load'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task !== null && range !== null) loadPages(world, task, range.space, range.start, range.pages);
}
export function loadPages(world: World, task: Task, space: Space, start: number, pages: number): void {
  for (let page = start; page < start + pages && task.state === 'R'; page++) {
    const rights = space.pages.get(page);
    if (accessFault(world, rights, false) !== 0) continue;
    const expected = world.model.load(space.mm, page);
    const found = load(world.k, task, page * world.m.PAGE_SIZE);
    if (found === NO_RESULT && rights?.file?.fs === 'tmpfs' && rights.file.sb!.free_blocks === 0) world.dies(task, SIGBUS);
    if (found !== expected && found !== NO_RESULT) throw new Violation(`load at page ${page} of mm ${space.mm.id}: ${found}, expected ${expected ?? 'nothing'}`);
  }
}

/** Gives a task memory and has it write to the first pages of it. */
function allocate(world: World, task: Task, pages: number, written: number, shared: boolean): void {
  const { m } = world;
  const space = world.spaceOf(task);
  const start = call(world, task, 'mmap', 0, pages * m.PAGE_SIZE, PROT_READ | PROT_WRITE, (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
  if (start < 0) {
    world.promise('mmap()', start, lockFailures(task));
    return;
  }
  const file = shared ? sharedMemory(pages * m.PAGE_SIZE) : null;
  world.mapped(space, world.pageOf(start), pages, { prot: PROT_READ | PROT_WRITE, mayWrite: true, file, index: 0, shared });
  access(world, task, space, world.pageOf(start), written, true);
}

/** A task that wants a large share of all memory at once. */
export function hog(world: World, command: Of<'hog'>): void {
  const task = world.runnable(command.task);
  const pages = Math.ceil((world.m.totalram_pages * command.percent) / 100);
  if (task !== null) allocate(world, task, pages, pages, command.shared);
}

/** A new task with a little memory. */
export function startJob(world: World, node: number, uid: number): void {
  const task = world.newJob(node, uid);
  allocate(world, task, 8, 6, false);
}
