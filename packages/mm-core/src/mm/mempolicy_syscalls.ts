/**
 * mbind(), set_mempolicy(), get_mempolicy() (mm/mempolicy.c), and applying a policy to a range. A policy says where pages will
 * come from; pages that are there already stay where they are.
 *
 * User pointers: a mask or an int object, null, or BAD_POINTER.
 */
import { EFAULT, EINVAL, EIO } from '../include/linux/errno.js';
import {
  _PAGE_P, PGDIR_SIZE, PMD_SIZE, pgd_offset, pmd_offset, pte_index, pte_page, rgn_page,
} from '../include/asm-ia64/pgtable.js';
import { BUG } from '../include/linux/kernel.js';
import { page_to_nid } from '../include/linux/mm.js';
import { VM_HUGETLB, type Mm, type Vma } from '../include/linux/mm_types.js';
import {
  MPOL_BIND, MPOL_DEFAULT, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_MAX, MPOL_MF_STRICT, MPOL_PREFERRED, type Mempolicy,
} from '../include/linux/mempolicy.js';
import { BAD_POINTER, IS_ERR, type UserInt, type UserMask } from '../include/linux/misc.js';
import { first_node, MAX_NUMNODES, node_isset, node_set, nodes_new, type NodeMask } from '../include/linux/nodemask.js';
import { callersMm, ulong } from '../model/arguments.js';
import { vmop } from '../model/ops.js';
import { down_read, down_read_trylock, down_write, down_write_trylock, up_read, up_write } from '../include/linux/spinlock.js';
import { BITS_TO_LONGS, type Address, type Page, type Pte } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import { default_policy } from './mempolicy_alloc.js';

/**
 * Gives the pages of a range a policy for when they are allocated. Order of refusals: flags and mode, alignment, overflow (an
 * empty range is success here, before the mask is looked at), mask, memory, holes in the range, pages in the wrong place.
 */
export function* sys_mbind(
  this: K<'get_nodes' | 'mpol_new' | 'check_range' | 'mbind_range' | 'mpol_free'>,
  start: Address, len: number, mode: number, nmask: UserMask | null, maxnode: number, flags: number,
): MaySleep<number> {
  const { m } = this;
  const { PAGE_SIZE } = m;
  let mfFlags = flags >>> 0;
  if ((mfFlags & ~MPOL_MF_STRICT) !== 0 || ulong(mode) > MPOL_MAX) return -EINVAL;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if (mode === MPOL_DEFAULT) mfFlags &= ~MPOL_MF_STRICT;
  const length = ulong(Math.ceil(ulong(len) / PAGE_SIZE) * PAGE_SIZE);
  const end = ulong(start + length);
  if (end < start) return -EINVAL;
  if (end === start) return 0;

  const nodes = nodes_new();
  let err = this.get_nodes(nodes, nmask, maxnode, mode);
  if (err !== 0) return err;
  const policy = this.mpol_new(mode, nodes);
  if (typeof policy === 'number') return policy;

  const mm = callersMm(m, 'mm/mempolicy.c:sys_mbind()');
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const vma = this.check_range(mm, start, end, nodes, mfFlags);
  err = typeof vma === 'number' ? vma : this.mbind_range(vma, start, end, policy);
  up_write(m, mm.mmap_sem);
  this.mpol_free(policy);
  return err;
}

/**
 * Sets the policy of the calling task. The mode is a signed int and only its upper bound is checked: a negative one becomes a
 * policy that the next allocation falls over (BUG() in zonelist_policy()). Corrected in the stable tree in August 2005.
 */
export function* sys_set_mempolicy(
  this: K<'get_nodes' | 'mpol_new' | 'mpol_free'>, mode: number, nmask: UserMask | null, maxnode: number,
): MaySleep<number> {
  const { current } = this.m;
  const intMode = mode | 0;
  if (intMode > MPOL_MAX) return -EINVAL;
  const nodes = nodes_new();
  const err = this.get_nodes(nodes, nmask, maxnode, intMode);
  if (err !== 0) return err;
  const policy = this.mpol_new(intMode, nodes);
  if (typeof policy === 'number') return policy;
  this.mpol_free(current.mempolicy);
  current.mempolicy = policy;
  if (policy?.policy === MPOL_INTERLEAVE) current.il_next = first_node(policy.nodes!);
  return 0;
}

