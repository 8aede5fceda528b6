/**
 * A run that stands where a step begins, for when one stands within that step: to go on from there without it is to begin anew. Made while nothing else is to do; requests are answered
 * meanwhile.
 */
import type { RunSetup } from '../protocol.js';
import { Take, type Wants } from './take.js';

interface Ordered { readonly step: number; readonly take: Promise<Take | null>; isWanted: boolean }

export class Spare {
  readonly #breathe: () => Promise<false>;
  #ordered: Ordered | null = null;

  constructor(breathe: () => Promise<false>) {
    this.#breathe = breathe;
  }

  prepare(setup: RunSetup, wants: Wants, step: number): void {
    this.drop();
    const ordered: Ordered = { step, isWanted: true, take: this.#make(setup, wants, step, () => ordered.isWanted).catch(() => null) };
    this.#ordered = ordered;
  }

  /** The run, which is the caller's from here on; null when there is none for this step. */
  async take(step: number): Promise<Take | null> {
    const ordered = this.#ordered;
    if (ordered?.step !== step) return null;
    this.#ordered = null;
    return ordered.take;
  }

  drop(): void {
    const ordered = this.#ordered;
    this.#ordered = null;
    if (ordered === null) return;
    ordered.isWanted = false;
    void ordered.take.then(take => take?.dispose());
  }

  async #make(setup: RunSetup, wants: Wants, step: number, isWanted: () => boolean): Promise<Take | null> {
    await this.#breathe();
    const take = await Take.begin(setup, wants);
    await take.run.forward(step, async () => {
      await this.#breathe();
      return !isWanted();
    });
    return take;
  }
}
