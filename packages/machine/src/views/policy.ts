/**
 * Which memory policy a vma has, and how numa_maps spells it (mpol_to_str() of mm/mempolicy.c as of Linux 2.6.26 to 6.1: mode, a colon, the
 * nodes; 2.6.14 to 2.6.25 wrote `=` instead of the colon).
 */
import type { Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import { vmop } from '@pmkit/mm-core/model/ops';
import type { Task, Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';

/**
 * The policy that counts at the start of a vma for a task (get_vma_policy() of 2.6.12, which is how 2.6.14's show_numa_map() finds it); null is
 * the default. Unlike it, this takes no reference: reading a file must not change what it shows.
 */
export function vmaPolicy(k: AnyKernel, task: Task, vma: Vma): Mempolicy | null {
  if (vmop(k, vma, 'get_policy') !== undefined) {
    const shared = vma.vm_file?.f_inode.shmem?.policy;
    return shared === undefined ? null : (k.sp_lookup(shared, vma.vm_pgoff, vma.vm_pgoff + 1)?.policy ?? null);
  }
  return vma.vm_policy !== null && vma.vm_policy.policy !== MPOL_DEFAULT ? vma.vm_policy : task.mempolicy;
}

/** The nodes of a policy, ascending; empty where it names none. */
function policyNodes({ policy, zonelist, preferred_node, nodes }: Mempolicy): readonly number[] {
  if (policy === MPOL_BIND) return [...new Set((zonelist ?? []).map(zone => zone.node))].sort((a, b) => a - b);
  if (policy === MPOL_INTERLEAVE) return nodes === null ? [] : nodeList(nodes);
  return preferred_node < 0 ? [] : [preferred_node];
}

const MODES: Readonly<Record<number, string>> = { [MPOL_PREFERRED]: 'prefer', [MPOL_BIND]: 'bind', [MPOL_INTERLEAVE]: 'interleave' };

/** `default`, `local` (prefer the node one runs on), `prefer:2`, `bind:0-3`, `interleave:0,2`. A mode that does not exist is `unknown`. */
export function policyText(policy: Mempolicy | null): string {
  if (policy === null || policy.policy === MPOL_DEFAULT) return 'default';
  const mode = MODES[policy.policy];
  if (mode === undefined) return 'unknown';
  const nodes = formatList(policyNodes(policy));
  if (nodes !== '') return `${mode}:${nodes}`;
  return policy.policy === MPOL_PREFERRED ? 'local' : mode;
}
