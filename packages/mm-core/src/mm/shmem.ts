/**
 * tmpfs, SysV shared memory and shared anonymous memory: files that live in memory and swap (mm/shmem.c of 2.6.12). What
 * goes to swap and comes back is in shmem_swap.ts, files and mounts are in shmem_file.ts.
 *
 * A page of such a file is in one place at a time:
 *
 *     hole ── shmem_getpage() ──► page cache of the inode ── shmem_writepage() ──► swap cache, then swap only
 *                                        ▲──────────── shmem_getpage() ─────────────────┘   info.swp[index] = entry
 *
 * info.lock guards info.swp and the move between the two. The radix-like vector of swap entries is a map here.
 *
 * Memory is allocated by the policy of the object (mbind() on a mapping sets it, for whoever touches the page first), never by
 * one of a vma; by that of the task where the object has none.
 */
import { EINVAL, EIO, ENOMEM, ENOSPC } from '../include/linux/errno.js';
import type { AddressSpaceOperations, File, Inode, VmOperations } from '../include/linux/fs.js';
import { __GFP_ZERO, GFP_ATOMIC } from '../include/linux/gfp.js';
import type { Mempolicy } from '../include/linux/mempolicy.js';
import { IS_ERR, type PageOrErr } from '../include/linux/misc.js';
import { asPage } from '../model/objects.js';
import { alloc_vma, NOPAGE_OOM, NOPAGE_SIGBUS } from '../include/linux/mm.js';
import type { Vma } from '../include/linux/mm_types.js';
import { PageUptodate, PageWriteback, PG_uptodate, set_page_flag, TestSetPageLocked } from '../include/linux/page-flags.js';
import { mapping_gfp_mask } from '../include/linux/pagemap.js';
import { RLIMIT_MEMLOCK } from '../include/linux/resource.js';
import { CAP_IPC_LOCK } from '../include/linux/sched.js';
import { SGP_CACHE, SGP_READ, SGP_WRITE } from '../include/linux/shmem_fs.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NO_SWP_ENTRY, NULL_PAGE, type Address, type Page, type SwpEntry } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

export const shmem_aops: AddressSpaceOperations = {
  writepage: 'shmem_writepage', set_page_dirty: '__set_page_dirty_nobuffers',
};

/** ->populate() (non-linear mappings) is not modelled. */
export const shmem_vm_ops: VmOperations = { nopage: 'shmem_nopage', set_policy: 'shmem_set_policy', get_policy: 'shmem_get_policy' };

/**
 * The swap entry of a page, 0 for none; -EINVAL behind the end of the file, unless it is written to. Called under info.lock.
 * (shmem_swp_alloc(); the vector it would allocate takes no memory here, so it does not sleep and cannot fail.)
 */
export function shmem_swp_alloc(this: K, inode: Inode, idx: number, sgp: number): number {
  const info = inode.shmem!;
  if (sgp !== SGP_WRITE && idx * this.m.PAGE_SIZE >= inode.i_size) return -EINVAL;
  if (sgp !== SGP_READ && info.next_index <= idx) info.next_index = idx + 1;
  return info.swp.get(idx) ?? 0;
}

/**
 * The page of a file at an index, unlocked and with a reference: from the page cache, from swap, or new and zeroed. For
 * SGP_READ a hole stays a hole and 0 is returned. A new page is not dirty: that is up to who changes it. A page from swap
 * is, since its swap entry is freed.
 * -EINVAL behind the end of the file, -ENOSPC when the file system is full, -ENOMEM, -EIO.
 */
export function* shmem_getpage(
  this: K<
    | 'find_lock_page' | 'shmem_recalc_inode' | 'shmem_swp_alloc' | 'unlock_page' | 'lookup_swap_cache' | 'shmem_swapin' | 'wait_on_page_locked'
    | 'wait_on_page_writeback' | 'put_page' | 'move_from_swap_cache' | 'shmem_swp_set' | 'swap_free' | 'blk_congestion_wait' | 'shmem_alloc_page'
    | 'add_to_page_cache_lru'
  >,
  inode: Inode, idx: number, sgp: number,
): MaySleep<PageOrErr> {
  const { m } = this;
  const info = inode.shmem!;
  for (;;) {
    let page: PageOrErr = yield* this.find_lock_page(inode.i_mapping, idx);
    if (page === NULL_PAGE) {
      spin_lock(m, info.lock);
      this.shmem_recalc_inode(inode);
      const entry = this.shmem_swp_alloc(inode, idx, sgp);
      spin_unlock(m, info.lock);
      if (entry < 0) return entry;
      if (entry !== 0) page = yield* getSwapped(this, inode, idx, entry as SwpEntry, sgp);
      else if (sgp === SGP_READ) return NULL_PAGE;
      else page = yield* getNew(this, inode, idx, sgp);
      if (IS_ERR(page)) return page;
    }
    if (page === NULL_PAGE) continue;
    this.unlock_page(asPage(page));
    return page;
  }
}

