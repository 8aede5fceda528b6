/**
 * One vma and its pages: patches 4 and 7, over what the hotplug tree does to a page.
 *
 * The two passes over the pages do not appear here: the second one waits for what the first passed over (locked, under writeback), so a
 * page that somebody will let go of counts as free.
 */
import type { NodeMap } from './policies.js';
import type { Page, Situation, Task, Vma } from './situation.js';
import { Ended, type Verdict } from './verdict.js';

const EAGAIN = 11;
const ENOSPC = 28;
/** migrate_vma() selects by the kind of vma from here on. */
const SELECTION_LEVEL = 7;

/** Whether a vma is looked at. The order of the rules is the patch's. */
export function isSelected(level: number, vma: Vma): boolean {
  if (vma.locked) return false;
  if (level < SELECTION_LEVEL) return true;
  if (vma.io) return false;
  if (vma.object === null) return true;
  return vma.object.override === null ? vma.write : vma.object.override === 'migrate';
}

/** Moves the pages of a vma that is selected. @returns how many were taken; @throws {Ended} when the call is over with it */
export function migrateVma(situation: Situation, caller: Task, vma: Vma, map: NodeMap, verdict: Verdict): number {
  const taken = collect(vma, map, verdict);
  let noSlot = false;
  const left: Page[] = [];
  for (const page of taken) {
    const refusal = migratePage(situation, caller, page, map, verdict);
    if (refusal === null) continue;
    left.push(page);
    noSlot ||= refusal === 'no-slot';
  }
  if (left.length === 0) return taken.length;
  if (noSlot) {
    if (verdict.decidedBy('lost-pages')) for (const page of left) page.place = 'lost';
    throw new Ended(-ENOSPC);
  }
  if (verdict.decidedBy('leaked-reference')) for (const page of left) page.strangers++;
  throw new Ended(-EAGAIN);
}

/** The pages that are mapped, counted and on a node to leave; all are taken off the LRU before any is moved. */
function collect(vma: Vma, map: NodeMap, verdict: Verdict): Page[] {
  const taken: Page[] = [];
  for (const { page, mapped } of vma.slots) {
    if (page === null || page === 'zero' || !mapped || !map.has(page.node)) continue;
    if (page.place === 'lru') taken.push(page);
    else if (verdict.decidedBy('off-lru')) {
      for (const other of taken) other.place = 'lost';
      throw new Ended('died');
    }
  }
  return taken;
}

/** @returns null when the page was moved, else why not */
function migratePage(situation: Situation, caller: Task, page: Page, map: NodeMap, verdict: Verdict): 'no-slot' | 'in-use' | 'no-mapping' | null {
  const { config } = situation;
  /* Without swap in the kernel an anonymous page belongs to no mapping, and counts as truncated. */
  if (page.anonymous && !config.swap) return 'no-mapping';
  if (page.anonymous && !situation.slots && verdict.decidedBy('needs-swap')) return 'no-slot';
  if (page.strangers > 0) {
    /* A stranger's reference to a page in the swap cache keeps it from being unmapped; to a page in a file it is only waited for, in vain. */
    if (!page.anonymous) remap(situation, page);
    return 'in-use';
  }
  page.node = nodeFor(situation, caller, map.get(page.node)!, verdict);
  page.moves++;
  remap(situation, page);
  return null;
}

/**
 * Every pte of the page goes, and comes back where a read is allowed; elsewhere the page waits for its next fault (an anonymous one in
 * the swap cache).
 */
function remap({ tasks }: Situation, page: Page): void {
  for (const { vmas } of tasks) for (const vma of vmas ?? []) for (const slot of vma.slots) if (slot.page === page) slot.mapped &&= vma.read && !vma.io;
}

/** The nearest node to the wanted one that has memory, room, and is in the cpuset of who allocates: the caller. */
function nodeFor({ nodes, distance }: Situation, caller: Task, wanted: number, verdict: Verdict): number {
  const usable = nodes.filter(node => node.memory && !node.full).sort((a, b) => distance(wanted, a.id) - distance(wanted, b.id)).map(node => node.id);
  const nearest = usable[0]!;
  if (caller.mems.includes(nearest) || !verdict.decidedBy('caller-cpuset')) return nearest;
  return usable.find(node => caller.mems.includes(node))!;
}
