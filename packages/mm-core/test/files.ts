/** What the tests of files, buffers and shared memory share: a booted machine with disks, and file operations of a task. */
import { O_CREAT, O_RDWR } from '../src/include/asm-ia64/fcntl.js';
import type { BlockDevice, FsType, Inode, SuperBlock } from '../src/include/linux/fs.js';
import type { Task } from '../src/include/linux/sched.js';
import type { Page } from '../src/include/linux/types.js';
import { boot, runKernel, spawn, syscall, type Kernel, type MachineConfig } from '../src/index.js';

export const PAGE = 16384;
export const PROT_RW = 3;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_ANONYMOUS = 0x20;

export interface Fixture { readonly k: Kernel; readonly task: Task; readonly disk: BlockDevice; readonly sb: SuperBlock }

/** Boots two nodes and mounts a file system on /data, on a disk of its own that takes 1 ms a page. */
export function bootWith(fstype: FsType, blocksize = PAGE, config: Partial<MachineConfig> = {}): Fixture {
  const k = boot({ nodes: [{ id: 0, pages: 2048, cpus: [0] }, { id: 1, pages: 2048, cpus: [1] }], ...config });
  const disk = k.add_disk('sdb', 8, 16, 1);
  const sb = k.new_super_block(fstype, '/data', fstype === 'tmpfs' ? null : disk, blocksize);
  return { k, task: spawn(k, { comm: 'test' }), disk, sb };
}

export function open({ k, task }: Fixture, path: string, flags = O_RDWR | O_CREAT, mode = 0o644): number {
  return syscall(k, task, 'open', path, flags, mode);
}
export const inodeOf = ({ k }: Fixture, path: string): Inode => k.path_lookup(path)!;

/** Reads whole pages from a page on: their tokens. */
export function readPages({ k, task }: Fixture, fd: number, from: number, pages: number): number[] {
  const buf = new Uint32Array(pages);
  syscall(k, task, 'lseek', fd, from * PAGE);
  const bytes = syscall(k, task, 'read', fd, pages * PAGE, buf);
  return [...buf.subarray(0, Math.ceil(bytes / PAGE))];
}
/** Writes bytes at a place; returns what write() does. */
export function writeAt({ k, task }: Fixture, fd: number, pos: number, bytes: number): number {
  syscall(k, task, 'lseek', fd, pos);
  return syscall(k, task, 'write', fd, bytes);
}
/** The cached page of a file, without a reference; 0 when it is not in the cache. */
export const cachedPage = ({ k }: Fixture, inode: Inode, index: number): Page => k.radix_tree_lookup(inode.i_mapping.page_tree, index) as Page;
/** Drops the clean pages of a file from the cache; how many. */
export const dropCache = ({ k, task }: Fixture, inode: Inode): number => runKernel(k, task, k.invalidate_inode_pages(inode.i_mapping));
/** The indexes of a file's pages that have a tag of the radix tree. */
export function tagged({ k }: Fixture, inode: Inode, tag: number): number[] {
  const pages: number[] = [];
  k.radix_tree_gang_lookup_tag(inode.i_mapping.page_tree, pages, 0, 10_000, tag);
  return pages.map(page => k.m.mem_map.index[page]!);
}
/** Buffers of a page, in order of their blocks: the states. */
export function buffersOf({ k }: Fixture, page: Page): number[] {
  const { b_state, b_this_page } = k.m.bh;
  const head = k.m.mem_map.private[page]!;
  const states: number[] = [];
  let bh = head;
  do {
    states.push(b_state[bh]!);
    bh = b_this_page[bh]!;
  } while (bh !== head);
  return states;
}
