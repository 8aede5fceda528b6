/**
 * What a program would read at an address, found out without reading: nothing is faulted in, no bit is set, no time passes. So contents
 * can be compared after every command without the comparison changing what comes next.
 */
import { pte_offset, pte_page, pte_present, pte_to_swp_entry } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { BH_Uptodate } from '@pmkit/mm-core/include/linux/buffer_head';
import type { AddressSpace } from '@pmkit/mm-core/include/linux/fs';
import { PageAnon } from '@pmkit/mm-core/include/linux/mm';
import { PagePrivate, PageUptodate } from '@pmkit/mm-core/include/linux/page-flags';
import { swp_offset, swp_type } from '@pmkit/mm-core/include/linux/swap';
import type { Page, Pte, SwpEntry } from '@pmkit/mm-core/include/linux/types';
import { diskToken } from '@pmkit/mm-core/model/block-map';
import type { Machine, Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '../../src/levels.js';

/** Contents, and whether the page is a private copy already. */
export interface Peek { readonly token: number; readonly own: boolean }

/** What is at an address of a vma. */
export function peek(k: AnyKernel, vma: Vma, address: number): Peek {
  const { m } = k;
  const pte = m.ptes[pte_offset(m, vma.vm_mm, address)]! as Pte;
  if (pte_present(pte)) {
    const page = pte_page(pte);
    return { token: m.mem_map.content[page]!, own: PageAnon(m.mem_map, page) };
  }
  if (pte !== 0) return { token: peekSwap(k, pte_to_swp_entry(pte)), own: true };
  if (vma.vm_file === null) return { token: 0, own: false };
  return { token: peekFile(k, vma.vm_file.f_mapping, vma.vm_pgoff + (address - vma.vm_start) / m.PAGE_SIZE), own: false };
}

/** What is in a slot of a swap area: in its page in the swap cache, unless that is still being read. */
function peekSwap(k: AnyKernel, entry: SwpEntry): number {
  const { m } = k;
  const page = k.radix_tree_lookup(m.swapper_space.page_tree, entry) as Page;
  if (page !== 0 && PageUptodate(m.mem_map, page)) return m.mem_map.content[page]!;
  return m.swap_info[swp_type(entry)]?.content[swp_offset(entry)] ?? -1;
}

/** What is at an index of a file: in the page cache, in swap (tmpfs), on disk, or a hole. */
export function peekFile(k: AnyKernel, mapping: AddressSpace, index: number): number {
  const { m } = k;
  const page = k.radix_tree_lookup(mapping.page_tree, index) as Page;
  if (page !== 0 && (PageUptodate(m.mem_map, page) || partlyWritten(m, page))) return m.mem_map.content[page]!;
  const inode = mapping.host!;
  if (inode.shmem !== null) {
    const entry = inode.shmem.swp.get(index);
    return entry === undefined ? 0 : peekSwap(k, entry);
  }
  const block = inode.blocks.get(index);
  const written = block === undefined ? undefined : inode.i_sb.bdev!.data.get(block);
  return written ?? (index < inode.initial_pages ? diskToken(inode, index) : 0);
}

/** A page that is not up to date, but some of its buffers are: a part was written, and its contents are newer than the disk's. */
function partlyWritten(m: Machine, page: Page): boolean {
  if (!PagePrivate(m.mem_map, page)) return false;
  const { b_state, b_this_page } = m.bh;
  const head = m.mem_map.private[page]!;
  let bh = head;
  do {
    if ((b_state[bh]! & BH_Uptodate) !== 0) return true;
    bh = b_this_page[bh]!;
  } while (bh !== head);
  return false;
}
