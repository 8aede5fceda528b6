/** How a person names a tree of the series: a level, a patch, either with `+hotplug`. */
import type { Tree } from '@pmkit/series/catalogue';
import { findLevel, type SeriesTable } from '@pmkit/series/stack';
import { CommandError, EXIT_MISUSE } from './errors.js';
import { orFail } from './stack-options.js';

const HOTPLUG = '+hotplug';

export const TREE_HELP = 'a level (0 to 10, or the patch on top), with +hotplug for the tree that has the hotplug patches too';

/** A level by number or by its patch; `advice` ends the message about a hotplug patch. @throws CommandError (misuse) for what is no level. */
export function parseLevel(series: SeriesTable, word: string, advice: string): number {
  const entry = orFail(() => findLevel(series, word), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE });
  if (entry === undefined) return 0;
  if (entry.number === undefined) throw new CommandError(EXIT_MISUSE, `Patch ${entry.name} is a hotplug patch${advice}`);
  return entry.number;
}

/** The tree at a level. Patch 10 goes over the hotplug patches: there the question does not arise. */
export const treeAt = (level: number, hotplug: boolean): Tree => ({ level, hotplug: hotplug && level < 10 });

/** The word that parseTree() reads as this tree. treeName() of the catalogue is the same, for who has that loaded. */
export const treeWord = ({ level, hotplug }: Tree): string => `${level}${hotplug ? HOTPLUG : ''}`;

/** Whether a word says that it means a tree with the hotplug patches. */
export const isHotplugTree = (word: string): boolean => word.endsWith(HOTPLUG);

/** @throws CommandError (misuse) for what is no level. */
export function parseTree(series: SeriesTable, word: string): Tree {
  const hotplug = isHotplugTree(word);
  const name = hotplug ? word.slice(0, -HOTPLUG.length) : word;
  return treeAt(parseLevel(series, name, `: say the level and ${HOTPLUG}, such as 2${HOTPLUG}`), hotplug);
}
