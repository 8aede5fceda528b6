/** What entries about memory policies have in common: setting one, asking for it, memory that several processes share. */
import type { Task, Vma } from '@pmkit/mm-core';
import type { Zone } from '@pmkit/mm-core/include/linux/mmzone';
import { MPOL_BIND, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { MAX_NUMNODES, nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { Lab, Mapping } from '../lab.js';

/** The maxnode of a caller with masks of 256 bits: get_nodes() takes one off. */
export const MAXNODE = MAX_NUMNODES + 1;

export function setPolicy(lab: Lab, task: Task, mode: number, ...nodes: readonly number[]): void {
  lab.must(task, 'set_mempolicy', mode, nodemask_of(...nodes), MAXNODE);
}
/** mbind() of a whole mapping by its task. */
export function setVmaPolicy(lab: Lab, { task, address, pages }: Mapping, mode: number, ...nodes: readonly number[]): void {
  lab.must(task, 'mbind', address, pages * lab.k.m.PAGE_SIZE, mode, nodemask_of(...nodes), MAXNODE, 0);
}
/** A private mapping with a policy, written on its first `present` pages. */
export function memoryWith(lab: Lab, task: Task, pages: number, present: number, mode: number, ...nodes: readonly number[]): Mapping {
  const memory = lab.anonymous(task, pages, 'none');
  setVmaPolicy(lab, memory, mode, ...nodes);
  lab.touch(part(lab, memory, 0, present));
  return memory;
}

/** `pages` pages of a mapping from page `first` on. */
export const part = (lab: Lab, { task, address }: Mapping, first: number, pages: number): Mapping => ({ task, address: address + first * lab.k.m.PAGE_SIZE, pages });

export function vmaAt(lab: Lab, { task, address }: Mapping): Vma {
  const vma = task.mm === null ? null : lab.k.find_vma(task.mm, address);
  if (vma === null || vma.vm_start > address) throw new RangeError(`${task.comm} maps nothing at ${address}`);
  return vma;
}
/** A vma as a mapping. */
export const mappingOf = (lab: Lab, task: Task, { vm_start, vm_end }: Vma): Mapping => ({ task, address: vm_start, pages: (vm_end - vm_start) / lab.k.m.PAGE_SIZE });

/** What get_mempolicy() says of a task, or of the memory at a mapping's start: `bind=1-2`. A local PREFERRED is told as all nodes. */
export function askPolicy(lab: Lab, task: Task, mapping?: Mapping): string {
  const mode = { value: -1 };
  const nodes = nodemask_of();
  lab.must(task, 'get_mempolicy', mode, nodes, MAXNODE, mapping?.address ?? 0, mapping === undefined ? 0 : MPOL_F_ADDR);
  const names: Readonly<Record<number, string>> = { [MPOL_PREFERRED]: 'prefer', [MPOL_BIND]: 'bind', [MPOL_INTERLEAVE]: 'interleave' };
  const name = names[mode.value];
  return name === undefined ? 'default' : `${name}=${formatList(nodeList(nodes))}`;
}
/** The node that an interleaving task allocates on next, as get_mempolicy() tells it. */
export function nextTurn(lab: Lab, task: Task): number {
  const node = { value: NaN };
  lab.must(task, 'get_mempolicy', node, null, 0, 0, MPOL_F_NODE);
  return node.value;
}
/** The nodes of BIND in the order in which they are tried: `0 2`. */
export const zoneOrder = (zonelist: readonly Zone[]): string => zonelist.map(zone => zone.node).join(' ');

/** A new SysV segment. @returns its id. */
export const newSegment = (lab: Lab, task: Task, pages: number): number => lab.must(task, 'shmget', 0, pages * lab.k.m.PAGE_SIZE, 0o1666);
export function attach(lab: Lab, task: Task, id: number, pages: number, flags = 0): Mapping {
  return { task, address: lab.must(task, 'shmat', id, 0, flags), pages };
}
/** The child of a fork(). */
export function fork(lab: Lab, task: Task): Task {
  return lab.k.m.tasks.get(lab.must(task, 'fork', 0))!;
}

/** The function that the last BUG() was in: `BUG in interleave_nodes()`; undefined when there was none. */
function bugIn(lab: Lab): string | undefined {
  const where = lab.log().findLast(line => line.startsWith('kernel BUG'))?.match(/:(\w+\(\))!$/)?.[1];
  return where === undefined ? undefined : `BUG in ${where}`;
}
/** Writes to a mapping: where its pages are then, or what became of the task. */
export function touchAndSee(lab: Lab, mapping: Mapping, access: 'read' | 'write' = 'write'): string {
  lab.touch(mapping, access);
  if (mapping.task.state === 'R') return lab.pages(mapping);
  return bugIn(lab) ?? (lab.log().some(line => line.startsWith('VM: killing process')) ? `${mapping.task.comm} killed by VM` : `${mapping.task.comm} dies`);
}
