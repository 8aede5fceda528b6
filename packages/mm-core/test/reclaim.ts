/** What the tests of reclaim share: small machines, and single steps of it with the pages they are about. */
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../src/include/asm-ia64/mman.js';
import type { Inode } from '../src/include/linux/fs.js';
import { GFP_KERNEL } from '../src/include/linux/gfp.js';
import type { ScanControl } from '../src/include/linux/misc.js';
import type { Zone } from '../src/include/linux/mmzone.js';
import type { Page } from '../src/include/linux/types.js';
import { runKernel, settle, syscall, touch, type Kernel, type Machine, type Task } from '../src/index.js';
import { bootWith, cachedPage, inodeOf, open, PAGE, readPages, writeAt, type Fixture } from './files.js';

const ANONYMOUS = MAP_PRIVATE | 0x20;

/** One node of 256 frames with ext2, ext3, xfs or tmpfs on /data; disks take 1 ms a page. */
export const bootSmall = (fstype: 'ext2' | 'ext3' | 'xfs' | 'tmpfs' = 'ext2', pages = 256): Fixture =>
  bootWith(fstype, PAGE, { nodes: [{ id: 0, pages, cpus: [0] }], poison: true });
export const zoneOf = (k: { readonly m: Machine }): Zone => k.m.zones[0]!;

function done(result: number): number {
  if (result < 0) throw new Error(`a call of the test's own returned ${result}`);
  return result;
}
/** A swap area of so many slots. */
export function addSwap(k: Kernel, slots = 1024): void {
  done(syscall(k, k.m.init_task, 'swapon', k.add_disk('swap', 8, 32, 1), slots + 1, 0));
}

/** Private memory of a task that it has not touched yet. */
export const mapAnonymous = (k: Kernel, task: Task, pages: number): number =>
  done(syscall(k, task, 'mmap', 0, pages * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0));
/** Private memory that it has written. */
export function writtenMemory(k: Kernel, task: Task, pages: number): number {
  const address = mapAnonymous(k, task, pages);
  touch(k, task, address, pages, 'write');
  return address;
}
/** A file that was on the disk before. */
export const newFile = ({ k, sb }: Fixture, path: string, pages: number): Inode => k.new_inode(sb, path, pages * PAGE, 0o666);
export function mapFile({ k, task }: Fixture, path: string, pages: number, flags = MAP_SHARED): number {
  const fd = done(syscall(k, task, 'open', path, 2, 0));
  const address = done(syscall(k, task, 'mmap', 0, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0));
  done(syscall(k, task, 'close', fd));
  return address;
}

/** A file of so many pages, all in the cache because they were read once. */
export function cachedFile(f: Fixture, pages: number, path = '/data/file'): { fd: number; page: (index: number) => Page; tokens: number[] } {
  const inode = newFile(f, path, pages);
  const fd = open(f, path);
  const tokens = readPages(f, fd, 0, pages);
  f.k.lru_add_drain();
  return { fd, tokens, page: index => cachedPage(f, inode, index) };
}
/** A new file, written and not yet on the disk. */
export function dirtyFile(f: Fixture, pages: number, path = '/data/file'): { fd: number; page: (index: number) => Page } {
  const fd = open(f, path);
  writeAt(f, fd, 0, pages * PAGE);
  f.k.lru_add_drain();
  return { fd, page: index => cachedPage(f, inodeOf(f, path), index) };
}

/** What reclaim is told; by default it is in no trouble and may do anything. */
export const scan = (values: Partial<ScanControl> = {}): ScanControl => ({
  nr_to_scan: 32, nr_scanned: 0, nr_reclaimed: 0, nr_mapped: 0, nr_to_reclaim: 32, priority: 12, gfp_mask: GFP_KERNEL, may_writepage: false, ...values,
});
/** One look at up to 32 inactive pages: a batch is the least that is taken. */
export function shrinkCache({ k, task }: Fixture, values: Partial<ScanControl> = {}): ScanControl {
  const sc = scan({ nr_to_scan: 1, ...values });
  runKernel(k, task, k.shrink_cache(zoneOf(k), sc));
  return sc;
}
/** One look at up to 32 active pages; `trouble` lets it take mapped ones too. */
export function refillInactive({ k, task }: Fixture, trouble: boolean): void {
  zoneOf(k).prev_priority = trouble ? 0 : 12;
  runKernel(k, task, k.refill_inactive_zone(zoneOf(k), scan({ nr_mapped: k.m.page_state.nr_mapped })));
}
/** Everything that can be reclaimed, as far as a few hard looks at short lists go; writes are waited for. */
export function reclaimAll(fixture: Fixture, rounds = 6): void {
  for (let round = 0; round < rounds; round++) {
    for (let looks = 0; looks <= zoneOf(fixture.k).present_pages / 32; looks++) {
      refillInactive(fixture, true);
      shrinkCache(fixture);
    }
    settle(fixture.k);
  }
}

/** The pages of the inactive list, the one that is looked at next first. */
export function inactivePages({ m }: { readonly m: Machine }): Page[] {
  const { lru_prev } = m.mem_map;
  const head = m.zones[0]!.inactive_list;
  const pages: Page[] = [];
  for (let page = lru_prev[head]!; page !== (head as number); page = lru_prev[page]!) pages.push(page as Page);
  return pages;
}
