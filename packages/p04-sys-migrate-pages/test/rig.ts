/** A small machine at the level of patch 4 and at the level below, with a batch scheduler and a job to move. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import {
  base, createMachine, residentPage, spawn, start, syscall, touch, type Machine, type MachineConfig, type Page, type Task,
} from '@pmkit/mm-core';
import { get_page, page_mapped, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '../src/index.js';

const level3 = Series.of(base).push(p01).push(p02).push(p03);
const level4 = level3.push(p04);
declareSymbols(level4.definitions.keys());

export const FOUR_NODES: MachineConfig = { nodes: [0, 1, 2, 3].map(id => ({ id, pages: 512, cpus: [2 * id, 2 * id + 1] })), poison: true };

export const bootLevel3 = (config: MachineConfig = FOUR_NODES) => start(link(level3, { m: createMachine(config) }));
export const bootLevel4 = (config: MachineConfig = FOUR_NODES) => start(link(level4, { m: createMachine(config) }));
export type Kernel3 = ReturnType<typeof bootLevel3>;
export type Kernel4 = ReturnType<typeof bootLevel4>;

export const READ = 1;
export const WRITE = 2;
export const SHARED = 1;
export const PRIVATE = 2;
const ANONYMOUS = 0x20;

export const nodes = (...ids: number[]): Uint32Array => Uint32Array.from(ids);

/** Adds a swap area of so many usable slots. */
export function addSwap(k: Kernel3 | Kernel4, slots = 1024): void {
  expectDone(syscall(k, k.m.init_task, 'swapon', k.add_disk('swap', 8, 32, 1), slots + 1, 0));
}
function expectDone(result: number): number {
  if (result < 0) throw new Error(`the rig's own call returned ${result}`);
  return result;
}

/** A job on a node's CPU with `pages` pages of private memory that it has written. */
export function startJob(k: Kernel3 | Kernel4, node = 1, pages = 16): { task: Task; address: number } {
  const task = spawn(k, { comm: 'job', cpu: 2 * node });
  return { task, address: anonymous(k, task, pages) };
}
export function anonymous(k: Kernel3 | Kernel4, task: Task, pages: number): number {
  const address = expectDone(syscall(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0));
  touch(k, task, address, pages, 'write');
  return address;
}
/** What reclaim does first to a page: a swap entry instead of the pte. The page stays in the swap cache, on the LRU. */
export function unmapToSwap(k: Kernel4, task: Task, address: number): Page {
  const page = residentPage(k.m, task, address);
  const mem = k.m.mem_map;
  k.lru_drain_cache(task.cpu);
  get_page(mem, page);
  if (TestSetPageLocked(mem, page) || k.add_to_swap(page) === 0) throw new Error('the page is locked, or there is no swap');
  // the first try only makes the pte old
  while (page_mapped(mem, page)) k.try_to_unmap(page, null);
  k.unlock_page(page);
  k.put_page(page);
  return page;
}
/** Maps a new file of an ext3 or xfs file system; nothing of it is touched. */
export function mapFile(k: Kernel3 | Kernel4, task: Task, path: string, pages: number, prot: number, flags: number): number {
  const fd = expectDone(syscall(k, task, 'open', path, 2, 0));
  const address = expectDone(syscall(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, prot, flags, fd, 0));
  expectDone(syscall(k, task, 'close', fd));
  return address;
}
export function newFile(k: Kernel3 | Kernel4, path: string, pages: number): void {
  const sb = k.m.super_blocks.find(candidate => candidate.s_root === '/')!;
  k.new_inode(sb, path, pages * k.m.PAGE_SIZE, 0o666);
}

/** The batch scheduler: root, on node 0. */
export const scheduler = (k: Kernel3 | Kernel4): Task => spawn(k, { comm: 'batchd', cpu: 0 });

/** Node of each page from an address on; -1 where nothing is mapped. */
export function nodesOf(m: Machine, task: Task, address: number, pages: number): number[] {
  return Array.from({ length: pages }, (_, i) => {
    const page = residentPage(m, task, address + i * m.PAGE_SIZE);
    return page === 0 ? -1 : page_to_nid(m, page);
  });
}
export const logOf = (m: Machine): string[] => m.log.map(line => line.text);
