/**
 * mm/page_io.c: one page of I/O to a swap slot.
 *
 * A swap area is a whole block device here, so slot and block have the same number (one swap extent). Completions run as interrupt
 * handlers do: see drivers/block/model.ts. Source: 2.6.12.
 */
import { BUG_ON } from '../include/linux/kernel.js';
import { clear_page_flag, PageLocked, PG_error, PG_uptodate, set_page_flag } from '../include/linux/page-flags.js';
import { swp_offset, swp_type, type SwapInfo } from '../include/linux/swap.js';
import type { Page, SwpEntry } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/**
 * end_swap_bio_write(). An error leaves PG_error on the page and nothing else: it is clean in the swap cache as if it had been written,
 * so reclaim may drop the only copy. (Later kernels make it dirty again.)
 */
function writeDone(k: K<'end_page_writeback'>, page: Page, area: SwapInfo, offset: number, error: number, token: number): void {
  if (error !== 0) set_page_flag(k.m.mem_map, page, PG_error);
  else area.content[offset] = token;
  k.end_page_writeback(page);
}

/** end_swap_bio_read(). */
function readDone(k: K<'unlock_page'>, page: Page, error: number, token: number): void {
  const mem = k.m.mem_map;
  if (error !== 0) {
    set_page_flag(mem, page, PG_error);
    clear_page_flag(mem, page, PG_uptodate);
  } else {
    mem.content[page] = token;
    set_page_flag(mem, page, PG_uptodate);
  }
  k.unlock_page(page);
}

/**
 * ->writepage() of the swap cache: starts to write a locked page whose dirty flag the caller has cleared, and unlocks it. A page that
 * nobody but the caller and the swap cache uses is taken out of the cache instead, dirty again. @returns 0.
 */
export function* swap_writepage(
  this: K<'remove_exclusive_swap_page' | 'unlock_page' | 'test_set_page_writeback' | 'submit_page_io' | 'end_page_writeback'>, page: Page,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  if (this.remove_exclusive_swap_page(page) !== 0) {
    this.unlock_page(page);
    return 0;
  }
  const entry = mem.private[page]! as SwpEntry;
  const area = m.swap_info[swp_type(entry)]!;
  const offset = swp_offset(entry);
  m.page_state.pswpout++;
  this.test_set_page_writeback(page);
  this.unlock_page(page);
  this.submit_page_io(area.bdev, offset, true, mem.content[page]!, (error, token) => writeDone(this, page, area, offset, error, token));
  return 0;
}

/**
 * Starts to read a locked page of the swap cache from its slot; its lock is released when it is up to date, or has failed (PG_error).
 * A slot that was never written reads as what the device has there. @returns 0.
 */
export function* swap_readpage(this: K<'submit_page_io' | 'unlock_page'>, page: Page): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'mm/page_io.c:swap_readpage()');
  clear_page_flag(mem, page, PG_uptodate);
  const entry = mem.private[page]! as SwpEntry;
  const { bdev } = m.swap_info[swp_type(entry)]!;
  m.page_state.pswpin++;
  this.submit_page_io(bdev, swp_offset(entry), false, 0, (error, token) => readDone(this, page, error, token));
  return 0;
}
