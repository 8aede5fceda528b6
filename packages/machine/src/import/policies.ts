/** From the policies that numa_maps prints to those that 2.6.12 had, and which of them is the process's own. */
import type { NumaMapsEntry, ParsedPolicy } from './numa-maps.js';
import { DEFAULT_POLICY, type ImportedPolicy } from './process.js';

/** A policy of 2.6.12, and what was lost on the way to it. */
export interface Translated { readonly policy: ImportedPolicy; readonly lost: string | null }

export function translatePolicy({ mode, flags, nodes }: ParsedPolicy): Translated {
  const lost = flags === '' ? null : `the mode flag "${flags}" (2.6.26)`;
  switch (mode) {
    case 'bind': case 'interleave': return { policy: { mode, nodes }, lost };
    // 2.6.38 printed MPOL_LOCAL for what 2.6.12 has as MPOL_PREFERRED with an empty mask
    case 'local': return { policy: { mode: 'preferred', nodes: [] }, lost };
    case 'prefer': return { policy: { mode: 'preferred', nodes: nodes.slice(0, 1) }, lost };
    case 'prefer (many)': return { policy: { mode: 'preferred', nodes: nodes.slice(0, 1) }, lost: 'all but the first node of "prefer (many)" (5.15)' };
    case 'weighted interleave': return { policy: { mode: 'interleave', nodes }, lost: 'the weights of "weighted interleave" (6.9)' };
    default: return { policy: DEFAULT_POLICY, lost };
  }
}

export const samePolicy = (a: ImportedPolicy, b: ImportedPolicy): boolean => a.mode === b.mode && a.nodes.join() === b.nodes.join();

/**
 * The policy of the process. numa_maps prints it for every vma that has none of its own, so where any private vma prints the default it is the
 * default; else it is taken to be the one that most of them print, the lowest address first. Shared memory never has the process's
 * policy (shmem_get_policy()), and is not asked.
 */
export function processPolicy(entries: readonly { readonly entry: NumaMapsEntry; readonly ofSharedMemory: boolean }[]): ImportedPolicy {
  const counts = new Map<string, { readonly policy: ImportedPolicy; count: number }>();
  for (const { entry, ofSharedMemory } of entries) {
    if (ofSharedMemory) continue;
    const { policy } = translatePolicy(entry.policy);
    if (policy.mode === 'default') return DEFAULT_POLICY;
    const key = `${policy.mode}:${policy.nodes.join()}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { policy, count: 1 });
    else known.count++;
  }
  let best: { readonly policy: ImportedPolicy; readonly count: number } = { policy: DEFAULT_POLICY, count: 0 };
  for (const candidate of counts.values()) if (candidate.count > best.count) best = candidate;
  return best.policy;
}
