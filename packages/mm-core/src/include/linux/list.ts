/**
 * Doubly linked circular lists (include/linux/list.h) over the link arrays of the page table of the machine.
 *
 * A page's entry (`page->lru`) is its own frame number; list heads live in the same two arrays behind the last frame.
 * So moving a page between lists allocates nothing.
 */
import type { MemMap } from './mm_types.js';
import type { ListHead, Page } from './types.js';

/** What list_del() leaves in the links of an entry that is on no list. */
export const LIST_POISON = 0xffff_ffff;

export function INIT_LIST_HEAD(mem: MemMap, head: ListHead): void {
  mem.lru_next[head] = head;
  mem.lru_prev[head] = head;
}
export const list_empty = (mem: MemMap, head: ListHead): boolean => mem.lru_next[head] === (head as number);
/** First page of the list; the caller knows that the list is not empty. */
export const list_first = (mem: MemMap, head: ListHead): Page => mem.lru_next[head]! as Page;
/** Last page of the list; the caller knows that the list is not empty. */
export const list_last = (mem: MemMap, head: ListHead): Page => mem.lru_prev[head]! as Page;

export function list_add(mem: MemMap, page: Page, head: ListHead): void {
  const { lru_next, lru_prev } = mem;
  const next = lru_next[head]!;
  lru_next[page] = next;
  lru_prev[page] = head;
  lru_prev[next] = page;
  lru_next[head] = page;
}
export function list_add_tail(mem: MemMap, page: Page, head: ListHead): void {
  const { lru_next, lru_prev } = mem;
  const prev = lru_prev[head]!;
  lru_next[page] = head;
  lru_prev[page] = prev;
  lru_next[prev] = page;
  lru_prev[head] = page;
}
export function list_del(mem: MemMap, page: Page): void {
  const { lru_next, lru_prev } = mem;
  const next = lru_next[page]!;
  const prev = lru_prev[page]!;
  lru_next[prev] = next;
  lru_prev[next] = prev;
  lru_next[page] = LIST_POISON;
  lru_prev[page] = LIST_POISON;
}
export function list_move(mem: MemMap, page: Page, head: ListHead): void {
  list_del(mem, page);
  list_add(mem, page, head);
}
export function list_move_tail(mem: MemMap, page: Page, head: ListHead): void {
  list_del(mem, page);
  list_add_tail(mem, page, head);
}
/** Joins all of `list` in front of `head`'s entries; `list` is empty afterwards. */
export function list_splice_init(mem: MemMap, list: ListHead, head: ListHead): void {
  const { lru_next, lru_prev } = mem;
  const first = lru_next[list]!;
  if (first === (list as number)) return;
  const last = lru_prev[list]!;
  const at = lru_next[head]!;
  lru_prev[first] = head;
  lru_next[head] = first;
  lru_next[last] = at;
  lru_prev[at] = last;
  INIT_LIST_HEAD(mem, list);
}