/**
 * Tells a policy: the task's, or with MPOL_F_ADDR that of the vma at `addr`. MPOL_F_NODE asks for a node instead of the mode:
 * with F_ADDR the one the page is on (the page is faulted in), without it the next one of the task's own interleaving. The
 * result goes to `policy`, then the nodes to `nmask`.
 */
export function* sys_get_mempolicy(
  this: K<'find_vma_intersection' | 'lookup_node' | 'get_zonemask' | 'copy_nodes_to_user'>,
  policy: UserInt | null, nmask: UserMask | null, maxnode: number, addr: Address, flags: number,
): MaySleep<number> {
  const { m } = this;
  const { current } = m;
  let pol = current.mempolicy;
  if (ulong(flags) > (MPOL_F_NODE | MPOL_F_ADDR)) return -EINVAL;
  if (nmask !== null && ulong(maxnode) < MAX_NUMNODES) return -EINVAL;
  let mm: Mm | null = null;
  if ((flags & MPOL_F_ADDR) !== 0) {
    mm = callersMm(m, 'mm/mempolicy.c:sys_get_mempolicy()');
    if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
    /* addr…addr + 1; vmas begin and end at pages, and a double cannot tell every byte of a high address from the next. */
    const vma = this.find_vma_intersection(mm, addr, (Math.floor(addr / m.PAGE_SIZE) + 1) * m.PAGE_SIZE);
    if (vma === null) {
      up_read(m, mm.mmap_sem);
      return -EFAULT;
    }
    /* A reference that get_policy() took is never dropped. */
    const get_policy = vmop(this, vma, 'get_policy');
    pol = get_policy === undefined ? vma.vm_policy : get_policy.call(this, vma, addr);
  } else if (addr !== 0) return -EINVAL;
  const found = pol ?? default_policy;

  let pval = found.policy;
  if ((flags & MPOL_F_NODE) !== 0) {
    if (mm !== null) {
      pval = yield* this.lookup_node(mm, addr);
      if (pval < 0) {
        up_read(m, mm.mmap_sem);
        return pval;
      }
    } else if (found === current.mempolicy && found.policy === MPOL_INTERLEAVE) pval = current.il_next;
    else return -EINVAL;
  }
  if (mm !== null) up_read(m, mm.mmap_sem);

  if (policy === BAD_POINTER) return -EFAULT;
  if (policy !== null) policy.value = pval;
  if (nmask === null) return 0;
  const nodes = nodes_new();
  this.get_zonemask(found, nodes);
  return this.copy_nodes_to_user(nmask, maxnode, nodes);
}

/**
 * Copies maxnode - 1 bits, rounded up to longs; what lies beyond the kernel's own mask is cleared. A length that wraps around
 * copies nothing, and more than a page is -EINVAL. (In 2.6.12 a pointer that faults half-way leaves what came before it.)
 */
export function copy_nodes_to_user(this: K, mask: UserMask, maxnode: number, nodes: NodeMask): number {
  const words = 2 * BITS_TO_LONGS(maxnode - 1);
  if (words === 0) return 0;
  if (words > nodes.length && words * 4 > this.m.PAGE_SIZE) return -EINVAL;
  if (mask === BAD_POINTER || mask.length < words) return -EFAULT;
  mask.fill(0, 0, words);
  mask.set(nodes.subarray(0, words));
  return 0;
}

/**
 * -EIO when a page that is present in addr…end is on a node outside the mask; the zero page counts by where it is.
 *
 * 2.6.12's loop has its test for an empty entry of the top level the wrong way round (it stops where it should skip). ia64
 * has three levels, the topmost of the generic four folded away, so that test is never true here: an empty entry of its
 * own top level is skipped like one of the middle level.
 */
