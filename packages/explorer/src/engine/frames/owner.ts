/** Whose a frame is: the process that maps it, or that several do, or that only the kernel has it. */
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { PG_reserved } from '@pmkit/mm-core/include/linux/page-flags';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Task } from '@pmkit/mm-core';
import { eachPteRun } from '@pmkit/machine/views';
import { CLASS_FREE, CLASS_RESERVED } from '../../protocol.js';

export const OWNER_CLASSES = 32;
const KERNEL = 2;
const CACHE = 3;
const SHARED = 4;
const OTHERS = 5;
const FIRST_PROCESS = 6;

export interface OwnerClass { readonly name: string; readonly pid?: number }

/** Class numbers of processes stay theirs as long as they live; there is one for all for whom none was left. */
export class Owners {
  readonly #classOf = new Map<number, number>();
  #marks = new Uint8Array(0);
  #names: OwnerClass[] = [];

  get classes(): readonly OwnerClass[] {
    return this.#names;
  }

  /** How frames are classified in the state that the machine is in now. */
  classifier(m: Machine): (pfn: number) => number {
    const tasks = [...m.tasks.values()].filter(({ mm }) => mm !== null).sort((a, b) => a.pid - b.pid);
    this.#assign(tasks);
    if (this.#marks.length === m.mem_map.max_mapnr) this.#marks.fill(0);
    else this.#marks = new Uint8Array(m.mem_map.max_mapnr);
    const seen = new Set<Task['mm']>();
    for (const task of tasks) {
      if (seen.has(task.mm)) continue; // a thread
      seen.add(task.mm);
      this.#mark(m, task);
    }
    const marks = this.#marks;
    const { flags, _count, mapping } = m.mem_map;
    return pfn => {
      if ((flags[pfn]! & PG_reserved) !== 0) return CLASS_RESERVED;
      if (_count[pfn] === 0) return CLASS_FREE;
      return marks[pfn] === 0 ? (mapping[pfn] === 0 ? KERNEL : CACHE) : marks[pfn]!;
    };
  }

  #assign(tasks: readonly Task[]): void {
    const alive = new Set(tasks.map(({ pid }) => pid));
    for (const pid of this.#classOf.keys()) if (!alive.has(pid)) this.#classOf.delete(pid);
    const taken = new Set(this.#classOf.values());
    for (const { pid } of tasks) {
      if (this.#classOf.has(pid)) continue;
      let free = FIRST_PROCESS;
      while (taken.has(free)) free++;
      if (free >= OWNER_CLASSES) break;
      this.#classOf.set(pid, free);
      taken.add(free);
    }
    this.#names = [{ name: 'free' }, { name: 'reserved' }, { name: 'kernel' }, { name: 'cache' }, { name: 'several processes' }, { name: 'other processes' }];
    for (const { pid, comm } of tasks) {
      const at = this.#classOf.get(pid);
      if (at !== undefined) this.#names[at] = { name: `${comm}[${pid}]`, pid };
    }
    for (let i = 0; i < this.#names.length; i++) this.#names[i] ??= { name: '' };
  }

  #mark(m: Machine, { pid, mm }: Task): void {
    const marks = this.#marks;
    const mine = this.#classOf.get(pid) ?? OTHERS;
    for (let vma = mm!.mmap; vma !== null; vma = vma.vm_next) {
      eachPteRun(m, vma, (first, end) => {
        for (let i = first; i < end; i++) {
          const pte = m.ptes[i]! as Pte;
          if (!pte_present(pte)) continue;
          const pfn = pte_page(pte);
          marks[pfn] = marks[pfn] === 0 || marks[pfn] === mine ? mine : SHARED;
        }
      });
    }
  }
}
