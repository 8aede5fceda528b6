/**
 * mm/mempolicy.c as patch 6 leaves it: mbind() with one of three flags more sets or clears two bits in the address_space of each file mapped in a
 * range, get_mempolicy() with a flag more reads them.
 *
 * The bits belong to the object in memory: all who map the file see them, unmapping and closing do not clear them, and they are gone when the inode is
 * evicted. Patch 7 is the first to look at them.
 *
 * Source: add-mempolicy-control-rc3.patch (rc3 6/10; 81 insertions, 3 deletions in this file). Ideas and objections: the thread "manual page
 * migration and madvise/mbind", May 2005.
 */
import { EFAULT, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { BUG } from '@pmkit/mm-core/include/linux/kernel';
import type { Mm } from '@pmkit/mm-core/include/linux/mm_types';
import {
  MPOL_DEFAULT, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_MAX, MPOL_MF_STRICT,
} from '@pmkit/mm-core/include/linux/mempolicy';
import { BAD_POINTER, type UserInt, type UserMask } from '@pmkit/mm-core/include/linux/misc';
import { MAX_NUMNODES, nodes_new } from '@pmkit/mm-core/include/linux/nodemask';
import { down_read, down_read_trylock, down_write, down_write_trylock, up_read, up_write } from '@pmkit/mm-core/include/linux/spinlock';
import { default_policy } from '@pmkit/mm-core/mm/mempolicy_alloc';
import { callersMm, ulong } from '@pmkit/mm-core/model/arguments';
import { vmop } from '@pmkit/mm-core/model/ops';
import type { Calls, Machine, MaySleep, Vma } from '@pmkit/mm-core';
import { AS_DO_MMIGRATE, AS_DO_NOT_MMIGRATE } from '../include/linux/pagemap.js';
import {
  MPOL_F_MASK, MPOL_F_MMIGRATE, MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MASK, MPOL_MF_MMIGRATE_DEFAULT, MPOL_MF_MMIGRATE_MASK,
} from '../include/linux/mempolicy.js';
import type { Kernel6 } from '../index.js';

type K6<S extends keyof Kernel6 = never> = Calls<Kernel6, S, { readonly m: Machine }>;

const hweight = (word: number): number => (word === 0 ? 0 : 1 + hweight(word & (word - 1)));

/**
 * Marks every file mapped in start…end (bytes): one page in the range marks the whole file. Anonymous memory in it is passed over.
 *
 * No permission is checked, and holes are not: a range that ends before the next vma begins is 0 without any effect. What is not there above `start` is
 * -EFAULT.
 * @returns 0; -EINVAL when more than one of the three flags is set; -EFAULT.
 */
export function* mbind_migration_policy(this: K6<'find_vma'>, mm: Mm, start: number, end: number, flags: number): MaySleep<number> {
  const { m } = this;
  if (hweight(flags & MPOL_MF_MMIGRATE_MASK) > 1) return -EINVAL;

  if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
  const first = this.find_vma(mm, start);
  for (let vma = first; vma !== null && vma.vm_start < end; vma = vma.vm_next) {
    if (vma.vm_file === null) continue;
    const as = vma.vm_file.f_mapping;
    switch (flags & MPOL_MF_MMIGRATE_MASK) {
      case MPOL_MF_DO_MMIGRATE:
        as.flags = (as.flags & ~AS_DO_NOT_MMIGRATE) | AS_DO_MMIGRATE;
        break;
      case MPOL_MF_DO_NOT_MMIGRATE:
        as.flags = (as.flags & ~AS_DO_MMIGRATE) | AS_DO_NOT_MMIGRATE;
        break;
      case MPOL_MF_MMIGRATE_DEFAULT:
        as.flags &= ~(AS_DO_MMIGRATE | AS_DO_NOT_MMIGRATE);
        break;
      default:
        BUG(m, 'mm/mempolicy.c:mbind_migration_policy()');
    }
  }
  up_read(m, mm.mmap_sem);
  return first === null ? -EFAULT : 0;
}

/**
 * mbind(), see mm/mempolicy_syscalls.ts of the base. New with this patch: any of the three migration flags makes it mbind_migration_policy(), and mode, mask
 * and MPOL_MF_STRICT do not matter then, but for a mode that does not exist. The empty range comes first: length 0 is 0 whatever the migration flags say together.
 */
export function* sys_mbind(
  this: K6<'mbind_migration_policy' | 'get_nodes' | 'mpol_new' | 'check_range' | 'mbind_range' | 'mpol_free'>,
  start: number, len: number, mode: number, nmask: UserMask | null, maxnode: number, flags: number,
): MaySleep<number> {
  const { m } = this;
  const { PAGE_SIZE } = m;
  let mfFlags = flags >>> 0;
  if ((mfFlags & ~MPOL_MF_MASK) !== 0 || ulong(mode) > MPOL_MAX) return -EINVAL;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if (mode === MPOL_DEFAULT) mfFlags &= ~MPOL_MF_STRICT;
  const length = ulong(Math.ceil(ulong(len) / PAGE_SIZE) * PAGE_SIZE);
  const end = ulong(start + length);
  if (end < start) return -EINVAL;
  if (end === start) return 0;

  const mm = callersMm(m, 'mm/mempolicy.c:sys_mbind()');
  if ((mfFlags & MPOL_MF_MMIGRATE_MASK) !== 0) return yield* this.mbind_migration_policy(mm, start, end, mfFlags);

  const nodes = nodes_new();
  let err = this.get_nodes(nodes, nmask, maxnode, mode);
  if (err !== 0) return err;
  const policy = this.mpol_new(mode, nodes);
  if (typeof policy === 'number') return policy;

  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const vma = this.check_range(mm, start, end, nodes, mfFlags);
  err = typeof vma === 'number' ? vma : this.mbind_range(vma, start, end, policy);
  up_write(m, mm.mmap_sem);
  this.mpol_free(policy);
  return err;
}

/**
 * What get_mempolicy() with MPOL_F_MMIGRATE stores: MPOL_MF_DO_MMIGRATE (4), MPOL_MF_DO_NOT_MMIGRATE (8) or 0. The changelog says that the bits come in the bottom
 * two bits of `policy`; they do not.
 */
function migrationPolicyOf(vma: Vma, policy: UserInt | null): number {
  if (vma.vm_file === null) return -EINVAL;
  const { flags } = vma.vm_file.f_mapping;
  if (policy === BAD_POINTER) return -EFAULT;
  if (policy !== null) {
    policy.value = ((flags & AS_DO_MMIGRATE) === 0 ? 0 : MPOL_MF_DO_MMIGRATE) | ((flags & AS_DO_NOT_MMIGRATE) === 0 ? 0 : MPOL_MF_DO_NOT_MMIGRATE);
  }
  return 0;
}

/**
 * get_mempolicy(), see mm/mempolicy_syscalls.ts of the base. New with this patch: MPOL_F_MMIGRATE tells the migration policy of the file that is mapped at `addr`. It goes
 * with none of the other flags (-EINVAL), says -EFAULT where nothing is mapped and -EINVAL for anonymous memory, and does not write `nmask`.
 */
export function* sys_get_mempolicy(
  this: K6<'find_vma_intersection' | 'lookup_node' | 'get_zonemask' | 'copy_nodes_to_user'>,
  policy: UserInt | null, nmask: UserMask | null, maxnode: number, addr: number, flags: number,
): MaySleep<number> {
  const { m } = this;
  const { current } = m;
  let pol = current.mempolicy;
  if (ulong(flags) > MPOL_F_MASK) return -EINVAL;
  if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0 && (flags & MPOL_F_MMIGRATE) !== 0) return -EINVAL;
  if (nmask !== null && ulong(maxnode) < MAX_NUMNODES) return -EINVAL;
  let mm: Mm | null = null;
  if ((flags & (MPOL_F_ADDR | MPOL_F_MMIGRATE)) !== 0) {
    mm = callersMm(m, 'mm/mempolicy.c:sys_get_mempolicy()');
    if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
    // addr…addr + 1, see the base
    const vma = this.find_vma_intersection(mm, addr, (Math.floor(addr / m.PAGE_SIZE) + 1) * m.PAGE_SIZE);
    if (vma === null) {
      up_read(m, mm.mmap_sem);
      return -EFAULT;
    }
    if ((flags & MPOL_F_MMIGRATE) !== 0) {
      const err = migrationPolicyOf(vma, policy);
      up_read(m, mm.mmap_sem);
      return err;
    }
    // a reference that get_policy() took is never dropped
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
