/**
 * What tests of the patch packages set a machine up with: four nodes, a batch scheduler, a job to move, its memory and files, and where
 * things lie. It works on a kernel of any level; a call of its own that fails is an error of the test.
 */
import { page_to_nid } from '../include/linux/mm.js';
import { MPOL_F_ADDR } from '../include/linux/mempolicy.js';
import { nodemask_of } from '../include/linux/nodemask.js';
import type { Inode } from '../include/linux/fs.js';
import type { Vma } from '../include/linux/mm_types.js';
import type { Task } from '../include/linux/sched.js';
import type { Address } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import type { Machine, MachineConfig } from '../machine.js';
import { nodeList } from '../model/objects.js';
import { syscall, type SyscallKernel } from './syscalls.js';
import { spawn, type SpawnKernel } from './tasks.js';
import { residentPage, touch, type FaultKernel } from './user.js';

/** A kernel of any level. */
export type AnyKernel = SyscallKernel & FaultKernel & SpawnKernel & K<'add_disk' | 'new_inode'>;

/** Nodes 0 to 3 of 512 pages; node n has CPUs 2n and 2n + 1. */
export const FOUR_NODES: MachineConfig = { nodes: [0, 1, 2, 3].map(id => ({ id, pages: 512, cpus: [2 * id, 2 * id + 1] })), poison: true };

/** Protections of mmap(). */
export const READ = 1;
export const WRITE = 2;
/** Flags of mmap(). */
export const SHARED = 1;
export const PRIVATE = 2;
export const ANONYMOUS = 0x20;

/** An array of node ids, as migrate_pages() takes it. */
export const nodes = (...ids: number[]): Uint32Array => Uint32Array.from(ids);
/** A node mask, as mbind() and set_mempolicy() take it. */
export const mask = (...ids: number[]): Uint32Array => nodemask_of(...ids);
/** The maxnode of a caller with masks of 256 bits. */
export const MAXNODE = 257;

/** A system call that the test needs and is not about. @throws {Error} when it fails. */
export function must(k: SyscallKernel, task: Task, call: string, ...args: readonly unknown[]): number {
  const result = syscall(k, task, call, ...args);
  if (result < 0) throw new Error(`${call}() of the test's own returned ${result}`);
  return result;
}

/** Adds a swap area of so many usable slots. */
export function addSwap(k: AnyKernel, slots = 1024): void {
  must(k, k.m.init_task, 'swapon', k.add_disk('swap', 8, 32, 1), slots + 1, 0);
}

/** The batch scheduler: root, on node 0. */
export const scheduler = (k: AnyKernel): Task => spawn(k, { comm: 'batchd', cpu: 0 });

/** migrate_pages(), from patch 4 on; what it returns. */
export const migrate = (k: SyscallKernel, caller: Task, target: Task, old: readonly number[], fresh: readonly number[]): number =>
  syscall(k, caller, 1279, target.pid, old.length, nodes(...old), nodes(...fresh));

/** A job on a node's CPU with `pages` pages of private memory that it has written. */
export function startJob(k: AnyKernel, node = 1, pages = 16): { task: Task; address: Address } {
  const task = spawn(k, { comm: 'job', cpu: 2 * node });
  return { task, address: anonymous(k, task, pages) };
}

/** Maps `pages` pages of memory, private if nothing else is said; nothing of it is touched. */
export const mapMemory = (k: AnyKernel, task: Task, pages: number, prot = READ | WRITE, flags = PRIVATE): Address =>
  must(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, prot, flags | ANONYMOUS, -1, 0);
/** Maps private memory and writes to every page. */
export function anonymous(k: AnyKernel, task: Task, pages: number): Address {
  const address = mapMemory(k, task, pages);
  touch(k, task, address, pages, 'write');
  return address;
}

/** A file of so many pages on the root file system (ext3), that was there before. */
export function newFile(k: AnyKernel, path: string, pages: number): Inode {
  const sb = k.m.super_blocks.find(candidate => candidate.s_root === '/')!;
  return k.new_inode(sb, path, pages * k.m.PAGE_SIZE, 0o666);
}
/** Maps a file from its beginning and closes it; nothing of it is touched. A file that is only read is opened for reading. */
export function mapFile(k: AnyKernel, task: Task, path: string, pages: number, prot: number, flags: number): Address {
  const fd = must(k, task, 'open', path, (prot & WRITE) !== 0 && flags === SHARED ? 2 : 0, 0);
  const address = must(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, prot, flags, fd, 0);
  must(k, task, 'close', fd);
  return address;
}
/** Attaches a new SysV segment of `pages` pages; its id is there for others to attach. */
export function attachSegment(k: AnyKernel, task: Task, pages: number): { id: number; address: Address } {
  const id = must(k, task, 'shmget', 0, pages * k.m.PAGE_SIZE, 0o1666);
  return { id, address: must(k, task, 'shmat', id, 0, 0) };
}

/** Node of each page from an address on; -1 where nothing is mapped. */
export function nodesOf(m: Machine, task: Task, address: Address, pages: number): number[] {
  return Array.from({ length: pages }, (_, i) => {
    const page = residentPage(m, task, address + i * m.PAGE_SIZE);
    return page === 0 ? -1 : page_to_nid(m, page);
  });
}
/** The vma at an address; an error when there is none. */
export function vmaAt(task: Task, address: Address): Vma {
  let vma = task.mm?.mmap ?? null;
  while (vma !== null && vma.vm_end <= address) vma = vma.vm_next;
  if (vma === null || vma.vm_start > address) throw new RangeError(`${task.comm}[${task.pid}] has nothing mapped at ${address}`);
  return vma;
}

const MODES = ['default', 'preferred', 'bind', 'interleave'];
/** What get_mempolicy() says of the task, or of the memory at an address: `bind 0,2`. A job that is stopped cannot be asked. */
export function policyOf(k: AnyKernel, task: Task, address?: Address): string {
  const mode = { value: -1 };
  const where = mask().fill(0xffff_ffff);
  must(k, task, 'get_mempolicy', mode, where, MAXNODE, address ?? 0, address === undefined ? 0 : MPOL_F_ADDR);
  return `${MODES[mode.value] ?? mode.value} ${nodeList(where).join(',')}`.trimEnd();
}

export const logOf = (m: Machine): string[] => m.log.map(line => line.text);
