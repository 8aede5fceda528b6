/** The buffers of a page as one request, for fs/buffer.c and XFS. */
import { BH_Async_Write, BH_Req } from '../include/linux/buffer_head.js';
import type { Inode } from '../include/linux/fs.js';
import type { BufferHead, Page } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';
import { diskToken } from './block-map.js';

/** The first of a page's buffers. */
export const pageBuffers = (m: Machine, page: Page): BufferHead => m.mem_map.private[page]! as BufferHead;

/**
 * submit_bh() for all buffers of the page that are marked `async`, as one request; the handler `end` gets each of them when
 * it is done.
 */
export function submitBuffers(
  k: K<'submit_page_io'>, page: Page, inode: Inode, async: number, end: (bh: BufferHead, error: number, token: number) => void,
): void {
  const { m } = k;
  const head = pageBuffers(m, page);
  const write = async === BH_Async_Write;
  let block = -1;
  let bh = head;
  do {
    if ((m.bh.b_state[bh]! & async) !== 0) {
      m.bh.b_state[bh]! |= BH_Req;
      block = Math.floor(m.bh.b_blocknr[bh]! / (m.PAGE_SIZE / inode.i_sb.s_blocksize));
    }
    bh = m.bh.b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  if (block < 0) return;
  const token = write ? m.mem_map.content[page]! : diskToken(inode, m.mem_map.index[page]!);
  k.submit_page_io(inode.i_sb.bdev!, block, write, token, (error, read) => {
    let each = head;
    for (;;) {
      const next = m.bh.b_this_page[each]! as BufferHead;
      if ((m.bh.b_state[each]! & async) !== 0) end(each, error, read);
      if (next === head) return;
      each = next;
    }
  });
}
