/** Calls through operation tables, `mapping->a_ops->migrate_page`, `vma->vm_ops->nopage`, and through other pointers to functions. */
import type { AddressSpace, AddressSpaceOperations, Inode, VmOperations } from '../include/linux/fs.js';
import type { PageOrErr } from '../include/linux/misc.js';
import type { Mempolicy } from '../include/linux/mempolicy.js';
import type { Vma } from '../include/linux/mm_types.js';
import type { Address, BufferHead, Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { WritebackControl } from '../include/linux/writeback.js';

/** Prototypes of the methods in struct address_space_operations. */
interface AopsMethods {
  writepage: (page: Page) => MaySleep<number>;
  readpage: (page: Page) => MaySleep<number>;
  sync_page: (page: Page) => void;
  writepages: (mapping: AddressSpace, wbc: WritebackControl) => MaySleep<number>;
  set_page_dirty: (page: Page) => number;
  prepare_write: (page: Page, from: number, to: number) => MaySleep<number>;
  commit_write: (page: Page, from: number, to: number) => number;
  invalidatepage: (page: Page, offset: number) => void;
  releasepage: (page: Page, gfp_mask: number) => number;
  migrate_page: (page: Page, newpage: Page) => MaySleep<number>;
}
/** Prototypes of the methods in struct vm_operations_struct. */
interface VmMethods {
  open: (vma: Vma) => void;
  close: (vma: Vma) => void;
  nopage: (vma: Vma, address: Address) => MaySleep<PageOrErr>;
  populate: (vma: Vma, address: Address) => MaySleep<number>;
  set_policy: (vma: Vma, policy: Mempolicy | null) => number;
  get_policy: (vma: Vma, address: Address) => Mempolicy | null;
}

/** get_block_t: how a file system finds, and with `create` makes, the block on disk of a block of a file. */
export type GetBlock = 'ext2_get_block' | 'ext3_get_block' | 'linvfs_get_block';
type GetBlockFunction = (inode: Inode, iblock: number, bh_result: BufferHead, create: number) => number;

/** The linked kernel as a table of anything; only this file looks at it that way. */
type Table = Readonly<Record<string, unknown>>;

/** The method of a mapping's table, or undefined where the table has none. Call it as `method.call(this, …)`. */
export function aop<S extends keyof AopsMethods>(kernel: object, mapping: AddressSpace, method: S): AopsMethods[S] | undefined {
  const table = kernel as Table;
  const name = (table[mapping.a_ops] as AddressSpaceOperations)[method];
  return name === undefined ? undefined : (table[name] as AopsMethods[S]);
}
/** The method of a vma's vm_ops, or undefined: anonymous memory has no vm_ops. */
export function vmop<S extends keyof VmMethods>(kernel: object, vma: Vma, method: S): VmMethods[S] | undefined {
  if (vma.vm_ops === null) return undefined;
  const table = kernel as Table;
  const name = (table[vma.vm_ops] as VmOperations)[method];
  return name === undefined ? undefined : (table[name] as VmMethods[S]);
}
/** The function a get_block_t points to. */
export const getBlock = (kernel: object, name: GetBlock): GetBlockFunction => (kernel as Table)[name] as GetBlockFunction;
/** The function that is handed to smp_call_function(): void (*func)(void *info). */
export function crossCall(kernel: object, name: string): (info: unknown) => void {
  const func = (kernel as Table)[name];
  if (typeof func !== 'function') throw new TypeError(`smp_call_function(): this kernel has no function '${name}'`);
  return func as (info: unknown) => void;
}
