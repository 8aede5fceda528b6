/** A behaviour as a reader takes it in: not level by level, but from where to where something is seen. */
import { expected, type Behaviour } from './behaviour.js';

/** The same thing seen at every level of a range. */
export interface Run { readonly from: number; readonly to: number; readonly seen: string }

/** Joins neighbours that show the same; `cells` in the order of their levels. */
export function runs(cells: Iterable<{ readonly level: number; readonly seen: string }>): Run[] {
  const joined: Run[] = [];
  for (const { level, seen } of cells) {
    const last = joined.at(-1);
    if (last?.seen === seen) joined[joined.length - 1] = { ...last, to: level };
    else joined.push({ from: level, to: level, seen });
  }
  return joined;
}

/** What is expected of a behaviour at levels 0 to 10, in the tree with the hotplug patches or in the one without. */
export const expectedRuns = (behaviour: Behaviour, hotplug = false): Run[] =>
  runs(Array.from({ length: 11 }, (_, level) => ({ level, seen: expected(behaviour, { level, hotplug }) })));

/** `4`, or `4–9`. */
export const levelsText = ({ from, to }: Pick<Run, 'from' | 'to'>): string => (from === to ? String(from) : `${from}–${to}`);
