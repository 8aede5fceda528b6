/**
 * From a failure to the smallest race and schedule that show it: fewest preemptions, then fewest steps, then the least that is done, on the
 * smallest machine. The same race gives the same result every time.
 */
import type { Tree } from '@pmkit/series/catalogue';
import { ScenarioError } from '@pmkit/series/scenario';
import type { Proposition } from '../condition.js';
import { race as raceOf, type Race } from '../race.js';
import { raceText, type WholeRace } from '../race-text.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import { shows, type Signature } from '../search/showing.js';
import type { Ending } from '../search/tally.js';
import { isSmaller } from '../schedule.js';
import { createWorld, type RaceWorld } from '../world/create.js';
import { EDITS } from './edits.js';
import { follow, reorder } from './reorder.js';
import { notLarger, smallestSchedule, type SmallestOptions } from './smallest.js';

export interface ShrinkOptions extends SmallestOptions {
  /** An ending that shows the failures, to begin with when the search finds none: executions may be too many to see all. */
  readonly known?: Ending;
  /** Executions at most to see whether a smaller race still shows the failures; default 2000. */
  readonly editLimit?: number;
}

export interface Shrunk {
  readonly race: Race;
  /** How the smallest schedule ends, and the schedule itself. */
  readonly ending: Ending;
  /** Whether no schedule of that race has fewer preemptions, or as many and fewer steps. */
  readonly proven: boolean;
}

const DEFAULT_EDIT_LIMIT = 2000;

/**
 * Shrinks a race that fails.
 * @param signature failures that the result must show, all of them.
 * @returns null when no schedule was found that shows them, and none was given.
 * @throws {LinkError}, {ScenarioError} as explore().
 */
export function shrink(race: Race, tree: Tree, signature: Signature, options: ShrinkOptions = {}): Shrunk | null {
  const world = createWorld(race, tree);
  const first = smallestSchedule(world, signature, options);
  const { known, depth = DEFAULT_DEPTH } = options;
  const ending = first.ending ?? (known !== undefined && shows(known, signature) ? reorder(world, known, signature, depth) : null);
  if (ending === null) return null;
  const editor = new Editor(world, signature, ending, options);
  editor.run();
  if (editor.race === race) return { race, ending, proven: first.ending !== null && first.proven };
  const last = smallestSchedule(createWorld(editor.race, tree), signature, { ...options, bound: editor.ending.schedule.preemptions });
  return { race: editor.race, ending: last.ending ?? editor.ending, proven: last.ending !== null && last.proven };
}

/** Tries edits until none leaves a race that still fails with a schedule that is no larger. */
class Editor {
  race: Race;
  ending: Ending;
  /** Names of those who take the steps of the schedule. */
  #actors: readonly string[];
  readonly #tree: Tree;
  readonly #signature: Signature;
  readonly #options: ShrinkOptions;
  /** Without these the condition means nothing: their names, and whether it must stay itself. */
  readonly #needed: ReadonlySet<string>;

  constructor(world: RaceWorld, signature: Signature, ending: Ending, options: ShrinkOptions) {
    const { race, tree } = world;
    this.race = race;
    this.#actors = namesOf(world);
    this.ending = ending;
    this.#tree = tree;
    this.#signature = signature;
    this.#options = options;
    const { condition } = race;
    this.#needed = new Set(condition !== null && signature.includes(`not so: ${condition.text}`) ? resultsIn(condition.that) : []);
  }

  run(): void {
    for (let before: Race | null = null; before !== this.race; ) {
      before = this.race;
      for (const edit of EDITS) {
        let text = raceText(this.race);
        for (let place = 0; ; ) {
          const candidates = edit(text, place);
          if (candidates === null) break;
          const kept = candidates.find(candidate => this.#try(candidate));
          if (kept === undefined) place++;
          else text = kept;
        }
      }
    }
  }

  #try(text: WholeRace): boolean {
    const race = raceOf(text);
    if (!this.#hasNeeded(race)) return false;
    try {
      const world = createWorld(race, this.#tree);
      const ending = this.#followed(world) ?? notLarger(world, this.#signature, this.ending.schedule, { ...this.#options, limit: this.#options.editLimit ?? DEFAULT_EDIT_LIMIT });
      if (ending === null) return false;
      this.race = race;
      this.ending = ending;
      this.#actors = namesOf(world);
      return true;
    } catch (error) {
      // a name or a node that there is no more, a machine that cannot be
      if (error instanceof ScenarioError || error instanceof RangeError) return false;
      throw error;
    }
  }

  /** The schedule that is known, as far as it goes on this world, when it shows the failures and has not grown. */
  #followed(world: RaceWorld): Ending | null {
    const names = namesOf(world);
    const steps = this.ending.schedule.steps.map(actor => names.indexOf(this.#actors[actor]!));
    const ending = follow(world, steps, this.#signature, this.#options.depth ?? DEFAULT_DEPTH);
    if (ending === null) return null;
    const { preemptions, steps: { length } } = this.ending.schedule;
    return isSmaller(preemptions, length, ending.schedule) ? null : ending;
  }

  #hasNeeded({ before, together }: Race): boolean {
    if (this.#needed.size === 0) return true;
    const named = new Set([...before, ...[...together.values()].flat()].map(({ as }) => as));
    return [...this.#needed].every(name => named.has(name));
  }
}

const namesOf = ({ actors }: RaceWorld): string[] => actors.map(({ name }) => name);

/** Names of results that a condition speaks of. */
function resultsIn(that: Proposition): string[] {
  if (that.kind === 'not') return resultsIn(that.of);
  if (that.kind === 'and' || that.kind === 'or') return that.of.flatMap(resultsIn);
  return that.kind === 'result' ? [that.name] : [];
}
