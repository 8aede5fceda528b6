/**
 * Which inodes are dirty, and writing them back (fs/fs-writeback.c of 2.6.12).
 *
 * A super block keeps its dirty inodes in the order in which they became dirty; writeback takes the oldest first. Only the
 * file's pages are written: inodes, directories and bitmaps are not modelled as blocks, so an inode that has nothing but
 * changed attributes is clean as soon as writeback comes by. I_LOCK is left out: page locks keep two writers apart.
 */
import { PAGECACHE_TAG_DIRTY, type Inode, type SuperBlock } from '../include/linux/fs.js';
import type { MaySleep } from '../include/linux/wait.js';
import { I_DIRTY_DATASYNC, I_DIRTY_SYNC, WB_SYNC_ALL, WB_SYNC_HOLD, type WritebackControl } from '../include/linux/writeback.js';
import { writebackControl } from '../model/objects.js';
import type { K } from '../kernel-table.js';

/**
 * Puts an inode on its super block's list of dirty inodes. tmpfs inodes never get there: they are not hashed, and there is
 * nothing to write them to. Never sleeps; called under page_table_lock.
 */
export function __mark_inode_dirty(this: K, inode: Inode, flags: number): void {
  if ((flags & (I_DIRTY_SYNC | I_DIRTY_DATASYNC)) !== 0) inode.i_dirty = true;
  if (inode.shmem !== null) return;
  const { s_dirty } = inode.i_sb;
  if (s_dirty.has(inode)) return;
  inode.dirtied_when = this.m.now;
  s_dirty.add(inode);
}

/**
 * Writes one inode's dirty pages; for WB_SYNC_ALL waits for them. When some are left it is back on the list: as the last one, so
 * that other files get their turn; but wb_kupdate(), which alone asks for old inodes, comes back to it at once.
 */
export function* __writeback_single_inode(
  this: K<'do_writepages' | 'filemap_fdatawait' | 'mapping_tagged' | '__mark_inode_dirty'>, inode: Inode, wbc: WritebackControl,
): MaySleep<number> {
  const { i_mapping } = inode;
  inode.i_sb.s_dirty.delete(inode);
  inode.i_dirty = false;
  let error = yield* this.do_writepages(i_mapping, wbc);
  if (wbc.sync_mode === WB_SYNC_ALL) {
    const waited = yield* this.filemap_fdatawait(i_mapping);
    if (error === 0) error = waited;
  }
  const { s_dirty } = inode.i_sb;
  if (!s_dirty.has(inode) && this.mapping_tagged(i_mapping, PAGECACHE_TAG_DIRTY)) {
    if (wbc.older_than_this === null) this.__mark_inode_dirty(inode, 0);
    else putFirst(s_dirty, inode);
  }
  return error;
}

/** Puts an inode where the oldest one is, with the age it has. */
function putFirst(s_dirty: Set<Inode>, inode: Inode): void {
  const others = [...s_dirty];
  s_dirty.clear();
  s_dirty.add(inode);
  for (const other of others) s_dirty.add(other);
}

/** Writes back a super block's dirty inodes, the oldest first; those dirtied after the call began are left for the next. */
export function* sync_sb_inodes(this: K<'__writeback_single_inode' | '__mark_inode_dirty' | 'iput'>, sb: SuperBlock, wbc: WritebackControl): MaySleep<void> {
  const start = this.m.now;
  if (wbc.bdi !== null && sb.bdev !== wbc.bdi) return;
  for (const inode of [...sb.s_dirty]) {
    if (!sb.s_dirty.has(inode)) continue;
    if (inode.dirtied_when > start) break;
    if (wbc.older_than_this !== null && inode.dirtied_when > wbc.older_than_this) break;
    inode.i_count++;
    yield* this.__writeback_single_inode(inode, wbc);
    if (wbc.sync_mode === WB_SYNC_HOLD) this.__mark_inode_dirty(inode, 0);
    this.iput(inode);
    if (wbc.nr_to_write <= 0) break;
  }
}

/** Starts writeback on all file systems until wbc.nr_to_write pages are written; the file system mounted last comes first. */
export function* writeback_inodes(this: K<'sync_sb_inodes'>, wbc: WritebackControl): MaySleep<void> {
  const { super_blocks } = this.m;
  for (let i = super_blocks.length - 1; i >= 0 && wbc.nr_to_write > 0; i--) {
    const sb = super_blocks[i]!;
    if (sb.s_dirty.size > 0) yield* this.sync_sb_inodes(sb, wbc);
  }
}

/** All dirty inodes of all file systems: started, and with `wait` also waited for. */
export function* sync_inodes(this: K<'sync_sb_inodes'>, wait: number): MaySleep<void> {
  const { m } = this;
  for (const mode of wait !== 0 ? [WB_SYNC_HOLD, WB_SYNC_ALL] as const : [WB_SYNC_HOLD] as const) {
    for (const sb of [...m.super_blocks].reverse()) {
      /* Bounded, so that somebody who goes on writing cannot hold up sync() for ever. */
      const nr_to_write = Math.ceil((2 * m.page_state.nr_dirty + sb.s_dirty.size) * 1.5);
      yield* this.sync_sb_inodes(sb, writebackControl(mode, nr_to_write));
    }
  }
}
