/** numactl --show: the policy and the CPUs that a program started now would have. */
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Process } from '../../../process.js';
import type { Numa, Policy } from '../libnuma/libnuma.js';
import { maskLine, policyName } from '../libnuma/policies.js';
import { failed } from './messages.js';

export async function show(p: Process, numa: Numa): Promise<void> {
  const runNodes = await numa.runNodes();
  const policy = await numa.policy();
  const next = await numa.interleaveNode();
  p.out(`policy: ${policyName(policy.mode)}\n`);
  p.out(`preferred node: ${preferredNode(policy, next)}\n`);
  if (policy.mode === MPOL_INTERLEAVE) p.out(`${maskLine('interleavemask', policy.nodes)}interleavenode: ${next}\n`);
  p.out(maskLine('physcpubind', (await numa.affinity()) ?? failed(p, 'sched_get_affinity', numa.errno)));
  p.out(maskLine('cpubind', runNodes));
  p.out(maskLine('nodebind', runNodes));
  p.out(maskLine('membind', policy.mode === MPOL_BIND ? policy.nodes : numa.allNodes));
  p.out(maskLine('preferred', policy.mode === MPOL_PREFERRED || policy.mode === MPOL_BIND ? policy.nodes : []));
}

function preferredNode({ mode, nodes: [first = 0] }: Policy, next: number): string {
  if (mode === MPOL_DEFAULT) return 'current';
  return mode === MPOL_INTERLEAVE ? `${next} (interleave next)` : `${first}`;
}
