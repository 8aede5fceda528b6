/** Two machines with the same script, step by step beside each other: what differs, and where they part, as the comparison of two runs says it. */
import { pte_offset, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Task, Vma } from '@pmkit/mm-core';
import type { State, Step } from '@pmkit/series/catalogue';
import { compareRecordings, type Parting, type RunDiff } from '@pmkit/series/compare';
import { MAX_PAGE_DIFFERENCES, type LockstepState, type PageDifference } from '../protocol.js';
import { Misuse } from './errors.js';
import type { Stage } from './stage.js';

export class Lockstep {
  readonly #a: Stage;
  readonly #b: Stage;
  /** Steps that were found alike, or not. */
  #compared = 0;
  #parting: Parting | null = null;

  /** @throws {Misuse} when the two do not run the same script on the same machine. */
  constructor(a: Stage, b: Stage) {
    const essence = ({ setup: { script, machine, swap } }: Stage): string => JSON.stringify([script, machine, swap ?? null]);
    if (essence(a) !== essence(b)) throw new Misuse('expected the same script on the same machine on both sides');
    this.#a = a;
    this.#b = b;
  }

  /** Takes both a step on; one that is at its end stays there. */
  async step(): Promise<LockstepState> {
    await this.#ready();
    await this.#both(stage => stage.step('call'));
    return this.#state();
  }

  /** On until they part, or to the end of both. */
  async run(): Promise<LockstepState> {
    await this.#ready();
    for (;;) {
      const before = [this.#a.position.step, this.#b.position.step];
      this.#compare();
      if (this.#parting !== null) break;
      await this.#both(stage => stage.step('call'));
      if (this.#a.position.step === before[0] && this.#b.position.step === before[1]) break;
    }
    return this.#state();
  }

  /** @throws {Misuse} when they do not stand at the same point. */
  async look(): Promise<LockstepState> {
    await this.#ready();
    return this.#state();
  }

  #state(): LockstepState {
    const { steps, end } = this.#compare();
    const pages = pageDifferences(this.#a.run.kernel.m, this.#b.run.kernel.m);
    return { a: this.#a.standing, b: this.#b.standing, parting: this.#parting, differences: [...steps.slice(-MAX_SHOWN), ...end], pages: pages.shown, pageCount: pages.count };
  }

  async #ready(): Promise<void> {
    await this.#both(stage => stage.want('states'));
    const [a, b] = [this.#a, this.#b].map(({ position, standing }) => ({ position, isOver: standing.done || standing.prompt !== null }));
    const alike = a!.position.step === b!.position.step || (a!.position.step < b!.position.step ? a!.isOver : b!.isOver);
    if (!alike || a!.position.event + b!.position.event > 0) throw new Misuse('expected both machines at the same point, between two steps');
  }

  async #both(action: (stage: Stage) => Promise<unknown>): Promise<void> {
    await action(this.#a);
    await action(this.#b);
  }

  /** Compares what was not compared yet; of a long run that is the last step. */
  #compare(): RunDiff {
    const [a, b] = [this.#a.run, this.#b.run];
    const least = Math.min(a.recorded.length, b.recorded.length);
    if (least < this.#compared) {
      this.#compared = 0;
      this.#parting = null;
    }
    const from = Math.max(0, this.#compared - 1);
    const recording = ({ recorded, state }: { readonly recorded: readonly Step[]; readonly state: State }) => ({ steps: recorded.slice(from), end: state, seen: '' });
    const diff = compareRecordings(recording({ recorded: a.recorded, state: a.state() }), recording({ recorded: b.recorded, state: b.state() }));
    this.#compared = least;
    if (diff.parting !== null) this.#parting ??= { ...diff.parting, step: from + diff.parting.step };
    return diff;
  }
}

/** Differences of single steps that are told. */
const MAX_SHOWN = 100;

/** Every page of every process that is not on the same node on both. */
function pageDifferences(a: Machine, b: Machine): { readonly shown: PageDifference[]; readonly count: number } {
  const shown: PageDifference[] = [];
  let count = 0;
  for (const pid of [...new Set([...a.tasks.keys(), ...b.tasks.keys()])].sort((x, y) => x - y)) {
    const [taskA, taskB] = [a.tasks.get(pid) ?? null, b.tasks.get(pid) ?? null];
    for (const { from, to, inA, inB } of mappedRanges(taskA, taskB)) {
      for (let address = from; address < to; address += a.PAGE_SIZE) {
        const [pageA, pageB] = [inA ? place(a, taskA, address) : UNMAPPED, inB ? place(b, taskB, address) : UNMAPPED];
        if (pageA.node === pageB.node) continue;
        count++;
        if (shown.length < MAX_PAGE_DIFFERENCES) shown.push({ pid, comm: (taskA ?? taskB)!.comm, address, nodeA: pageA.node, nodeB: pageB.node, pfnA: pageA.pfn, pfnB: pageB.pfn });
      }
    }
  }
  return { shown, count };
}

interface Place { readonly node: number; readonly pfn: number }
const UNMAPPED: Place = { node: -2, pfn: 0 };
const ABSENT: Place = { node: -1, pfn: 0 };

interface Range { readonly from: number; readonly to: number; readonly inA: boolean; readonly inB: boolean }

/** What either of two processes has mapped, ascending, cut where one of them has an end. */
function* mappedRanges(a: Task | null, b: Task | null): Generator<Range> {
  let [vmaA, vmaB]: [Vma | null, Vma | null] = [a?.mm?.mmap ?? null, b?.mm?.mmap ?? null];
  for (let from = 0; vmaA !== null || vmaB !== null; ) {
    from = Math.max(from, Math.min(vmaA?.vm_start ?? Infinity, vmaB?.vm_start ?? Infinity));
    const [inA, inB] = [vmaA !== null && vmaA.vm_start <= from, vmaB !== null && vmaB.vm_start <= from];
    const to = Math.min(inA ? vmaA!.vm_end : (vmaA?.vm_start ?? Infinity), inB ? vmaB!.vm_end : (vmaB?.vm_start ?? Infinity));
    yield { from, to, inA, inB };
    from = to;
    if (vmaA !== null && vmaA.vm_end <= from) vmaA = vmaA.vm_next;
    if (vmaB !== null && vmaB.vm_end <= from) vmaB = vmaB.vm_next;
  }
}

function place(m: Machine, task: Task | null, address: number): Place {
  const mm = task?.mm ?? null;
  const ptep = mm === null || mm.pgd === 0 ? 0 : pte_offset(m, mm, address);
  const pte = (ptep === 0 ? 0 : m.ptes[ptep]!) as Pte;
  if (!pte_present(pte)) return ABSENT;
  const pfn = pte_page(pte);
  return { node: page_to_nid(m, pfn), pfn };
}
