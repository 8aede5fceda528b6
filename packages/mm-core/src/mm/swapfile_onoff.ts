/**
 * mm/swapfile.c, continued: switching swap areas on and off.
 *
 * swapoff takes the area out of the list, so that no slot of it is given out any more, and then empties it slot by slot
 * (try_to_unuse()): reads the page, maps it wherever a pte has the entry, gives a tmpfs page back to its file, and takes it out of the
 * swap cache. Until that is done the area's free slots count as negative: nr_swap_pages loses all of them at once and wins back
 * each that is freed.
 *
 * Source: 2.6.12. Modelled: a swap area is a whole disk; what `mkswap` wrote into its header comes as an argument (last_page), so
 * nothing is read; swap files, bad blocks and the semaphore that /proc/swaps takes are left out. The mmlist of address spaces
 * with something in swap is the list of all address spaces here.
 */
import { mk_pte, next_pte_table, pmd_addr_end, protection_map, pte_mkold, pte_offset, swp_entry_to_pte } from '../include/asm-ia64/pgtable.js';
import { EBUSY, EFAULT, EINTR, EINVAL, ENOMEM, EPERM } from '../include/linux/errno.js';
import type { BlockDevice } from '../include/linux/fs.js';
import { KERN_INFO, KERN_WARNING, printk } from '../include/linux/kernel.js';
import { get_page, PageAnon } from '../include/linux/mm.js';
import type { Mm, Vma } from '../include/linux/mm_types.js';
import { PageDirty, PageSwapCache, PG_dirty, set_page_flag, TestSetPageLocked } from '../include/linux/page-flags.js';
import { CAP_SYS_ADMIN, PF_SWAPOFF } from '../include/linux/sched.js';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '../include/linux/spinlock.js';
import {
  MAX_SWAP_OFFSET, MAX_SWAPFILES, SWAP_FLAG_PRIO_MASK, SWAP_MAP_BAD, SWAP_MAP_MAX, swp_entry, SWP_USED, SWP_WRITEOK, type SwapInfo,
} from '../include/linux/swap.js';
import { NULL_PAGE, type Address, type Page, type PtePtr, type SwpEntry } from '../include/linux/types.js';
import { PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { Machine } from '../machine.js';
import { findSwapPlaces, vmaAt, type SwapPlaces } from '../model/swap-places.js';
import type { K } from '../kernel-table.js';

const SWP_ACTIVE = SWP_USED | SWP_WRITEOK;
/** Slots of the largest area: the last offset an entry can hold stays free, as 2.6.12 has it. */
const MAX_PAGES = MAX_SWAP_OFFSET - 1;

const newArea = (type: number, bdev: BlockDevice, max: number, flags: number, prio: number, next: number): SwapInfo => ({
  type, path: `/dev/${bdev.name}`, bdev, flags, prio, max, swap_map: new Uint16Array(max), content: new Uint32Array(max), lowest_bit: 1,
  highest_bit: Math.max(0, max - 1), cluster_next: 0, cluster_nr: 0, pages: Math.max(0, max - 1), inuse_pages: 0, next,
});
/** What stays of an area that was switched off. Its place in the list is remembered, as the array of structs in 2.6.12 does. */
function bury(m: Machine, p: SwapInfo): void {
  m.swap_info[p.type] = newArea(p.type, p.bdev, 0, 0, p.prio, p.next);
}

/** Puts an area into the list: before all that have no higher priority. The first of the list is the next to be allocated from. */
function linkArea(m: Machine, p: SwapInfo): void {
  let prev = -1;
  let i = m.swap_head;
  while (i >= 0 && p.prio < m.swap_info[i]!.prio) {
    prev = i;
    i = m.swap_info[i]!.next;
  }
  p.next = i;
  p.flags |= SWP_WRITEOK;
  m.nr_swap_pages += p.pages;
  m.total_swap_pages += p.pages;
  if (prev < 0) m.swap_head = m.swap_next = p.type;
  else m.swap_info[prev]!.next = p.type;
}

/** bd_claim(): a device with a mounted file system is somebody else's. */
const isMounted = (m: Machine, bdev: BlockDevice): boolean => m.super_blocks.some(sb => sb.bdev === bdev);

/**
 * Adds a disk to swap.
 * @param pages slots, that of the header included: last_page of the header that mkswap writes
 * @param prio 0 to 32767: the priority (swapon -p); negative: one below the last area added so
 * @returns 0; -EPERM: no CAP_SYS_ADMIN, or 32 areas are there; -EBUSY: the disk is in use already, as swap or mounted; -ENOMEM: no slot at
 *   all (vmalloc() of nothing); -EINVAL: no slot besides the header.
 * @throws {RangeError} more slots than an entry of the model can name.
 */
export function* sys_swapon(this: K<'capable'>, bdev: BlockDevice, pages: number, prio: number): MaySleep<number> {
  const { m } = this;
  if (!Number.isInteger(pages) || pages < 0 || pages > MAX_PAGES) throw new RangeError(`swapon: expected 0 to ${MAX_PAGES} pages, found ${pages}`);
  if (!this.capable(CAP_SYS_ADMIN)) return -EPERM;
  spin_lock(m, m.swap_lock);
  let type = m.swap_info.findIndex(area => area === null || (area.flags & SWP_USED) === 0);
  if (type < 0) type = m.swap_info.length;
  if (type >= MAX_SWAPFILES) {
    spin_unlock(m, m.swap_lock);
    return -EPERM;
  }
  const p = newArea(type, bdev, pages, SWP_USED, prio >= 0 ? prio & SWAP_FLAG_PRIO_MASK : --m.least_priority, -1);
  const error = m.swap_info.some(area => area?.bdev === bdev && (area.flags & SWP_USED) !== 0) || isMounted(m, bdev) ? -EBUSY : checkSize(m, pages);
  m.swap_info[type] = p;
  if (error === 0) {
    p.swap_map[0] = SWAP_MAP_BAD;
    printk(m, KERN_INFO, `Adding ${(p.pages * m.PAGE_SIZE) / 1024}k swap on ${p.path}.  Priority:${p.prio} extents:1`);
    linkArea(m, p);
  } else {
    bury(m, p);
    if (prio < 0) m.least_priority++;
  }
  spin_unlock(m, m.swap_lock);
  return error;
}
function checkSize(m: Machine, pages: number): number {
  if (pages === 0) return -ENOMEM;
  if (pages > 1) return 0;
  printk(m, KERN_WARNING, 'Empty swap-file');
  return -EINVAL;
}

/**
 * security_vm_enough_memory() as overcommit_memory 0 estimates it for root: would the page cache, free swap and free memory hold `pages` more?
 * Only swapoff asks; overcommit of mappings is not modelled.
 */
function enoughMemory(m: Machine, pages: number): boolean {
  let free = m.nr_swap_pages;
  for (const mapping of m.mappings) if (mapping !== null) free += mapping.nrpages;
  for (const zone of m.zones) if (zone !== undefined) free += zone.free_pages;
  return free > pages;
}

/**
 * Takes a disk out of swap, after everything on it is in memory again.
 * @returns 0; -EPERM: no CAP_SYS_ADMIN; -EINVAL: it is not in the list; -ENOMEM: memory would not, or did not, suffice; -EINTR: a signal. After
 *   an error the area is as before, but for what is in memory already and its place among areas of the same priority.
 */
export function* sys_swapoff(this: K<'capable' | 'try_to_unuse'>, bdev: BlockDevice): MaySleep<number> {
  const { m } = this;
  if (!this.capable(CAP_SYS_ADMIN)) return -EPERM;
  spin_lock(m, m.swap_lock);
  let prev = -1;
  let type = m.swap_head;
  while (type >= 0) {
    const area = m.swap_info[type]!;
    if ((area.flags & SWP_ACTIVE) === SWP_ACTIVE && area.bdev === bdev) break;
    prev = type;
    type = area.next;
  }
  const p = m.swap_info[type];
  const error = p === undefined || p === null ? -EINVAL : enoughMemory(m, p.pages) ? 0 : -ENOMEM;
  if (error !== 0 || p === undefined || p === null) {
    spin_unlock(m, m.swap_lock);
    return error;
  }
  if (prev < 0) m.swap_head = p.next;
  else m.swap_info[prev]!.next = p.next;
  if (type === m.swap_next) m.swap_next = m.swap_head;
  m.nr_swap_pages -= p.pages;
  m.total_swap_pages -= p.pages;
  p.flags &= ~SWP_WRITEOK;
  spin_unlock(m, m.swap_lock);

  // whoever runs out of memory now, it is us that the OOM killer takes
  m.current.flags |= PF_SWAPOFF;
  const err = yield* this.try_to_unuse(type);
  m.current.flags &= ~PF_SWAPOFF;

  spin_lock(m, m.swap_lock);
  if (err === 0) bury(m, p);
  else linkArea(m, p);
  spin_unlock(m, m.swap_lock);
  return err;
}

type Unuse = K<
  'page_add_anon_rmap' | 'swap_free' | 'activate_page' | 'vma_address' | 'unlock_page' | '__lock_page' | 'mmput' | 'shmem_unuse'
>;

/**
 * unuse_pte(): a swap pte maps the page again, old and without write access: who else uses the entry is not known yet. The page goes to
 * the active list, so that it is not at once swapped out again to another area.
 */
function unusePte(k: Unuse, vma: Vma, ptep: PtePtr, addr: Address, entry: SwpEntry, page: Page): void {
  const { m } = k;
  vma.vm_mm.rss++;
  get_page(m.mem_map, page);
  m.ptes[ptep] = pte_mkold(mk_pte(page, protection_map(vma.vm_flags)));
  k.page_add_anon_rmap(page, vma, addr);
  k.swap_free(entry);
  k.activate_page(page);
}

/** Where a page that has been mapped before would be in a vma; -EFAULT where it cannot be (page_address_in_vma()). */
function addressInVma(k: Unuse, page: Page, vma: Vma): Address {
  const { mem_map: mem } = k.m;
  return PageAnon(mem, page) && vma.anon_vma?.id === mem.mapping[page]! >>> 1 ? k.vma_address(page, vma) : -EFAULT;
}

/** unuse_vma(): finds the pte with the entry in a vma, maps the page there, and says whether it was there. Called under page_table_lock. */
function unuseVma(k: Unuse, vma: Vma, entry: SwpEntry, page: Page): boolean {
  const { m } = k;
  const swp_pte = swp_entry_to_pte(entry) as number;
  let at = vma.vm_start;
  let vm_end = vma.vm_end;
  if (m.mem_map.mapping[page] !== 0) {
    at = addressInVma(k, page, vma);
    if (at < 0) return false;
    vm_end = at + m.PAGE_SIZE;
  }
  for (at = next_pte_table(m, vma.vm_mm, at, vm_end); at < vm_end; at = next_pte_table(m, vma.vm_mm, at, vm_end)) {
    const end = pmd_addr_end(m, at, vm_end);
    for (let ptep = pte_offset(m, vma.vm_mm, at) as number; at < end; ptep++, at += m.PAGE_SIZE) {
      if (m.ptes[ptep] !== swp_pte) continue;
      unusePte(k, vma, ptep as PtePtr, at, entry, page);
      return true;
    }
  }
  return false;
}

/**
 * unuse_mm(): maps the page in one address space, which has it once at most; at `address`, or -1: wherever it is. To wait for mmap_sem
 * the page is unlocked; our reference to it keeps reclaim from unmapping it again.
 */
function* unuseMm(k: Unuse, mm: Mm, address: Address, entry: SwpEntry, page: Page): MaySleep<void> {
  const { m } = k;
  if (!down_read_trylock(m, mm.mmap_sem)) {
    k.unlock_page(page);
    yield* down_read(m, mm.mmap_sem);
    if (TestSetPageLocked(m.mem_map, page)) yield* k.__lock_page(page);
  }
  spin_lock(m, mm.page_table_lock);
  if (address < 0) {
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) if (vma.anon_vma !== null && unuseVma(k, vma, entry, page)) break;
  } else {
    const vma = vmaAt(mm, address);
    const ptep = pte_offset(m, mm, address);
    if (vma !== null && vma.anon_vma !== null && ptep !== 0 && m.ptes[ptep] === (swp_entry_to_pte(entry) as number)) {
      unusePte(k, vma, ptep, address, entry, page);
    }
  }
  spin_unlock(m, mm.page_table_lock);
  up_read(m, mm.mmap_sem);
}

