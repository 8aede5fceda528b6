/** How a person names a tree of the series: a level, a patch, either with `+hotplug`. */
import type { Tree } from '@pmkit/series/catalogue';
import { findLevel, type SeriesTable } from '@pmkit/series/stack';
import { CommandError, EXIT_MISUSE } from './errors.js';
import { orFail } from './stack-options.js';

const HOTPLUG = '+hotplug';

export const TREE_HELP = 'a level (0 to 10, or the patch on top), with +hotplug for the tree that has the hotplug patches too';

/** @throws CommandError (misuse) for what is no level. */
export function parseTree(series: SeriesTable, word: string): Tree {
  const hotplug = word.endsWith(HOTPLUG);
  const name = hotplug ? word.slice(0, -HOTPLUG.length) : word;
  const entry = orFail(() => findLevel(series, name), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE });
  if (entry === undefined) return { level: 0, hotplug };
  if (entry.number === undefined) throw new CommandError(EXIT_MISUSE, `Patch ${entry.name} is a hotplug patch: say the level and ${HOTPLUG}, such as 2${HOTPLUG}`);
  // patch 10 goes over the hotplug patches
  return { level: entry.number, hotplug: hotplug && entry.number < 10 };
}
