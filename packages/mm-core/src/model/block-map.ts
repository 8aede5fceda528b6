/**
 * Where files are on a disk, modelled: not linked, and shared by the three file systems. What they put into inodes,
 * indirect blocks and extents is a map from page index to a run of blocks here. A file's blocks for one page always lie
 * side by side, so one page of memory is one page of disk and contents stay tokens by page.
 */
import { BH_Mapped, BH_New } from '../include/linux/buffer_head.js';
import type { Inode } from '../include/linux/fs.js';
import type { BufferHead } from '../include/linux/types.js';
import type { Machine } from '../machine.js';

/** What a block reads as that was on the disk before the simulation began: the same for the same file, and never 0. */
export function diskToken(inode: Inode, index: number): number {
  const [major, minor] = inode.i_sb.s_dev;
  let hash = 0x811c_9dc5;
  for (const word of [major, minor, inode.i_ino, index]) {
    hash = Math.imul(hash ^ word, 0x0100_0193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  }
  /* The top bit keeps it apart from the tokens of stores, which count up from 1. */
  return ((hash ^ (hash >>> 13)) | 0x8000_0000) >>> 0;
}

/**
 * get_block() of all three: maps the buffer to the block of the file, allocating with `create`. A hole is left unmapped;
 * a block just allocated is BH_New. Disks never fill up.
 */
export function mapBlock(m: Machine, inode: Inode, iblock: number, bh: BufferHead, create: number): number {
  const blocks_per_page = m.PAGE_SIZE / inode.i_sb.s_blocksize;
  const index = Math.floor(iblock / blocks_per_page);
  const bit = 1 << (iblock % blocks_per_page);
  let block = inode.blocks.get(index);
  let bits = inode.block_bits.get(index) ?? 0;
  if (block === undefined && index < inode.initial_pages) bits = -1;
  const allocated = (bits & bit) !== 0;
  if (!allocated && create === 0) return 0;
  if (block === undefined) {
    block = inode.i_sb.next_block++;
    inode.blocks.set(index, block);
  }
  inode.block_bits.set(index, bits | bit);
  m.bh.b_blocknr[bh] = block * blocks_per_page + (iblock % blocks_per_page);
  m.bh.b_state[bh]! |= allocated ? BH_Mapped : BH_Mapped | BH_New;
  return 0;
}

/** Whether the block of the file has a place on disk. */
export function blockAllocated(m: Machine, inode: Inode, iblock: number): boolean {
  const blocks_per_page = m.PAGE_SIZE / inode.i_sb.s_blocksize;
  const index = Math.floor(iblock / blocks_per_page);
  if (!inode.blocks.has(index)) return index < inode.initial_pages;
  return ((inode.block_bits.get(index) ?? 0) & (1 << (iblock % blocks_per_page))) !== 0;
}

/** Of the page that the file ends in, only the blocks up to the end are the file's. Nothing to do when it ends with a page. */
export function cutTail(m: Machine, inode: Inode): void {
  const tail = inode.i_size % m.PAGE_SIZE;
  if (tail === 0) return;
  const index = (inode.i_size - tail) / m.PAGE_SIZE;
  const kept = (2 ** Math.ceil(tail / inode.i_sb.s_blocksize) - 1) | 0;
  if (!inode.blocks.has(index)) {
    if (index >= inode.initial_pages) return;
    inode.blocks.set(index, inode.i_sb.next_block++);
    inode.block_bits.set(index, kept);
  } else inode.block_bits.set(index, inode.block_bits.get(index)! & kept);
}

/** Gives back the blocks behind the end of the file. */
export function freeBlocks(m: Machine, inode: Inode): void {
  const pages = Math.ceil(inode.i_size / m.PAGE_SIZE);
  inode.initial_pages = Math.min(inode.initial_pages, pages);
  cutTail(m, inode);
  for (const [index, block] of inode.blocks) {
    if (index < pages) continue;
    inode.blocks.delete(index);
    inode.block_bits.delete(index);
    inode.i_sb.bdev?.data.delete(block);
  }
}