/** shmem_getpage()'s part for a page that is in swap. The page, locked and with a reference; 0: look again; or an errno. */
function* getSwapped(
  k: K<
    | 'lookup_swap_cache' | 'shmem_swapin' | 'shmem_swp_alloc' | 'wait_on_page_locked' | 'wait_on_page_writeback' | 'unlock_page' | 'put_page'
    | 'move_from_swap_cache' | 'shmem_swp_set' | 'swap_free' | 'blk_congestion_wait'
  >,
  inode: Inode, idx: number, swap: SwpEntry, sgp: number,
): MaySleep<PageOrErr> {
  const { m } = k;
  const mem = m.mem_map;
  const info = inode.shmem!;
  let page = k.lookup_swap_cache(swap);
  if (page === NULL_PAGE) {
    if (sgp === SGP_CACHE) m.page_state.pgmajfault++;
    page = yield* k.shmem_swapin(inode, swap, idx);
    if (page === NULL_PAGE) {
      /* Out of memory, unless somebody else has moved the page meanwhile. */
      const now = k.shmem_swp_alloc(inode, idx, sgp);
      return now < 0 ? now : now === (swap as number) ? -ENOMEM : NULL_PAGE;
    }
    yield* k.wait_on_page_locked(page);
    k.put_page(page);
    return NULL_PAGE;
  }
  if (TestSetPageLocked(mem, page)) {
    yield* k.wait_on_page_locked(page);
    k.put_page(page);
    return NULL_PAGE;
  }
  let error = 0;
  if (PageWriteback(mem, page)) yield* k.wait_on_page_writeback(page);
  else if (!PageUptodate(mem, page)) error = -EIO;
  else {
    spin_lock(m, info.lock);
    /* The entry may have been freed, and its page given another use, between the look at it and the lock of the page. */
    error = info.swp.get(idx) === swap ? k.move_from_swap_cache(page, idx, inode.i_mapping) : 1;
    if (error === 0) {
      info.paged_in = true;
      k.shmem_swp_set(inode, idx, NO_SWP_ENTRY);
    }
    spin_unlock(m, info.lock);
    if (error === 0) {
      k.swap_free(swap);
      return page;
    }
  }
  k.unlock_page(page);
  k.put_page(page);
  if (error === -EIO) return error;
  if (error === -ENOMEM) yield* k.blk_congestion_wait(20);
  return NULL_PAGE;
}

/** shmem_getpage()'s part for a new page. The page, locked and with a reference; 0: look again; or an errno. */
function* getNew(
  k: K<'shmem_alloc_page' | 'shmem_swp_alloc' | 'add_to_page_cache_lru' | 'put_page'>, inode: Inode, idx: number, sgp: number,
): MaySleep<PageOrErr> {
  const { m } = k;
  const { i_sb } = inode;
  const info = inode.shmem!;
  if (i_sb.free_blocks !== null) {
    if (i_sb.free_blocks === 0) return -ENOSPC;
    i_sb.free_blocks--;
  }
  const page = yield* k.shmem_alloc_page(mapping_gfp_mask(inode.i_mapping), inode, idx);
  if (page === NULL_PAGE) {
    if (i_sb.free_blocks !== null) i_sb.free_blocks++;
    return -ENOMEM;
  }
  spin_lock(m, info.lock);
  const entry = k.shmem_swp_alloc(inode, idx, sgp);
  const added = entry === 0 && k.add_to_page_cache_lru(page, inode.i_mapping, idx, GFP_ATOMIC) === 0;
  if (added) {
    info.paged_in = true;
    info.alloced++;
  }
  spin_unlock(m, info.lock);
  if (added) {
    set_page_flag(m.mem_map, page, PG_uptodate);
    return page;
  }
  k.put_page(page);
  if (i_sb.free_blocks !== null) i_sb.free_blocks++;
  return entry < 0 ? entry : NULL_PAGE;
}

