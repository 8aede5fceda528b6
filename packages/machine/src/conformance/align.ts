/**
 * Puts the simulated machine into the state that the recording shows, as far as it can be in it. After an operation that came out otherwise here, the next one would differ only because
 * of that; so every operation is judged on its own, from the state in which the recorded kernel was.
 *
 * Pages are moved by the kernel's own migration (steal_page_from_lru(), try_to_migrate_pages() with a node map), policies are set by the task's own system calls. What cannot be restored
 * (a policy that 2.6.12 does not have, a page that somebody holds) stays different and is carried on.
 */
import { newListHead, releaseListHead, touch, type MaySleep, type Page } from '@pmkit/mm-core';
import { list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { PageAnon, page_mapcount, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { followProgram } from './image.js';
import { policyText } from '../views/policy.js';
import { vmaPolicyText, vmasOf } from './observe.js';
import { numbersOf, type RegionRecord, type StateRecord, type TaskRecord, type VmaRecord } from './recording.js';
import { maskOf, MASK_BITS, PAGE, type Area, type Proc, type World } from './world.js';

/** Mode and nodes of a policy as the recordings write it; null for one that 2.6.12 does not have. Mode flags only say how the nodes came about. */
function policyOf(text: string): { mode: number; nodes: readonly number[] } | null {
  if (text === 'default') return { mode: 0, nodes: [] };
  if (text === 'local') return { mode: 1, nodes: [] };
  const match = /^(prefer|bind|interleave)(?:=\w+)?:(.+)$/.exec(text);
  const nodes = match === null ? null : numbersOf(match[2]!);
  return nodes === null ? null : { mode: { prefer: 1, bind: 2, interleave: 3 }[match![1]!]!, nodes };
}
/** The same policy without what 2.6.12 cannot express: mode flags. */
export const plainPolicy = (text: string): string => text.replace(/=(\w+):/, ':');

function setTaskPolicy(world: World, proc: Proc, text: string): void {
  const policy = policyOf(text);
  if (policy === null || policyText(proc.task.mempolicy) === plainPolicy(text)) return;
  // what is there may be a policy that the next allocation would fall over
  world.k.mpol_free(proc.task.mempolicy);
  proc.task.mempolicy = null;
  if (policy.mode !== 0) world.call(proc.task, 'set_mempolicy', policy.mode, policy.nodes.length === 0 ? null : maskOf(policy.nodes), policy.nodes.length === 0 ? 0 : MASK_BITS);
  // where the round of interleaving was is not recorded; it goes on from where it was here
  if (policy.mode === 3 && policy.nodes.includes(proc.nextInterleaved)) proc.task.il_next = proc.nextInterleaved;
}

/** Gives the pages of a vma as recorded its policy, where the process would use another one. */
function setVmaPolicy(world: World, proc: Proc, area: Area, record: VmaRecord): void {
  const [from, length] = record.at.split('+').map(Number) as [number, number];
  const policy = policyOf(record.pol);
  const range: Area = { address: area.address + from * PAGE, pages: length, file: null };
  if (policy === null || vmasOf(world, proc, range).every(vma => vmaPolicyText(world, proc, vma) === plainPolicy(record.pol))) return;
  const { mode, nodes } = policy;
  world.call(proc.task, 'mbind', range.address, length * PAGE, mode, nodes.length === 0 ? null : maskOf(nodes), nodes.length === 0 ? 0 : MASK_BITS, 0);
}

/** Moves of pages, collected so that each is made once. */
class PageMoves {
  readonly #world: World;
  readonly #targets = new Map<Page, number>();

  constructor(world: World) {
    this.#world = world;
  }
  want(page: Page, node: number): void {
    if (page_to_nid(this.#world.k.m, page) !== node && this.#world.k.m.node_data[node] !== undefined) this.#targets.set(page, node);
  }
  /** Makes the moves, one target node after the other. */
  make(): void {
    const { k, runner } = this.#world;
    if (this.#targets.size === 0) return;
    const byTarget = new Map<number, Page[]>();
    for (const [page, node] of this.#targets) byTarget.set(node, [...(byTarget.get(node) ?? []), page]);
    this.#world.withSwap(() => {
      for (const cpu of k.m.cpus) k.lru_drain_cache(cpu);
      for (const [node, pages] of [...byTarget].sort(([a], [b]) => a - b)) this.#world.enter(runner, () => moveAll(this.#world, pages, node));
    });
    this.#targets.clear();
  }
}

function* moveAll(world: World, pages: readonly Page[], node: number): MaySleep<void> {
  const { m } = world.k;
  const k = world.k as typeof world.k & { try_to_migrate_pages(list: number, node_map: Int32Array): MaySleep<number> };
  const list = newListHead(m);
  for (const page of pages) k.steal_page_from_lru(page_zone(m, page), page, list);
  yield* k.try_to_migrate_pages(list, new Int32Array(MAX_NUMNODES).fill(node));
  // what could not be moved goes back as it was
  while (!list_empty(m.mem_map, list)) {
    const page = list_first(m.mem_map, list);
    list_del(m.mem_map, page);
    k.putback_page_to_lru(page_zone(m, page), page);
    k.put_page(page);
  }
  releaseListHead(m, list);
}

/** Pages that are there in one machine only: they are faulted in, or given up. */
function alignPresence(world: World, proc: Proc, area: Area, record: RegionRecord): void {
  for (let i = 0; i < record.pages.length; i++) {
    const address = area.address + i * PAGE;
    const theirs = record.pages[i]!;
    const pte = world.pte(proc.task, address);
    const vma = vmasOf(world, proc, { address, pages: 1, file: null })[0];
    if (vma === undefined || vma.vm_start > address) continue;
    const ours = pte_present(pte) ? (pte_page(pte) === world.k.m.zero_page ? 'z' : 'page') : '-';
    const anonymous = vma.vm_file === null;
    const own = ours === 'page' && PageAnon(world.k.m.mem_map, pte_page(pte));
    if (theirs === '-' && ours !== '-' && (anonymous || !own)) world.call(proc.task, 'madvise', address, PAGE, 4);
    else if (theirs === 'z' && ours === '-') touch(world.k, proc.task, address, 1, 'read');
    else if (/^\d+$/.test(theirs) && ours !== 'page' && (vma.vm_flags & (anonymous ? 2 : 1)) !== 0) touch(world.k, proc.task, address, 1, anonymous ? 'write' : 'read');
  }
}

function wantRegion(world: World, proc: Proc, area: Area, record: RegionRecord, moves: PageMoves): void {
  record.pages.forEach((text, i) => {
    const node = /^p?(\d+)$/.exec(text)?.[1];
    const pte = world.pte(proc.task, area.address + i * PAGE);
    if (node !== undefined && pte_present(pte) && page_mapcount(world.k.m.mem_map, pte_page(pte)) > 0) moves.want(pte_page(pte), Number(node));
  });
}

/** The pages of a vma of the program: as many on each node as recorded; a page that another process has too is written to first when the program may. */
function wantImage(world: World, proc: Proc, area: Area, nodes: ReadonlyMap<number, number>, writable: boolean, moves: PageMoves): void {
  const { m } = world.k;
  const surplus = new Map(nodes);
  const misplaced: number[] = [];
  for (let i = 0; i < area.pages; i++) {
    const address = area.address + i * PAGE;
    const pte = world.pte(proc.task, address);
    if (!pte_present(pte)) continue;
    const node = page_to_nid(m, pte_page(pte));
    if ((surplus.get(node) ?? 0) > 0) surplus.set(node, surplus.get(node)! - 1);
    else misplaced.push(address);
  }
  const targets = [...surplus].flatMap(([node, pages]) => Array.from({ length: pages }, () => node));
  misplaced.forEach((address, i) => {
    if (targets[i] === undefined) return;
    if (writable && page_mapcount(m.mem_map, pte_page(world.pte(proc.task, address))) > 1) touch(world.k, proc.task, address, 1, 'write');
    moves.want(pte_page(world.pte(proc.task, address)), targets[i]);
  });
}

function alignTask(world: World, proc: Proc, record: TaskRecord, moves: PageMoves): void {
  if (record.policy !== null) setTaskPolicy(world, proc, record.policy);
  for (const [name, region] of record.regions) {
    const area = proc.regions.get(name);
    if (area === undefined) continue;
    for (const vma of region.vmas) setVmaPolicy(world, proc, area, vma);
    alignPresence(world, proc, area, region);
    wantRegion(world, proc, area, region, moves);
  }
  followProgram(world, proc, record);
}

/** Brings the machine as near to the recorded state as it can come. */
export function align(world: World, recorded: StateRecord): void {
  if (recorded === null) return;
  const moves = new PageMoves(world);
  for (const [name, record] of recorded) {
    const proc = world.procs.get(name);
    if (proc === undefined || record === 'dead' || !world.alive(proc) || proc.task.state !== 'R') continue;
    alignTask(world, proc, record, moves);
  }
  moves.make();
  for (const [name, record] of recorded) {
    const proc = world.procs.get(name);
    if (proc === undefined || record === 'dead' || !world.alive(proc) || proc.task.state !== 'R') continue;
    for (const [vma, { nodes }] of record.other) {
      const area = proc.image.get(vma);
      if (area !== undefined) wantImage(world, proc, area, nodes, / .w/.test(vma), moves);
    }
    moves.make();
  }
  for (const [name, record] of recorded) {
    const proc = world.procs.get(name);
    if (record === 'dead' && proc !== undefined && world.alive(proc)) world.kill(proc);
  }
}
