/** Where a page of private memory must be that a task has just touched for the first time: policy, cpuset and the node's own room decide. */
import { pte_offset } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { MAX_NUMNODES, node_isset } from '@pmkit/mm-core/include/linux/nodemask';
import { residentPage, type Machine, type Task, type Vma } from '@pmkit/mm-core';
import { Violation, type Space, type World } from './world.js';

/** Frames beyond its high mark that a node must have free to count as having room: per-CPU lists take pages in batches. */
const ROOM = 16;

/** The first node of the policy's order, and the only nodes it allows (null: any). */
function wanted(world: World, task: Task, vma: Vma, address: number): { first: number; only: readonly number[] | null } {
  const { m } = world;
  const policy: Mempolicy | null = vma.vm_policy ?? task.mempolicy;
  const local = m.cpu_to_node[task.cpu]!;
  switch (policy?.policy) {
    case MPOL_PREFERRED: return { first: policy.preferred_node < 0 ? local : policy.preferred_node, only: null };
    case MPOL_INTERLEAVE: {
      const nodes: number[] = [];
      for (let node = 0; node < MAX_NUMNODES; node++) if (node_isset(node, policy.nodes!)) nodes.push(node);
      return { first: nodes[(vma.vm_pgoff + (address - vma.vm_start) / m.PAGE_SIZE) % 2 ** 32 % nodes.length]!, only: null };
    }
    case MPOL_BIND: {
      const nodes = policy.zonelist!.map(zone => zone.node);
      /* A cpuset that allows none of them makes BIND give way. */
      return nodes.some(node => world.allows(task, node)) ? { first: nodes[0]!, only: nodes } : { first: local, only: null };
    }
    default: return { first: local, only: null };
  }
}

/** Nodes that can take so many pages before anybody has to reclaim. */
export function nodesWithRoom(m: Machine, pages: number): ReadonlySet<number> {
  const roomy = new Set<number>();
  for (const node of m.node_ids) {
    /* The highest zone that there is; what lower ones have may be kept for others. */
    const zone = m.node_data[node]!.node_zones.findLast(({ present_pages }) => present_pages > 0);
    if (zone !== undefined && zone.free_pages > zone.pages_high + ROOM + pages) roomy.add(node);
  }
  return roomy;
}

/** What a task is about to store into for the first time, and the nodes that have room for all of it now. */
export interface Fresh { readonly addresses: readonly number[]; readonly roomy: ReadonlySet<number> }

/** Private memory of a range that is in no file and was never stored into: nobody but the task can decide where it will be. */
export function freshPages(world: World, space: Space, start: number, pages: number): Fresh {
  const { m } = world;
  const addresses: number[] = [];
  for (let page = start; page < start + pages; page++) {
    if (space.pages.get(page)?.file === null && m.ptes[pte_offset(m, space.mm, page * m.PAGE_SIZE)] === 0) addresses.push(page * m.PAGE_SIZE);
  }
  return { addresses, roomy: nodesWithRoom(m, addresses.length) };
}

/** Checks the pages that have come to be there by stores of the task. */
export function checkPlacement(world: World, task: Task, { addresses, roomy }: Fresh): void {
  const { k, m } = world;
  if (task.mm === null) return;
  for (const address of addresses) {
    const page = residentPage(m, task, address);
    const vma = k.find_vma(task.mm, address);
    if (page === 0 || vma === null || vma.vm_start > address) continue;
    const node = page_to_nid(m, page);
    const { first, only } = wanted(world, task, vma, address);
    const where = `page ${page} at 0x${address.toString(16)} of ${task.comm}[${task.pid}]: is on node ${node}`;
    if (!world.allows(task, node)) throw new Violation(`${where}, which its cpuset does not allow`);
    if (only !== null && !only.includes(node)) throw new Violation(`${where}, expected one of ${only.join(', ')}, which it is bound to`);
    if (node !== first && !world.racing && roomy.has(first) && world.allows(task, first)) throw new Violation(`${where}, expected ${first}, where there was room`);
  }
}