/**
 * Finds the users of a slot but the swap cache, until none is left: where ptes with the entry were when swapoff began, then in shared
 * memory, then in every address space. (2.6.12 begins with the address space where it found the entry before.)
 * @returns what shmem_unuse() did.
 */
function* unuseEntry(k: Unuse, si: SwapInfo, places: SwapPlaces, offset: number, page: Page): MaySleep<number> {
  const { m } = k;
  const { swap_map } = si;
  const entry = swp_entry(si.type, offset);
  for (let place = places.first[offset]!; place !== 0 && swap_map[offset]! > 1; place = places.next[place]!) {
    const mm = places.mm[place]!;
    if (mm !== null && m.mms.has(mm.id)) yield* unuseUser(k, mm, places.address[place]!, entry, page);
  }
  const shmem = swap_map[offset]! > 1 ? k.shmem_unuse(entry, page) : 0;
  for (const mm of m.mms.values()) {
    if (swap_map[offset]! <= 1) break;
    yield* unuseUser(k, mm, -1, entry, page);
    if (m.preemptible) yield PREEMPT;
  }
  return shmem;
}
/** unuseMm() as a user of the address space, unless it is being taken down. */
function* unuseUser(k: Unuse, mm: Mm, address: Address, entry: SwpEntry, page: Page): MaySleep<void> {
  if (mm.mm_users === 0) return;
  mm.mm_users++;
  yield* unuseMm(k, mm, address, entry, page);
  k.mmput(mm);
}

