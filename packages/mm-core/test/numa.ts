/** What the tests of policies and cpusets share: a machine of four nodes with a CPU each, masks, calls, and where pages lie. */
import { MPOL_F_ADDR } from '../src/include/linux/mempolicy.js';
import type { UserMask } from '../src/include/linux/misc.js';
import type { Vma } from '../src/include/linux/mm_types.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import type { Task } from '../src/include/linux/sched.js';
import { boot, residentPage, spawn, syscall, touch, type Kernel, type MachineConfig } from '../src/index.js';
import { nodeList } from '../src/model/objects.js';

export const PAGE = 16384;
const PROT_RW = 3;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
/** What a caller passes for a mask of 256 bits. */
export const MAXNODE = 257;

export interface Numa { readonly k: Kernel; readonly task: Task }

/** Boots nodes 0 to 3 of 512 pages, CPU n on node n; the task runs on CPU 0. */
export function bootNodes(config: Partial<MachineConfig> = {}): Numa {
  const k = boot({ nodes: [0, 1, 2, 3].map(id => ({ id, pages: 512, cpus: [id] })), poison: true, ...config });
  return { k, task: spawn(k, { comm: 'test', cpu: 0 }) };
}
/** Does something as a task that is in the kernel already: for functions that have no system call here. */
export function as<T>({ k, task }: Numa, action: (k: Kernel) => T): T {
  const { current } = k.m;
  k.m.current = task;
  try {
    return action(k);
  } finally {
    k.m.current = current;
  }
}
/** Sleeps are not expected: runs a generator of the kernel as the task, to its end. */
export function finish<T>(numa: Numa, body: (k: Kernel) => Generator<unknown, T>): T {
  return as(numa, k => {
    const step = body(k).next();
    if (step.done !== true) throw new Error('the kernel function sleeps');
    return step.value;
  });
}

export const mask = (...nodes: number[]): Uint32Array => nodemask_of(...nodes);

export function map({ k, task }: Numa, pages: number, flags = MAP_PRIVATE | MAP_ANONYMOUS, at = 0, prot = PROT_RW): number {
  const address = syscall(k, task, 'mmap', at, pages * k.m.PAGE_SIZE, prot, at === 0 ? flags : flags | MAP_FIXED, -1, 0);
  if (address < 0) throw new Error(`mmap() returned ${address}`);
  return address;
}
export const unmap = ({ k, task }: Numa, address: number, pages: number): number => syscall(k, task, 'munmap', address, pages * k.m.PAGE_SIZE);
export const write = ({ k, task }: Numa, address: number, pages = 1): number => touch(k, task, address, pages, 'write');
export const read = ({ k, task }: Numa, address: number, pages = 1): number => touch(k, task, address, pages, 'read');

export function setPolicy({ k, task }: Numa, mode: number, nodes: UserMask | null, maxnode = MAXNODE): number {
  return syscall(k, task, 'set_mempolicy', mode, nodes, maxnode);
}
export function mbind({ k, task }: Numa, address: number, pages: number, mode: number, nodes: UserMask | null, flags = 0): number {
  return syscall(k, task, 'mbind', address, pages * k.m.PAGE_SIZE, mode, nodes, MAXNODE, flags);
}
/** Mode and nodes of the task's policy, or of the one at an address; or the errno. */
export function getPolicy({ k, task }: Numa, address?: number): { mode: number; nodes: number[] } | number {
  const mode = { value: -1 };
  const nodes = mask().fill(0xffff_ffff);
  const error = syscall(k, task, 'get_mempolicy', mode, nodes, MAXNODE, address ?? 0, address === undefined ? 0 : MPOL_F_ADDR);
  return error === 0 ? { mode: mode.value, nodes: nodeList(nodes) } : error;
}

/** Node of each page from an address on; -1 where nothing is mapped. */
export function nodesOf({ k, task }: Numa, address: number, pages: number): number[] {
  return Array.from({ length: pages }, (_, i) => {
    const page = residentPage(k.m, task, address + i * k.m.PAGE_SIZE);
    return page === 0 ? -1 : page_to_nid(k.m, page);
  });
}
/** The vmas of the task, ascending. */
export function vmasOf({ task }: Numa): Vma[] {
  const vmas: Vma[] = [];
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) vmas.push(vma);
  return vmas;
}
/** The vmas in pages from an address on, each with the mode of its policy: `0+4:2`. */
export function layout(numa: Numa, base: number): string[] {
  const { PAGE_SIZE } = numa.k.m;
  return vmasOf(numa).map(vma => `${(vma.vm_start - base) / PAGE_SIZE}+${(vma.vm_end - vma.vm_start) / PAGE_SIZE}:${vma.vm_policy?.policy ?? '-'}`);
}
export const logOf = ({ k }: Numa): string[] => k.m.log.map(line => line.text);
