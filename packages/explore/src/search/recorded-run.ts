/** The machine of the recorded kernel, kept where the search is when it needs it. */
import * as instance from '@pmkit/explore/recorded';
import type { Tree } from '@pmkit/series/catalogue';
import type { Footprint } from '../record/footprint.js';
import type { Race } from '../race.js';
import type { RaceWorld } from '../world/create.js';

const { recorder } = instance;

export class RecordedRun {
  readonly world: RaceWorld;
  /** Who has taken each step since the beginning. */
  readonly #done: number[] = [];
  /** Steps that each actor has taken. */
  readonly #steps: number[];
  /** Numbers for the locations that footprints name, from 0 on: what is kept of each can be in arrays. */
  readonly #locations = new Map<number, number>();

  constructor(race: Race, tree: Tree) {
    this.world = instance.createWorld(race, tree, { recorded: true });
    this.#steps = this.world.actors.map(() => 0);
    nameState(this.world);
    this.world.reset();
  }

  /** Brings the machine to where these steps lead. */
  goTo(path: readonly number[]): void {
    const done = this.#done;
    if (done.length > path.length || done.some((actor, i) => actor !== path[i])) {
      this.world.reset();
      done.length = 0;
      this.#steps.fill(0);
    }
    for (let i = done.length; i < path.length; i++) {
      this.#take(path[i]!); // it is recorded all the same: objects that it makes get their names so
      recorder.drop();
    }
  }

  /** The actor takes its next step. */
  step(index: number): Footprint {
    this.#take(index);
    return this.#numbered(recorder.end());
  }
  #take(index: number): void {
    recorder.begin(index, this.#steps[index]!++);
    instance.step(this.world, this.world.actors[index]!);
    this.#done.push(index);
  }

  /** Whether an actor can take a step, and what that depends on. */
  poll(index: number): { readonly able: boolean; readonly footprint: Footprint } {
    recorder.begin(index, this.#steps[index]!);
    const able = instance.canStep(this.world, this.world.actors[index]!);
    return { able, footprint: this.#numbered(recorder.end()) };
  }
  #numbered(footprint: Footprint): Footprint {
    return { ...footprint, readLoc: footprint.readLoc.map(this.#numberOf), writeLoc: footprint.writeLoc.map(this.#numberOf), incLoc: footprint.incLoc.map(this.#numberOf) };
  }
  readonly #numberOf = (location: number): number => {
    let number = this.#locations.get(location);
    if (number === undefined) this.#locations.set(location, (number = this.#locations.size));
    return number;
  };
  /** How many locations have a number. */
  get locations(): number {
    return this.#locations.size;
  }

  /** Whether the actor stands in user mode, and whether it could go on. */
  standing(index: number): { readonly outside: boolean; readonly runnable: boolean } {
    const actor = this.world.actors[index]!;
    return { outside: actor.kind === 'clock' || (actor.kind === 'task' && actor.path === null), runnable: instance.isRunnable(actor) };
  }
}

/**
 * What belongs to whoever runs is no shared state: each step begins with its own and leaves what was there before. Nor is who has a path through
 * the kernel: paths are in the actors.
 */
function nameState({ k: { m }, actors, stage, lost }: RaceWorld): void {
  // who else reads under a semaphore makes no difference to those who do; their number is not ignored
  for (const mm of m.mms.values()) recorder.ignore(mm.mmap_sem, 'holders');
  for (const field of ['current', 'preempt_count', 'content_token', 'need_resched']) recorder.ignore(m, field);
  recorder.ignore(m.paths);
  for (const actor of actors) if (actor.kind === 'thread') recorder.ignore(actor.path, 'body');
  recorder.nameAll({ m, actors, results: stage.results, lost });
}
