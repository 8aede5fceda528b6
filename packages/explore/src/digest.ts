/** A short name for what an exploration has found, to compare two with. */
import { hashOf } from './hash.js';
import type { Ending } from './search/tally.js';

/** Every ending with its count and its smallest schedule, and how much was seen. */
export function digestOf({ endings, ...seen }: {
  readonly endings: readonly Ending[]; readonly executions: number; readonly states: number; readonly exhaustive: boolean; readonly cut: number;
}): string {
  const lines = endings.map(({ text, failures, count, schedule }) => [text, ...failures, count, schedule.preemptions, schedule.steps.join()].join('\n'));
  return hashOf([seen.executions, seen.states, seen.exhaustive, seen.cut, ...lines].join('\n'));
}