/**
 * A vma that exists only to carry the object's policy for one page to the allocator; its interleaving goes by the page's
 * index in the object.
 */
function pseudoVma(k: K<'mpol_shared_policy_lookup'>, inode: Inode, idx: number): Vma {
  const { m } = k;
  const pvma = alloc_vma(m.current.mm!, 0, m.PAGE_SIZE, 0, idx);
  pvma.vm_policy = k.mpol_shared_policy_lookup(inode.shmem!.policy, idx);
  return pvma;
}

/** A zeroed page, placed by the object's policy. */
export function* shmem_alloc_page(
  this: K<'mpol_shared_policy_lookup' | 'alloc_page_vma' | 'mpol_free'>, gfp: number, inode: Inode, idx: number,
): MaySleep<Page> {
  const pvma = pseudoVma(this, inode, idx);
  const page = yield* this.alloc_page_vma(gfp | __GFP_ZERO, pvma, 0);
  this.mpol_free(pvma.vm_policy);
  return page;
}

/**
 * Starts reading a page from swap, placed by the object's policy; 0 when out of memory or when the entry is free. 2.6.12
 * reads the neighbouring slots too, whoever they belong to; the model does not.
 */
export function* shmem_swapin(
  this: K<'mpol_shared_policy_lookup' | 'lru_add_drain' | 'read_swap_cache_async' | 'mpol_free'>, inode: Inode, entry: SwpEntry, idx: number,
): MaySleep<Page> {
  this.lru_add_drain();
  const pvma = pseudoVma(this, inode, idx);
  const page = yield* this.read_swap_cache_async(entry, pvma, 0);
  this.mpol_free(pvma.vm_policy);
  return page;
}

/** The page for a fault in a mapping. */
export function* shmem_nopage(this: K<'shmem_getpage' | 'mark_page_accessed'>, vma: Vma, address: Address): MaySleep<PageOrErr> {
  const { m } = this;
  const inode = vma.vm_file!.f_inode;
  const idx = (address - vma.vm_start) / m.PAGE_SIZE + vma.vm_pgoff;
  if (idx * m.PAGE_SIZE >= inode.i_size) return NOPAGE_SIGBUS;
  const page = yield* this.shmem_getpage(inode, idx, SGP_CACHE);
  if (IS_ERR(page)) return page === -ENOMEM ? NOPAGE_OOM : NOPAGE_SIGBUS;
  this.mark_page_accessed(asPage(page));
  return page;
}

/** mbind() on a mapping: the policy goes to the object, for the range that the vma maps. */
export function shmem_set_policy(this: K<'mpol_set_shared_policy'>, vma: Vma, npol: Mempolicy | null): number {
  return this.mpol_set_shared_policy(vma.vm_file!.f_inode.shmem!.policy, vma, npol);
}

export function shmem_get_policy(this: K<'mpol_shared_policy_lookup'>, vma: Vma, addr: Address): Mempolicy | null {
  const idx = Math.floor((addr - vma.vm_start) / this.m.PAGE_SIZE) + vma.vm_pgoff;
  return this.mpol_shared_policy_lookup(vma.vm_file!.f_inode.shmem!.policy, idx);
}

/**
 * SHM_LOCK and SHM_UNLOCK: whether the file's pages may go to swap. What a user has locked this way is limited by
 * RLIMIT_MEMLOCK over all his segments, CAP_IPC_LOCK aside: -ENOMEM beyond. `uid` is who locks, or who had locked.
 */
export function shmem_lock(this: K<'capable'>, file: File, lock: number, uid: number): number {
  const { m } = this;
  const info = file.f_inode.shmem!;
  if ((lock !== 0) === info.locked) return 0;
  const pages = Math.ceil(file.f_inode.i_size / m.PAGE_SIZE);
  const locked_shm = m.locked_shm.get(uid) ?? 0;
  if (lock !== 0) {
    const limit = Math.floor(m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur / m.PAGE_SIZE);
    if (locked_shm + pages > limit && !this.capable(CAP_IPC_LOCK)) return -ENOMEM;
  }
  m.locked_shm.set(uid, lock !== 0 ? locked_shm + pages : locked_shm - pages);
  info.locked = lock !== 0;
  return 0;
}