/** find_next_to_unuse(): the next slot in use after `prev`, going round once; 0 when there is none. */
function findNextToUnuse(si: SwapInfo, prev: number): number {
  const { swap_map, max } = si;
  if (si.inuse_pages === 0) return 0;
  const inUse = (i: number): boolean => swap_map[i] !== 0 && swap_map[i] !== SWAP_MAP_BAD;
  for (let i = prev + 1; i < max; i++) if (inUse(i)) return i;
  for (let i = 1; i <= prev; i++) if (inUse(i)) return i;
  return 0;
}

/**
 * Brings everything in the slots of an area back into memory. A page whose slot could not be read is mapped like the others: 2.6.12 does
 * not look at PG_uptodate here.
 * @returns 0; -ENOMEM; -EINTR: the current task has a signal to act on.
 */
export function* try_to_unuse(
  this: Unuse & K<
    | 'read_swap_cache_async' | 'wait_on_page_locked' | 'wait_on_page_writeback' | 'swap_writepage' | 'swap_duplicate' | 'delete_from_swap_cache'
    | 'put_page'
  >,
  type: number,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const si = m.swap_info[type]!;
  const { swap_map } = si;
  const places = findSwapPlaces(m, si);
  let reset_overflow = false;
  let retval = 0;
  for (let i = findNextToUnuse(si, 0); i !== 0; i = findNextToUnuse(si, i)) {
    if (m.sigpending.has(m.current)) {
      retval = -EINTR;
      break;
    }
    const entry = swp_entry(type, i);
    const page = yield* this.read_swap_cache_async(entry, null, 0);
    if (page === NULL_PAGE) {
      if (swap_map[i] === 0) continue; // freed meanwhile
      retval = -ENOMEM;
      break;
    }
    // a fault that waits for the page finds its pte faster than we do: let it have the lock first
    yield* this.wait_on_page_locked(page);
    yield* this.wait_on_page_writeback(page);
    if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
    yield* this.wait_on_page_writeback(page);

    const shmem = swap_map[i]! > 1 ? yield* unuseEntry(this, si, places, i, page) : 0;
    if (swap_map[i] === SWAP_MAP_MAX) {
      spin_lock(m, m.swap_lock);
      swap_map[i] = 1;
      spin_unlock(m, m.swap_lock);
      reset_overflow = true;
    }
    // somebody uses the slot still, who will have to read it: so what is in it must be right
    if (swap_map[i]! > 1 && PageDirty(mem, page) && PageSwapCache(mem, page)) {
      yield* this.swap_writepage(page);
      if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
      yield* this.wait_on_page_writeback(page);
    }
    // shmem_unuse() could not move the page: it has dropped the file's use of the slot so that we came here, and will be asked again
    if (PageSwapCache(mem, page)) {
      if (shmem !== 0) this.swap_duplicate(entry);
      else this.delete_from_swap_cache(page);
    }
    // the ptes are clean
    set_page_flag(mem, page, PG_dirty);
    this.unlock_page(page);
    this.put_page(page);
    if (m.preemptible) yield PREEMPT;
  }
  if (reset_overflow) {
    printk(m, KERN_WARNING, 'swapoff: cleared swap entry overflow');
    m.swap_overflow = 0;
  }
  return retval;
}
