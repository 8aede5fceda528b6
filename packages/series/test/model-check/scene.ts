/**
 * A machine with its situation: which frame is which page of the model, seen from outside. Page tables are read, and for a page that has
 * lost its pte the swap cache or the file; no kernel function decides anything here.
 */
import { pte_offset, pte_page, pte_present, pte_to_swp_entry } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { get_page, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU, PageWriteback, TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import type { Page as Frame, Pte } from '@pmkit/mm-core/include/linux/types';
import { newListHead, releaseListHead, type ListHead, type Machine, type Mm, type Task as SimTask, type Vma as SimVma } from '@pmkit/mm-core';
import type { AnyKernel } from '../../src/levels.js';
import { Violation } from '../fuzz/world.js';
import type { Page, Situation, Slot, Task, Vma } from '../model/situation.js';
import type { Case } from './cases.js';
import { toModelTask, type DraftObject, type DraftTask, type DraftVma } from './draft.js';
import { carryOut, type PageEdit } from './edits.js';
import { PAGE_SIZE, Workshop } from './workshop.js';

const PLENTY = 200;

/** A vma on both sides. */
interface VmaPair { readonly vma: Vma; readonly sim: SimVma; readonly name: string }
/** A page of a vma on both sides. */
export interface Place { readonly slot: Slot; readonly pair: VmaPair; readonly page: number }
export interface TaskPair { readonly task: Task; readonly sim: SimTask; readonly mm: Mm | null }

export class Scene {
  readonly k: AnyKernel;
  readonly m: Machine;
  readonly situation: Situation;
  readonly tasks: TaskPair[] = [];
  readonly vmas: VmaPair[] = [];
  readonly places: Place[] = [];
  readonly objects: readonly DraftObject[];
  readonly root: Task;
  readonly user: Task;
  readonly jobs: readonly Task[];
  /** Pages by frame, as they were before the first call. */
  readonly #pages = new Map<number, Page>();
  /** Where each page was seen last. */
  readonly frames = new Map<Page, number>();
  /** How often each page had been moved then. */
  readonly moves = new Map<Page, number>();
  readonly #shop: Workshop;
  #held: { readonly page: Page; readonly frame: Frame; readonly list: ListHead } | null = null;

  constructor(spec: Case) {
    const shop = new Workshop(spec);
    this.#shop = shop;
    this.k = shop.k;
    this.m = shop.m;
    const pageEdits = carryOut(shop, spec.edits);
    for (const node of shop.nodes) if (node.full) shop.fill(node);
    this.objects = shop.objects;
    this.jobs = shop.jobs.map(draft => this.#describe(draft));
    this.user = this.#describe(shop.user);
    this.root = this.#describe(shop.root);
    const { kthreads } = this.m;
    const thread = toModelTask({ ...shop.root, sim: kthreads[0]!.task }, null);
    const at = new Map(shop.ids.map((id, i) => [id, i]));
    this.situation = {
      level: spec.level, config: { migrate: spec.machine.migrate, swap: spec.machine.swap !== 'unconfigured' },
      nodes: shop.nodes, distance: (from, to) => shop.distances[at.get(from)!]![at.get(to)!]!,
      slots: this.#swapOn(shop, spec) > 0, tasks: [...this.tasks.map(({ task }) => task), thread],
    };
    for (const edit of pageEdits) this.#change(edit);
  }

  /** The machine is not looked at any more. */
  dispose(): void {
    this.#shop.dispose();
  }

  /** Swap comes last, when it is known how many pages may need a slot. @returns how many there are */
  #swapOn(shop: Workshop, { machine: { swap }, edits }: Case): number {
    const mayKeep = edits.some(edit => edit.op === 'io' || edit.op === 'pin' || (edit.op === 'protect' && edit.prot === 0));
    const anonymous = [...this.#pages.values()].filter(page => page.anonymous).length;
    const slots = { unconfigured: 0, none: 0, tight: mayKeep ? Math.max(anonymous, 1) : 1, plenty: PLENTY }[swap];
    if (slots > 0) shop.must(this.m.init_task, 'swapon', this.k.add_disk('swap', 8, 64, 1), slots + 1, 0);
    return slots;
  }

  /** The task of the machine that the model calls so. */
  simOf(task: Task): SimTask {
    return this.m.tasks.get(task.pid)!;
  }

  #describe(draft: DraftTask): Task {
    const { mm } = draft.sim;
    const vmas = draft.vmas === null ? null : this.#describeVmas(draft, draft.vmas);
    const task = toModelTask(draft, vmas);
    this.tasks.push({ task, sim: draft.sim, mm });
    return task;
  }
  #describeVmas({ sim }: DraftTask, drafts: readonly DraftVma[]): Vma[] {
    let at = sim.mm!.mmap;
    const vmas: Vma[] = [];
    for (const draft of drafts) {
      const { start, own, prot, locked, io, object, offset, policy } = draft;
      if (at === null || at.vm_start !== start * PAGE_SIZE || at.vm_end !== (start + own.length) * PAGE_SIZE) {
        throw new Violation(`${sim.comm}[${sim.pid}]: expected a vma at page ${start} with ${own.length} pages, found ${at === null ? 'none' : `${at.vm_start / PAGE_SIZE} to ${at.vm_end / PAGE_SIZE}`}`);
      }
      const slots = own.map((isOwn, i) => this.#slotAt(sim.mm!, start + i, isOwn));
      const vma: Vma = { read: (prot & 1) !== 0, write: (prot & 2) !== 0, locked, io, object, offset, policy, slots };
      const pair: VmaPair = { vma, sim: at, name: `${sim.comm}[${sim.pid}] ${(start % 2 ** 20).toString()}` };
      slots.forEach((slot, i) => this.places.push({ slot, pair, page: start + i }));
      this.vmas.push(pair);
      vmas.push(vma);
      at = at.vm_next;
    }
    if (at !== null) throw new Violation(`${sim.comm}[${sim.pid}]: a vma at page ${at.vm_start / PAGE_SIZE}, expected none`);
    return vmas;
  }
  #slotAt(mm: Mm, page: number, anonymous: boolean): Slot {
    const { m } = this;
    const pte = m.ptes[pte_offset(m, mm, page * PAGE_SIZE)]! as Pte;
    if (!pte_present(pte)) return { page: null, mapped: false };
    const frame = pte_page(pte);
    if (frame === m.zero_page) return { page: 'zero', mapped: true };
    let known = this.#pages.get(frame);
    if (known === undefined) {
      known = { node: page_to_nid(m, frame), anonymous, place: 'lru', strangers: 0, moves: 0 };
      this.#pages.set(frame, known);
      this.frames.set(known, frame);
    }
    if (known.anonymous !== anonymous) throw new Violation(`page ${page}: is ${anonymous ? 'a copy' : 'no copy'} by what was done, but shares a frame with one that is ${anonymous ? 'none' : 'one'}`);
    return { page: known, mapped: true };
  }

  /** The frame at a place, mapped or not: by its pte, by the swap entry there, or by the file's page cache. 0: none. */
  frameAt({ pair: { sim }, page }: Place): { readonly frame: number; readonly mapped: boolean } {
    const { k, m } = this;
    const pte = m.ptes[pte_offset(m, sim.vm_mm, page * PAGE_SIZE)]! as Pte;
    if (pte_present(pte)) return { frame: pte_page(pte), mapped: true };
    if (pte !== 0) return { frame: k.radix_tree_lookup(m.swapper_space.page_tree, pte_to_swp_entry(pte)), mapped: false };
    if (sim.vm_file === null) return { frame: 0, mapped: false };
    return { frame: k.radix_tree_lookup(sim.vm_file.f_mapping.page_tree, sim.vm_pgoff + page - sim.vm_start / PAGE_SIZE), mapped: false };
  }

  /** What others do to a page before the calls. */
  #change(edit: PageEdit): void {
    const living = this.jobs.filter(job => job.vmas !== null && job.vmas.length > 0);
    if (living.length === 0) return;
    const job = living[edit.task % living.length]!;
    const pages = job.vmas![edit.area % job.vmas!.length]!.slots.map(slot => slot.page).filter(page => page !== null && page !== 'zero');
    if (pages.length === 0) return;
    const page = pages[edit.page % pages.length]!;
    const frame = this.frames.get(page)! as Frame;
    if (edit.op === 'pin') {
      get_page(this.m.mem_map, frame);
      page.strangers++;
    } else if (edit.op === 'vmscan') this.#steal(page, frame);
    else this.#read(frame);
  }

  /** As vmscan does when it looks at a page: it is on a list of its own for a while. */
  #steal(page: Page, frame: Frame): void {
    const { k, m } = this;
    if (this.#held !== null) return;
    for (const cpu of m.cpus) k.lru_drain_cache(cpu);
    if (!PageLRU(m.mem_map, frame)) throw new Violation(`page ${frame}: not on the LRU before the calls`);
    const list = newListHead(m);
    k.steal_page_from_lru(page_zone(m, frame), frame, list);
    this.#held = { page, frame, list };
    page.place = 'vmscan';
  }
  giveBack(): void {
    if (this.#held === null) return;
    const { k, m } = this;
    const { page, frame, list } = this.#held;
    this.#held = null;
    m.mem_map.lru_next[list] = list;
    m.mem_map.lru_prev[list] = list;
    k.putback_page_to_lru(page_zone(m, frame), frame);
    k.put_page(frame);
    releaseListHead(m, list);
    page.place = 'lru';
  }

  /** A page that is being read is locked until the disk is done. */
  #read(frame: Frame): void {
    const { k, m } = this;
    if (PageWriteback(m.mem_map, frame) || TestSetPageLocked(m.mem_map, frame)) return;
    k.submit_page_io(m.bdevs.get('sda')!, 0, false, 0, () => k.unlock_page(frame));
  }
}
