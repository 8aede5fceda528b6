/** What became of a replay, as text. */
import { treeName } from '@pmkit/series/catalogue';
import { laneLines } from '../explain/lanes.js';
import { wrap } from '../explain/wrap.js';
import type { Outcome } from '../outcome.js';
import type { Replay } from './file.js';
import { isSameOutcome, type Parting, type Replayed } from './replay.js';

/** Steps that are named, of those that did not come as recorded. */
const MAX_NAMED = 12;

/** Lines of at most `width` columns for two or three actors: where the runs part, how each ended, and the run as it was here. */
export function formatReplay({ race, tree: from }: Replay, { tree, strict, steps, followed, events, partings, ending, recorded }: Replayed, width = 110): string[] {
  const head = [
    strict ? `${race.name} at level ${treeName(tree)}` : `${race.name}, recorded at level ${treeName(from)}, at level ${treeName(tree)}`,
    `${followed} of ${events} steps came as recorded${partings.length === 0 ? ', and nothing else' : ''}`,
    ...partingLines(partings),
    `recorded to end with  ${outcomeText(recorded)}`,
    ending === null ? 'did not come to its end' : isSameOutcome(ending, recorded) ? 'ends in the same way' : `ends with  ${outcomeText(ending)}`,
  ];
  const numbers = new Map(partings.length === 0 || !strict ? [] : [[steps.length, `expected  ${partings[0]!.expected}`]]);
  return [...head.flatMap(line => wrap(line, width, 8)), '', ...laneLines(steps, { width, notes: numbers })];
}

function partingLines([first, ...others]: readonly Parting[]): string[] {
  if (first === undefined) return [];
  const steps = others.slice(0, MAX_NAMED).map(({ event }) => String(event));
  if (others.length > MAX_NAMED) steps.push('…');
  return [
    `the runs part at step ${first.event}`, `  expected  ${first.expected}`, `  found     ${first.found}`,
    ...(steps.length === 0 ? [] : [`and differ at ${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')}`]),
  ];
}

const outcomeText = ({ text, failures }: Outcome): string => (failures.length === 0 ? text : `${text} (${failures.join('; ')})`);
