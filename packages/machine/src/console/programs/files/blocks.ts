/**
 * What stat(2) and statfs(2) (2.6.12) say of space. Space on a disk is counted in what get_block() has allocated; directories, which the kernel model has not, are
 * taken to have what their size says.
 */
import type { Inode, SuperBlock } from '@pmkit/mm-core/include/linux/fs';
import type { Stat } from '../../files/index.js';
import type { Mount } from '../../files/index.js';
import { isKernelFile, type Node } from '../../files/node.js';
import type { Process } from '../../process.js';

const SECTOR = 512;
/** Modelled: no disk of the machine has an end. This is what df and statfs(2) show: 36 GB, as the disks of an Altix of 2005 had. */
const DISK_BYTES = 36e9;
/** f_type, s_magic of each file system. */
const MAGIC: Readonly<Record<string, number>> = { ext2: 0xef53, ext3: 0xef53, xfs: 0x58465342, tmpfs: 0x01021994, proc: 0x9fa0, sysfs: 0x62656572, cpuset: 0x27e0eb };

/** st_blocks: sectors of 512 bytes that a file takes. */
export function sectorsOf(p: Process, node: Node, stat: Stat): number {
  if (isKernelFile(node)) return sectorsOfInode(node.inode, p.box.k.m.PAGE_SIZE);
  return node.type === 'directory' ? Math.ceil(stat.size / SECTOR) : 0;
}

function sectorsOfInode({ shmem, blocks, block_bits, initial_pages, i_sb }: Inode, pageSize: number): number {
  const perPage = pageSize / SECTOR;
  if (shmem !== null) return shmem.alloced * perPage;
  let sectors = 0;
  // pages that were there before the simulation began count whole, also those that get_block() has not placed yet
  let unplaced = initial_pages;
  for (const index of blocks.keys()) {
    const bits = block_bits.get(index);
    sectors += bits === undefined ? perPage : (bitCount(bits) * i_sb.s_blocksize) / SECTOR;
    if (index < initial_pages) unplaced--;
  }
  return sectors + unplaced * perPage;
}
const bitCount = (bits: number): number => {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** st_blksize: i_blksize is the page size for disks, tmpfs and sysfs; /proc has 1024. */
export const ioBlockOf = (p: Process, mount: Mount): number => (mount.type === 'proc' ? 1024 : p.box.k.m.PAGE_SIZE);

/** struct statfs. Blocks are of `bsize` bytes. */
export interface StatFs {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly files: number;
  readonly ffree: number;
  readonly namelen: number;
}

/** statfs(2): simple_statfs() for what has no space, shmem_statfs() for tmpfs (nothing is said where no limit is set). */
export function statFs(p: Process, { type, disk }: Mount): StatFs {
  const { PAGE_SIZE } = p.box.k.m;
  const kind = { type: MAGIC[type]!, namelen: 255 };
  if (disk === null) return { ...kind, bsize: type === 'proc' ? 1024 : PAGE_SIZE, blocks: 0, bfree: 0, files: 0, ffree: 0 };
  const { sb } = disk;
  if (sb.bdev === null) return { ...kind, ...tmpfsSpace(sb), bsize: PAGE_SIZE };
  const bsize = sb.s_blocksize;
  const blocks = Math.floor(DISK_BYTES / bsize);
  const used = sb.next_block * (PAGE_SIZE / bsize);
  // mke2fs makes an inode for every 8 KB
  const inodes = Math.floor(DISK_BYTES / 8192);
  return { ...kind, bsize, blocks, bfree: Math.max(0, blocks - used), files: inodes, ffree: Math.max(0, inodes - sb.inodes.size) };
}

function tmpfsSpace({ free_blocks, inodes }: SuperBlock): Pick<StatFs, 'blocks' | 'bfree' | 'files' | 'ffree'> {
  if (free_blocks === null) return { blocks: 0, bfree: 0, files: 0, ffree: 0 };
  let used = 0;
  for (const inode of inodes.values()) used += inode.shmem?.alloced ?? 0;
  return { blocks: free_blocks + used, bfree: free_blocks, files: 0, ffree: 0 };
}
