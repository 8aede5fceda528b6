/** What a search has seen: every way in which an execution ended, how often, and the smallest schedule that ends so. */
import { waitInWords, type Machine } from '@pmkit/mm-core';
import { holds, judge, signature, type Outcome } from '../outcome.js';
import type { TaskActor } from '../world/actor.js';
import type { RaceWorld } from '../world/create.js';
import { isSmaller, type Schedule } from '../schedule.js';
import type { Execution } from './execute.js';
import type { Walk } from './walk.js';

export interface Ending extends Outcome {
  /** Executions, or interleavings, that end so. */
  count: bigint;
  /** The smallest that was seen. */
  schedule: Schedule;
}

export class Tally {
  readonly #walk: Walk;
  /** By text and failures. */
  readonly endings = new Map<string, Ending>();
  /** By how a state looks to glance(): judge() takes as long as some dozen executions. */
  readonly #known = new Map<string, Ending>();
  readonly #ofState = new Map<object, Ending>();
  executions = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** Counts the execution that has just been walked through. @returns how it ended. */
  readonly add = (execution: Execution): Ending => {
    this.executions++;
    const ending = this.endingOf(execution);
    if (isSmaller(execution.preemptions, execution.schedule.length, ending.schedule)) ending.schedule = scheduleOf(execution);
    ending.count++;
    return ending;
  };

  /** How it ended. */
  endingOf(execution: Execution): Ending {
    const { state } = this.#walk;
    const known = state === null ? undefined : this.#ofState.get(state);
    if (known !== undefined) return known;
    const world = this.#walk.world();
    const look = glance(world, execution.cut);
    let ending = this.#known.get(look);
    if (ending === undefined) this.#known.set(look, (ending = this.#judge(world, execution)));
    if (state !== null) this.#ofState.set(state, ending);
    return ending;
  }

  #judge(world: RaceWorld, execution: Execution): Ending {
    const outcome = judge(world, execution.cut);
    const key = [outcome.text, ...outcome.failures, outcome.witness].join('\n');
    let ending = this.endings.get(key);
    if (ending === undefined) this.endings.set(key, (ending = { ...outcome, count: 0n, schedule: scheduleOf(execution) }));
    return ending;
  }
}

const scheduleOf = ({ schedule, preemptions }: Execution): Schedule => ({ steps: [...schedule], preemptions });

/** Equal for states that judge() says the same of: everything that look() reads, the condition, and a fingerprint of the rest. */
function glance(world: RaceWorld, cut: boolean): string {
  const { actors, k: { m }, logged, lost, race: { condition } } = world;
  let seen = cut ? 'cut ' : '';
  for (const actor of actors) if (actor.kind === 'task') seen += standing(actor);
  for (let i = logged; i < m.log.length; i++) seen += `${signature(m.log[i]!.text)}\n`;
  for (const text of lost) seen += `${signature(text)}\n`;
  if (condition !== null) seen += holds(world, condition.that) ? 'so ' : 'not so ';
  return seen + fingerprint(m);
}

/** What taskText() and addDeadlock() of outcome.ts read. */
function standing({ task, path, results }: TaskActor): string {
  const text = `${task.state}${task.exit_code} ${results.join()}`;
  return path === null ? `${text}|` : `${text} in the kernel: ${path.wait === null ? '' : waitInWords(path.wait)}|`;
}

/** Sums that differ where pages or references were lost, and where pages are on other nodes. */
function fingerprint(m: Machine): string {
  const { _count, _mapcount, max_mapnr, flags } = m.mem_map;
  let sum = 0;
  let where = 0;
  for (let page = 0; page < max_mapnr; page++) {
    sum += _count[page]! * 65_537 + _mapcount[page]!;
    if (_mapcount[page] !== 0) where = (where + m.granule_nid[page >>> m.granule_shift]! * _mapcount[page]!) | 0;
    sum += (flags[page]! & 0x7f) === 0 ? 0 : 1;
  }
  let free = '';
  for (const zone of m.zones) if (zone !== undefined && zone.present_pages > 0) free += `${zone.free_pages},`;
  return `${sum} ${where} ${free}`;
}
