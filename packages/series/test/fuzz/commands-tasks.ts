/** Commands that make and end tasks, add and remove swap, pin pages, and change the kernel under the machine. */
import { EINTR, ENOMEM, ENOSYS } from '@pmkit/mm-core/include/linux/errno';
import { PageReserved } from '@pmkit/mm-core/include/linux/page-flags';
import {
  CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCONT, SIGKILL, SIGSTOP, SIGTERM, WNOHANG,
} from '@pmkit/mm-core/include/linux/sched';
import { down_read, up_read } from '@pmkit/mm-core/include/linux/spinlock';
import type { Page } from '@pmkit/mm-core/include/linux/types';
import { NO_RESULT, run, settle, syscall, type MaySleep } from '@pmkit/mm-core';
import { watchRows } from '@pmkit/linker';
import { goTo, levels, TOP_LEVEL } from '../../src/levels.js';
import { call, rangeOf, startJob } from './commands-memory.js';
import type { Command } from './model.js';
import { MAX_JOBS, type World } from './world.js';

type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

export function fork(world: World, command: Of<'fork'>): void {
  const { k, m } = world;
  const task = world.runnable(command.task);
  if (task === null || world.jobs.length >= MAX_JOBS) return;
  let pid: number;
  if (command.thread) {
    const outcome = run(k, task, k.do_fork(THREAD));
    pid = outcome.kind === 'returned' ? outcome.value : NO_RESULT;
  } else pid = call(world, task, 'fork');
  if (pid < 0) {
    world.promise('fork()', pid, [], -ENOMEM, -EINTR);
    return;
  }
  const child = m.tasks.get(pid);
  // without memory it was killed before it ran: the log says by whom
  if (child !== undefined && child.mm !== null) world.forked(task, child);
}

export function exit(world: World, command: Of<'exit'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  call(world, task, 'exit', 3);
  world.ended = null;
  world.deaths.set(task, 3 << 8);
}

/** A signal that is pending while its task is stopped ends the task when that goes on. */
export function kill(world: World, command: Of<'kill'>): void {
  const task = world.any(command.task);
  if (task === null) return;
  const sig = [SIGSTOP, SIGCONT, SIGSTOP, SIGCONT, SIGSTOP, SIGCONT, SIGKILL, SIGTERM][command.sig % 8]!;
  const stopped = task.state === 'T';
  world.promise('kill()', call(world, world.batchd, 'kill', task.pid, sig), 0);
  const waiting = world.doomed.get(task.signal);
  if (sig === SIGKILL) world.dies(task, sig);
  else if (sig === SIGTERM && !stopped) world.dies(task, sig);
  else if (sig === SIGTERM) world.doomed.set(task.signal, sig);
  else if (sig === SIGCONT && waiting !== undefined) world.dies(task, waiting);
}

export function reap(world: World): void {
  const { k, m } = world;
  while (syscall(k, m.init_task, 'wait4', -1, null, WNOHANG) > 0);
}

export function spawnJob(world: World, command: Of<'spawn'>): void {
  if (world.jobs.length >= MAX_JOBS) return;
  try {
    startJob(world, command.node, command.uid);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('no memory')) throw error;
    world.promise('spawn()', -ENOMEM, [], -ENOMEM);
  }
}

export function swapon(world: World, command: Of<'swapon'>): void {
  if (world.m.swap_info.filter(area => area !== null && area.flags !== 0).length >= 3) return;
  world.promise('swapon()', world.swapon(command.slots), world.m.config.CONFIG_SWAP ? 0 : -ENOSYS);
}

/** swapoff() needs room in memory for what is in the area. */
export function swapoff(world: World, command: Of<'swapoff'>): void {
  const areas = world.m.swap_info.filter(area => area !== null && area.flags !== 0);
  if (areas.length === 0) return;
  const area = areas[command.area % areas.length]!;
  world.promise('swapoff()', call(world, world.batchd, 'swapoff', area.bdev), [0, -ENOMEM], -EINTR);
}

/** Holds a page as direct I/O would: get_user_pages(). */
export function pin(world: World, command: Of<'pin'>): void {
  const { k, m } = world;
  const task = world.any(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { mm } = range.space;
  const rights = range.space.pages.get(range.start);
  /* filemap_nopage() lets strangers have pages behind the end of a file, which it refuses to the owner. */
  if (rights !== undefined && rights.file !== null && !world.inFile(rights.file, rights.index)) return;
  const pages: Page[] = [];
  mm.mm_users++;
  run(k, world.batchd, (function* (): MaySleep<void> {
    yield* down_read(m, mm.mmap_sem);
    yield* k.get_user_pages(m.current, mm, range.start * m.PAGE_SIZE, 1, 0, 0, pages, null);
    up_read(m, mm.mmap_sem);
    k.mmput(mm);
  })());
  for (const page of pages) if (!PageReserved(m.mem_map, page)) world.held.push(page);
}

export function unpin(world: World, command: Of<'unpin'>): void {
  if (world.held.length === 0) return;
  const [page] = world.held.splice(command.pin % world.held.length, 1);
  world.k.put_page(page!);
}

/** Pushes or pops patches on the running machine. */
export function relink(world: World, command: Of<'relink'>): void {
  world.level = Math.min(command.level % (2 * levels.length), TOP_LEVEL);
  goTo(world.k, world.level);
  if (!world.flat) watchRows(world.k);
}

export function settleDown(world: World): void {
  settle(world.k);
}
