/** What executions are walked on: a machine that takes every step, or the states that are known of it (state-space.ts). */
import type { RaceWorld } from '../world/create.js';
import { canStep, isRunnable, step } from '../world/world.js';

export interface Walk {
  /** The names of those who take the steps. */
  readonly actors: readonly string[];
  /** Goes to where the first `length` of these steps lead; 0: to the beginning. */
  goTo(steps: readonly number[], length: number): void;
  /** Indices of those who can take a step, ascending. It holds until the walk goes on. */
  able(): readonly number[];
  /** Whether somebody is in the middle of something that he could go on with. */
  isRunnable(actor: number): boolean;
  /** Somebody who is able to takes a step. */
  step(actor: number): void;
  /** The state that the walk is in, the same object for the same state; null where states are not told apart. */
  readonly state: object | null;
  /** The machine in this state. */
  world(): RaceWorld;
}

/** On the machine itself. Every walk begins anew: a kernel in the middle of a call cannot be copied. */
export function onMachine(world: RaceWorld): Walk {
  const { actors } = world;
  const able: number[] = [];
  return {
    actors: actors.map(({ name }) => name),
    goTo(steps, length) {
      world.reset();
      for (let i = 0; i < length; i++) step(world, actors[steps[i]!]!);
    },
    able() {
      able.length = 0;
      for (let i = 0; i < actors.length; i++) if (canStep(world, actors[i]!)) able.push(i);
      return able;
    },
    isRunnable: actor => isRunnable(actors[actor]!),
    step(actor) { step(world, actors[actor]!); },
    state: null,
    world: () => world,
  };
}