export function verify_pages(this: K, mm: Mm, addr: Address, end: Address, nodes: NodeMask): number {
  const { m } = this;
  const { ptes, PTRS, PAGE_SIZE } = m;
  for (let at = addr; at < end; ) {
    const pmd = ptes[pgd_offset(m, mm, at)]!;
    if (pmd === 0) {
      at = (Math.floor(at / PGDIR_SIZE(m)) + 1) * PGDIR_SIZE(m);
      continue;
    }
    const table = ptes[pmd_offset(m, pmd, at)]!;
    if (table === 0) {
      at = (Math.floor(at / PMD_SIZE(m)) + 1) * PMD_SIZE(m);
      continue;
    }
    const pte = ptes[table * PTRS + pte_index(m, rgn_page(m, at))]! as Pte;
    if ((pte & _PAGE_P) !== 0 && !node_isset(page_to_nid(m, pte_page(pte)), nodes)) return -EIO;
    at += PAGE_SIZE;
  }
  return 0;
}

/**
 * The first vma of a range that must be mapped throughout, or an errno. With MPOL_MF_STRICT the pages are verified: those of
 * the whole vmas, also outside the range.
 */
export function check_range(
  this: K<'find_vma' | 'verify_pages'>, mm: Mm, start: Address, end: Address, nodes: NodeMask, flags: number,
): Vma | number {
  const first = this.find_vma(mm, start);
  if (first === null) return -EFAULT;
  let prev: Vma | null = null;
  for (let vma: Vma | null = first; vma !== null && vma.vm_start < end; vma = vma.vm_next) {
    if (vma.vm_next === null && vma.vm_end < end) return -EFAULT;
    if (prev !== null && prev.vm_end < vma.vm_start) return -EFAULT;
    if ((flags & MPOL_MF_STRICT) !== 0 && (vma.vm_flags & VM_HUGETLB) === 0) {
      const err = this.verify_pages(vma.vm_mm, vma.vm_start, vma.vm_end, nodes);
      if (err !== 0) return err;
    }
    prev = vma;
  }
  return first;
}

/** Gives a vma a policy; shared memory stores it in the object as well. */
export function policy_vma(this: K<'mpol_get' | 'mpol_free'>, vma: Vma, newpol: Mempolicy | null): number {
  const old = vma.vm_policy;
  const set_policy = vmop(this, vma, 'set_policy');
  const err = set_policy === undefined ? 0 : set_policy.call(this, vma, newpol);
  if (err === 0) {
    this.mpol_get(newpol);
    vma.vm_policy = newpol;
    this.mpol_free(old);
  }
  return err;
}

/** policy_vma() on exactly start…end: vmas that reach over are split, and never merged again. */
export function mbind_range(this: K<'split_vma' | 'policy_vma'>, vma: Vma, start: Address, end: Address, newpol: Mempolicy | null): number {
  let err = 0;
  let next: Vma | null;
  for (let at: Vma | null = vma; at !== null && at.vm_start < end; at = next) {
    next = at.vm_next; // oxlint-disable-line no-useless-assignment -- the step of the loop reads it
    if (at.vm_start < start) err = this.split_vma(at.vm_mm, at, start, 1);
    if (err === 0 && at.vm_end > end) err = this.split_vma(at.vm_mm, at, end, 0);
    if (err === 0) err = this.policy_vma(at, newpol);
    if (err !== 0) break;
  }
  return err;
}

/** The nodes a policy names; all that are online for "local". */
export function get_zonemask(this: K, p: Mempolicy | null, nodes: NodeMask): void {
  const { m } = this;
  nodes.fill(0);
  switch (p?.policy ?? MPOL_DEFAULT) {
    case MPOL_BIND:
      for (const zone of p!.zonelist!) node_set(zone.node, nodes);
      break;
    case MPOL_DEFAULT:
      break;
    case MPOL_INTERLEAVE:
      nodes.set(p!.nodes!);
      break;
    case MPOL_PREFERRED:
      if (p!.preferred_node < 0) nodes.set(m.node_online_map);
      else node_set(p!.preferred_node, nodes);
      break;
    default:
      BUG(m, 'mm/mempolicy.c:get_zonemask()');
  }
}

/** The node of the page at an address, which is faulted in for reading; or an errno. */
export function* lookup_node(this: K<'get_user_pages' | 'put_page'>, mm: Mm, addr: Address): MaySleep<number> {
  const { m } = this;
  const pages: Page[] = [];
  const err = yield* this.get_user_pages(m.current, mm, Math.floor(addr / m.PAGE_SIZE) * m.PAGE_SIZE, 1, 0, 0, pages, null);
  if (IS_ERR(err)) return err;
  const page = pages[0]!;
  this.put_page(page);
  return page_to_nid(m, page);
}
