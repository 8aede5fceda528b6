/** What a search has seen: every way in which an execution ended, how often, and the smallest schedule that ends so. */
import { waitInWords, type Machine } from '@pmkit/mm-core';
import { holds, judge, signature, type Outcome } from '../outcome.js';
import type { TaskActor } from '../world/actor.js';
import type { RaceWorld } from '../world/create.js';
import { isSmaller, type Schedule } from '../schedule.js';
import type { Execution } from './execute.js';

export interface Ending extends Outcome {
  /** Executions, or interleavings, that end so. */
  count: bigint;
  /** The smallest that was seen. */
  schedule: Schedule;
}

export class Tally {
  readonly #world: RaceWorld;
  /** By text and failures. */
  readonly endings = new Map<string, Ending>();
  /** By how a state looks to #glance(): judge() takes as long as some dozen executions. */
  readonly #known = new Map<string, Ending>();
  executions = 0;

  constructor(world: RaceWorld) {
    this.#world = world;
  }

  /** Counts the execution whose final state the world is in. @returns how it ended. */
  readonly add = (execution: Execution, count = 1n): Ending => {
    this.executions++;
    const state = this.#glance(execution.cut);
    let ending = this.#known.get(state);
    if (ending === undefined) this.#known.set(state, (ending = this.#judge(execution)));
    if (isSmaller(execution.preemptions, execution.schedule.length, ending.schedule)) ending.schedule = { ...execution, steps: [...execution.schedule] };
    ending.count += count;
    return ending;
  };

  #judge(execution: Execution): Ending {
    const outcome = judge(this.#world, execution.cut);
    const key = [outcome.text, ...outcome.failures, outcome.witness].join('\n');
    let ending = this.endings.get(key);
    if (ending === undefined) this.endings.set(key, (ending = { ...outcome, count: 0n, schedule: { ...execution, steps: [...execution.schedule] } }));
    return ending;
  }

  /** Equal for states that judge() says the same of: everything that look() reads, the condition, and a fingerprint of the rest. */
  #glance(cut: boolean): string {
    const { actors, k: { m }, logged, lost, race: { condition } } = this.#world;
    let seen = cut ? 'cut ' : '';
    for (const actor of actors) if (actor.kind === 'task') seen += standing(actor);
    for (let i = logged; i < m.log.length; i++) seen += `${signature(m.log[i]!.text)}\n`;
    for (const text of lost) seen += `${signature(text)}\n`;
    if (condition !== null) seen += holds(this.#world, condition.that) ? 'so ' : 'not so ';
    return seen + fingerprint(m);
  }
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
