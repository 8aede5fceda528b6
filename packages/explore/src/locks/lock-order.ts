/**
 * The order in which locks are taken, as the kernel's lock validator looks at it (lockdep, Ingo Molnar, 2.6.18; 2.6.12 had none): locks of one
 * kind are one class, and what matters is which class was ever taken while another was held. An order that goes in a circle can deadlock, whether it has or not.
 */
import type { Lockdep, Machine, Task } from '@pmkit/mm-core';

type Lock = Parameters<Lockdep['released']>[0];

/** Something that the validator complains of. */
export interface LockReport {
  /** `possible circular locking dependency: mmap_sem -> page_table_lock -> mmap_sem` */
  readonly text: string;
  /** Which step of which task took each lock of the chain while it held the one before. */
  readonly taken: readonly string[];
}

/** All locks of a kind have one name, without the number of what they belong to. */
function classOf({ name }: Lock): string {
  const bare = name.replace(/ of mm \d+$/, '');
  return /->(lock|lru_lock)$/.test(bare) && !bare.startsWith('anon_vma') ? `zone${bare.slice(bare.lastIndexOf('->'))}` : bare;
}

export class LockOrder implements Lockdep {
  readonly #m: Machine;
  /** Where the machine is, in words. */
  readonly #where: () => string;
  readonly #held = new Map<Task, Lock[]>();
  /** By class, the classes that were taken while it was held, and where that was first. */
  readonly #after = new Map<string, Map<string, string>>();
  readonly #reports = new Map<string, LockReport>();

  constructor(m: Machine, where: () => string) {
    this.#m = m;
    this.#where = where;
  }

  get reports(): LockReport[] {
    return [...this.#reports.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
  }

  /** Another execution: nobody holds anything. The orders that were seen stay. */
  restart(): void {
    this.#held.clear();
  }

  acquired(lock: Lock, tried: boolean): void {
    const { current } = this.#m;
    const held = this.#held.get(current) ?? [];
    this.#held.set(current, [...held, lock]);
    if (!tried) for (const before of held) this.#note(classOf(before), classOf(lock));
  }

  released(lock: Lock): void {
    const held = this.#held.get(this.#m.current);
    const at = held?.lastIndexOf(lock) ?? -1;
    if (held !== undefined && at >= 0) this.#held.set(this.#m.current, held.toSpliced(at, 1));
  }

  #note(before: string, now: string): void {
    const known = this.#after.get(before);
    if (known?.has(now) === true) return;
    const where = this.#where();
    if (before === now) {
      this.#report(`possible recursive locking: ${now} -> ${now}`, [where]);
      return;
    }
    if (known === undefined) this.#after.set(before, new Map([[now, where]]));
    else known.set(now, where);
    const back = this.#path(now, before);
    if (back !== null) this.#report(`possible circular locking dependency: ${[before, ...back].join(' -> ')}`, [where, ...back.slice(1).map((to, i) => this.#after.get(back[i]!)!.get(to)!)]);
  }

  #report(text: string, taken: readonly string[]): void {
    if (!this.#reports.has(text)) this.#reports.set(text, { text, taken });
  }

  /** A shortest way from a class to another along the orders that were seen; null when there is none. */
  #path(from: string, to: string): string[] | null {
    const before = new Map<string, string | null>([[from, null]]);
    for (const at of before.keys()) { // which grows while it is walked
      if (at === to) {
        const path = [at];
        for (let step = before.get(at) ?? null; step !== null; step = before.get(step) ?? null) path.unshift(step);
        return path;
      }
      for (const next of this.#after.get(at)?.keys() ?? []) if (!before.has(next)) before.set(next, at);
    }
    return null;
  }
}
