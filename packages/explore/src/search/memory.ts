/**
 * What an actor does next depends on where it stands in its functions and on what it reads; where it stands depends on what it has read
 * since it entered the kernel. So its positions form a tree: from each position one branch for every set of values that its step has been
 * seen to read there. A step that is in the tree need not be run.
 */
import type { Footprint } from '../record/footprint.js';
import type { Store } from './store.js';

/** Where an actor stands. Positions of one actor with the same number are the same object. */
export interface Position {
  readonly id: number;
  /** Steps that the actor has taken so far: what it makes in the next one is called after it. */
  readonly steps: number;
  /** Whether it can take a step. */
  readonly polls: Poll[];
  readonly moves: Move[];
  /** In the middle of something that it could go on with. */
  readonly runnable: boolean;
}
export interface Poll { readonly footprint: Footprint; readonly able: boolean }
export interface Move { readonly footprint: Footprint; readonly to: Position }

export class Memory {
  /** Positions in user mode, by actor and number of steps: there nothing is remembered but what is shared. */
  readonly #outside = new Map<string, Position>();
  #ids = 0;

  /** In user mode after so many steps. */
  outside(actor: number, steps: number, runnable: boolean): Position {
    const key = `${actor} ${steps}`;
    let position = this.#outside.get(key);
    if (position === undefined) this.#outside.set(key, (position = this.position(steps, runnable)));
    return position;
  }

  position(steps: number, runnable: boolean): Position {
    return { id: this.#ids++, steps, polls: [], moves: [], runnable };
  }

  poll(position: Position, store: Store): Poll | undefined {
    return position.polls.find(({ footprint }) => store.matches(footprint));
  }
  move(position: Position, store: Store): Move | undefined {
    return position.moves.find(({ footprint }) => store.matches(footprint));
  }
}
