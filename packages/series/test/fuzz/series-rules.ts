/**
 * What the patches of the series make of a migrate_pages() call, told again from their changelogs: which mappings are migrated, when the call is
 * refused, and the policies that the defect of patch 5 leaves unusable.
 */
import { MPOL_BIND, MPOL_INTERLEAVE, type Mempolicy, type SpNode } from '@pmkit/mm-core/include/linux/mempolicy';
import { VM_LOCKED, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { first_node, MAX_NUMNODES, node_isset, nodes_intersects } from '@pmkit/mm-core/include/linux/nodemask';
import type { Task, Vma } from '@pmkit/mm-core';
import type { World } from './world.js';

const POLICY_LEVEL = 5;
export const MARK_LEVEL = 6;
const SELECTION_LEVEL = 7;
const CPUSET_LEVEL = 8;
const AS_DO_MMIGRATE = 1 << 22;
const AS_DO_NOT_MMIGRATE = 1 << 23;

/** Whether the pages of a mapping are migrated. */
export function isMigrated({ level }: World, vma: Vma): boolean {
  if ((vma.vm_flags & VM_LOCKED) !== 0) return false;
  if (level < SELECTION_LEVEL || vma.vm_file === null) return true;
  const { flags } = vma.vm_file.f_mapping;
  if ((flags & AS_DO_MMIGRATE) !== 0) return true;
  return (flags & AS_DO_NOT_MMIGRATE) === 0 && (vma.vm_flags & VM_WRITE) !== 0;
}

/** Whether the cpusets of target and caller, as they are now, let the call through. */
export function cpusetsAllow({ m, level }: World, tasks: readonly Task[], newNodes: Uint32Array): boolean {
  if (level < CPUSET_LEVEL || !m.config.CONFIG_CPUSETS) return true;
  return tasks.every(task => {
    let cs = task.cpuset;
    while (cs !== null && !nodes_intersects(cs.mems_allowed, m.node_online_map)) cs = cs.parent;
    return newNodes.every(node => cs === null || node_isset(node, cs.mems_allowed));
  });
}

const isUnusable = (policy: Mempolicy | null): boolean =>
  (policy?.policy === MPOL_INTERLEAVE && first_node(policy.nodes!) === MAX_NUMNODES) || (policy?.policy === MPOL_BIND && policy.zonelist!.length === 0);

function anyUnusable(node: SpNode | null): boolean {
  return node !== null && (isUnusable(node.policy) || anyUnusable(node.rb_left) || anyUnusable(node.rb_right));
}

/**
 * Whether the call has left a policy that the next allocation falls over: an INTERLEAVE or BIND policy without a node, or an il_next of -1. That is what
 * patch 5's unsigned node map does to nodes which are not among the old ones.
 */
export function leftUnusablePolicy({ level }: World, target: Task): boolean {
  if (level < POLICY_LEVEL) return false;
  if (isUnusable(target.mempolicy) || (target.mempolicy?.policy === MPOL_INTERLEAVE && target.il_next < 0)) return true;
  for (let vma = target.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    if (isUnusable(vma.vm_policy) || anyUnusable(vma.vm_file?.f_inode.shmem?.policy.root ?? null)) return true;
  }
  return false;
}
