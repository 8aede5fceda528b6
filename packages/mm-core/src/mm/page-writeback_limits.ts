/**
 * How much dirty memory there may be, and who writes it back (mm/page-writeback.c and mm/pdflush.c of 2.6.12).
 *
 * A task that dirties page cache calls balance_dirty_pages_ratelimited() after every page. Over the background limit
 * (dirty_background_ratio, 10 % of what 2.6.12 takes for the memory of the machine, see total_pages()) it wakes pdflush; over
 * the limit (vm_dirty_ratio, 40 %, less when much memory is mapped) it writes back itself.
 *
 * Modelled: one pdflush thread instead of two to eight; the kernel thread sleeps until work is queued for it, and the
 * timer that runs wb_kupdate() every five seconds belongs to the driver of the simulation, because a machine whose timers
 * always tick would never come to rest.
 */
import type { AddressSpace } from '../include/linux/fs.js';
import { wake_up_interruptible, type MaySleep } from '../include/linux/wait.js';
import { WB_SYNC_NONE, type WritebackControl } from '../include/linux/writeback.js';
import { writebackControl } from '../model/objects.js';
import type { Machine, PdflushWork } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Most pages one round of writeback takes before it looks at the limits again. */
const MAX_WRITEBACK_PAGES = 1024;
/** HZ / 10 in ms: how long a writer waits for the device before it looks again. */
const CONGESTION_WAIT = 100;
/** Dirty data older than this is written by wb_kupdate(); ms. */
const DIRTY_EXPIRE = 30_000;

/**
 * total_pages as page_writeback_init() sets it: nr_free_pagecache_pages() adds up the zonelists of all nodes, and each of those has
 * every zone of the machine. So 2.6.12 counts all memory once a node, and the limits, percentages of it, are as many times too
 * high: from three nodes on, 40 % is more than there is. pages_high, which would be subtracted, is still 0 that early in boot.
 */
const total_pages = (m: Machine): number => m.totalram_pages * m.node_ids.length;

/** How many pages a CPU may dirty between two looks at the limits; 4 MB at most. */
function ratelimit_pages(m: Machine): number {
  const pages = Math.max(16, Math.floor(total_pages(m) / (m.cpus.length * 32)));
  return Math.min(pages, Math.floor((4096 * 1024) / m.PAGE_SIZE));
}

/** get_dirty_limits(), in percent: mapped memory counts as hard to reclaim, so half of the rest is all that may be dirty. */
function dirty_ratio(m: Machine): number {
  const unmapped_ratio = 100 - Math.floor((m.page_state.nr_mapped * 100) / total_pages(m));
  return Math.max(5, Math.min(m.vm_dirty_ratio, Math.floor(unmapped_ratio / 2)));
}
/** The limits in pages. The background limit is always the lower one. */
const dirty_limit = (m: Machine): number => Math.floor((dirty_ratio(m) * total_pages(m)) / 100);
function background_limit(m: Machine): number {
  const ratio = dirty_ratio(m);
  const background_ratio = m.dirty_background_ratio >= ratio ? Math.floor(ratio / 2) : m.dirty_background_ratio;
  return Math.floor((background_ratio * total_pages(m)) / 100);
}
const nr_reclaimable = (m: Machine): number => m.page_state.nr_dirty + m.page_state.nr_unstable;

/** Makes the caller write back while the machine is over its limit, then wakes pdflush when it is over the background limit. */
export function* balance_dirty_pages(this: K<'writeback_inodes' | 'blk_congestion_wait' | 'pdflush_operation'>, mapping: AddressSpace): MaySleep<void> {
  const { m } = this;
  const write_chunk = ratelimit_pages(m) + Math.floor(ratelimit_pages(m) / 2);
  let pages_written = 0;
  while (nr_reclaimable(m) + m.page_state.nr_writeback > dirty_limit(m)) {
    m.dirty_exceeded = true;
    if (nr_reclaimable(m) > 0) {
      const wbc: WritebackControl = { ...writebackControl(WB_SYNC_NONE, write_chunk), bdi: mapping.host?.i_sb.bdev ?? null };
      yield* this.writeback_inodes(wbc);
      if (nr_reclaimable(m) + m.page_state.nr_writeback <= dirty_limit(m)) break;
      pages_written += write_chunk - wbc.nr_to_write;
      if (pages_written >= write_chunk) break;
    }
    yield* this.blk_congestion_wait(CONGESTION_WAIT);
  }
  if (nr_reclaimable(m) + m.page_state.nr_writeback <= dirty_limit(m)) m.dirty_exceeded = false;
  if (nr_reclaimable(m) > background_limit(m)) this.pdflush_operation({ fn: 'background_writeout', arg: 0 });
}

