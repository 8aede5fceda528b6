/** What patch 5 makes of policies. Source: the text of -rc3 5/10 and what follows from its `unsigned int *node_map`. */
import type { MappedObject, Policy, Situation, Task, Vma } from './situation.js';
import type { Verdict } from './verdict.js';

/** Old node → new node. */
export type NodeMap = ReadonlyMap<number, number>;

const ascending = (nodes: Iterable<number>): number[] => [...new Set(nodes)].sort((a, b) => a - b);

/** The nodes of a set after migration. As an unsigned number the map's -1 for "not moved" is a node too, but none that a mask can hold. */
function mapNodes(nodes: readonly number[], map: NodeMap, verdict: Verdict): number[] {
  return ascending(nodes.flatMap(node => map.get(node) ?? (verdict.decidedBy('unsigned-node-map') ? [] : node)));
}

function rewritten(situation: Situation, policy: Policy, map: NodeMap, verdict: Verdict): Policy {
  switch (policy.mode) {
    case 'preferred':
      return { mode: 'preferred', node: policy.node < 0 ? -1 : (map.get(policy.node) ?? (verdict.decidedBy('unsigned-node-map') ? -1 : policy.node)) };
    case 'interleave':
      return { mode: 'interleave', nodes: mapNodes(policy.nodes, map, verdict) };
    case 'bind': {
      /* It is kept as a list of zones, so a node without memory leaves no trace in it. */
      const withMemory = situation.nodes.filter(node => node.memory).map(node => node.id);
      return { mode: 'bind', nodes: mapNodes(policy.nodes, map, verdict).filter(node => withMemory.includes(node)) };
    }
  }
}

export function rewriteTaskPolicy(situation: Situation, task: Task, map: NodeMap, verdict: Verdict): void {
  if (task.policy === null) return;
  verdict.allocatesPolicy();
  task.policy = rewritten(situation, task.policy, map, verdict);
  if (task.policy.mode !== 'interleave') return;
  task.nextInterleaved = map.get(task.nextInterleaved) ?? (verdict.decidedBy('unsigned-node-map') ? -1 : task.nextInterleaved);
}

/** What a vma has in its object, by page of the object. */
function* pagesOf(vma: Vma, object: MappedObject): Generator<number> {
  if (object.policies !== null) for (let i = 0; i < vma.slots.length; i++) yield vma.offset + i;
}

export function rewriteVmaPolicy(situation: Situation, vma: Vma, map: NodeMap, verdict: Verdict): void {
  const { object } = vma;
  if (vma.policy === null) {
    const policies = object?.policies;
    if (object === null || policies === null || policies === undefined) return;
    const found = [...pagesOf(vma, object)].filter(page => policies.has(page));
    if (found.length === 0 || verdict.decidedBy('shared-policy')) return;
    for (const page of found) policies.set(page, rewritten(situation, policies.get(page)!, map, verdict));
    return;
  }
  verdict.allocatesPolicy();
  vma.policy = rewritten(situation, vma.policy, map, verdict);
  /* The object gets the vma's policy, whatever it had for these pages. */
  if (object !== null) for (const page of pagesOf(vma, object)) object.policies!.set(page, vma.policy);
}
