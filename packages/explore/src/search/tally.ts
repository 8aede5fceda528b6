/** What a search has seen: every way in which an execution ended, how often, and the smallest schedule that ends so. */
import type { Machine } from '@pmkit/mm-core';
import { holds, judge, look, type Outcome } from '../outcome.js';
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
  /** By how a state looks to #fingerprint(), what check_invariants() says of it: it takes as long as some dozen executions. */
  readonly #checked = new Map<string, Outcome>();
  executions = 0;

  constructor(world: RaceWorld) {
    this.#world = world;
  }

  /** Counts the execution whose final state the world is in. @returns how it ended. */
  readonly add = (execution: Execution, count = 1n): Ending => {
    this.executions++;
    const outcome = this.#look(execution.cut);
    const key = [outcome.text, ...outcome.failures, outcome.witness].join('\n');
    let ending = this.endings.get(key);
    if (ending === undefined) this.endings.set(key, (ending = { ...outcome, count: 0n, schedule: { ...execution, steps: [...execution.schedule] } }));
    else if (isSmaller(execution.preemptions, execution.schedule.length, ending.schedule)) ending.schedule = { ...execution, steps: [...execution.schedule] };
    ending.count += count;
    return ending;
  };

  #look(cut: boolean): Outcome {
    const world = this.#world;
    const quick = look(world, { cut });
    const { condition } = world.race;
    const so = condition !== null && holds(world, condition.that);
    const key = `${quick.text}\n${quick.failures.join('\n')}\n${so}${fingerprint(world.k.m)}`;
    let full = this.#checked.get(key);
    if (full === undefined) {
      full = judge(world, cut);
      this.#checked.set(key, full);
    }
    return full;
  }
}

/** Sums that differ where pages or references were lost, and where pages are on other nodes. */
function fingerprint(m: Machine): string {
  const { _count, _mapcount, max_mapnr, flags } = m.mem_map;
  let sum = 0;
  let where = 0;
  for (let page = 0; page < max_mapnr; page++) {
    sum += _count[page]! * 65_537 + _mapcount[page]!;
    if (_mapcount[page] !== 0) where = (where + (page >>> m.node_shift) * _mapcount[page]!) | 0;
    sum += (flags[page]! & 0x7f) === 0 ? 0 : 1;
  }
  let free = '';
  for (const zone of m.zones) if (zone !== undefined) free += `${zone.free_pages},`;
  return `${sum} ${where} ${free}`;
}
