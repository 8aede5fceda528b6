/** From a schedule to a replay. */
import { readFileSync } from 'node:fs';
import type { Tree } from '@pmkit/series/catalogue';
import { Observer, type SeenStep } from '../explain/observe.js';
import type { Race } from '../race.js';
import { raceText } from '../race-text.js';
import type { Replay, ReplayStep } from './file.js';

/**
 * Runs a schedule and writes down what is needed to run it again.
 * @throws {RangeError} when a step cannot be taken; {LinkError}, {ScenarioError} as explore().
 */
export function toReplay(race: Race, tree: Tree, schedule: readonly number[]): Replay {
  const observer = new Observer(race, tree);
  try {
    const steps = schedule.map(actor => eventOf(observer.step(actor)));
    const { text, failures } = observer.outcome();
    return { kit: kitVersion(), tree, race: raceText(race), steps, ending: { text, failures } };
  } finally {
    observer.close();
  }
}

/** What a replay remembers of a step. */
export const eventOf = ({ name, op, at }: SeenStep): ReplayStep => (op === null ? { actor: name, at } : { actor: name, op: op.index, at });

function kitVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}