/** To be called for every page dirtied by write(): looks at the limits now and then. */
export function* balance_dirty_pages_ratelimited(this: K<'balance_dirty_pages'>, mapping: AddressSpace): MaySleep<void> {
  const { m } = this;
  const { cpu } = m.current;
  const dirtied = m.ratelimits[cpu] ?? 0;
  m.ratelimits[cpu] = dirtied + 1;
  if (dirtied < (m.dirty_exceeded ? 8 : ratelimit_pages(m))) return;
  m.ratelimits[cpu] = 0;
  yield* this.balance_dirty_pages(mapping);
}

/** Lets reclaim wait while far too much is under writeback already. */
export function* throttle_vm_writeout(this: K<'blk_congestion_wait'>): MaySleep<void> {
  const { m } = this;
  for (;;) {
    const limit = dirty_limit(m);
    if (m.page_state.nr_unstable + m.page_state.nr_writeback <= limit + Math.floor(limit / 10)) return;
    yield* this.blk_congestion_wait(CONGESTION_WAIT);
  }
}

/** Writes back `min_pages` at least, and goes on until dirty memory is below the background limit or nothing more can be written. */
export function* background_writeout(this: K<'writeback_inodes' | 'blk_congestion_wait'>, min_pages: number): MaySleep<void> {
  const { m } = this;
  while (nr_reclaimable(m) >= background_limit(m) || min_pages > 0) {
    const wbc = writebackControl(WB_SYNC_NONE, MAX_WRITEBACK_PAGES);
    yield* this.writeback_inodes(wbc);
    min_pages -= MAX_WRITEBACK_PAGES - wbc.nr_to_write;
    if (wbc.nr_to_write > 0) {
      yield* this.blk_congestion_wait(CONGESTION_WAIT);
      return;
    }
  }
}

/** Writes back what has been dirty for 30 seconds. */
export function* wb_kupdate(this: K<'writeback_inodes'>): MaySleep<void> {
  const { m } = this;
  const older_than_this = m.now - DIRTY_EXPIRE;
  /* An inode that has nothing but changed attributes is work too. */
  const inodes = m.super_blocks.reduce((sum, sb) => sum + sb.s_dirty.size, 0);
  for (let nr_to_write = nr_reclaimable(m) + inodes; nr_to_write > 0; nr_to_write -= MAX_WRITEBACK_PAGES) {
    const wbc: WritebackControl = { ...writebackControl(WB_SYNC_NONE, MAX_WRITEBACK_PAGES), older_than_this };
    yield* this.writeback_inodes(wbc);
    if (wbc.nr_to_write > 0) return;
  }
}

/** Has pdflush write back `nr_pages`, all dirty pages when 0. Reclaim and sync() use it. */
export function wakeup_bdflush(this: K<'pdflush_operation'>, nr_pages: number): void {
  this.pdflush_operation({ fn: 'background_writeout', arg: nr_pages === 0 ? nr_reclaimable(this.m) : nr_pages });
}

/** Queues work for pdflush. Writeback that is queued already is not queued twice: one thread serves all. */
export function pdflush_operation(this: K, work: PdflushWork): void {
  const { m } = this;
  wake_up_interruptible(m, m.pdflush_wait);
  if (work.fn === 'background_writeout') {
    const queued = m.pdflush_list.findIndex(other => other.fn === 'background_writeout');
    if (queued >= 0) {
      const other = m.pdflush_list[queued] as Extract<PdflushWork, { fn: 'background_writeout' }>;
      m.pdflush_list[queued] = { fn: 'background_writeout', arg: Math.max(other.arg, work.arg) };
      return;
    }
  }
  m.pdflush_list.push(work);
}

/** The kernel thread: works off its list whenever it is woken. */
export function* pdflush(this: K<'background_writeout' | 'generic_delete_inode'>): MaySleep<void> {
  const { m } = this;
  for (;;) {
    while (!m.pdflush_wait.woken) yield { kind: 'wakeup', queue: m.pdflush_wait };
    m.pdflush_wait.woken = false;
    for (let work = m.pdflush_list.shift(); work !== undefined; work = m.pdflush_list.shift()) {
      if (work.fn === 'background_writeout') yield* this.background_writeout(work.arg);
      else yield* this.generic_delete_inode(work.inode);
    }
  }
}

/** Starts the thread; it sleeps until there is work. */
export function pdflush_init(this: K<'kernel_thread' | 'pdflush'>): void {
  const { m } = this;
  m.kthreads.push({ task: this.kernel_thread('pdflush', m.cpu_to_node[m.cpus[0]!]!), wake: m.pdflush_wait, main: () => this.pdflush() });
}
