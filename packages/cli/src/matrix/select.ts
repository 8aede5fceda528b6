/** Which behaviours and which trees a matrix has. */
import { HOTPLUG_TREES, LEVEL_TREES, matching, type Behaviour, type Kind, type Tree } from '@pmkit/series/catalogue';
import { concerns } from '@pmkit/series/patches';
import { findLevel, type SeriesTable } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { orFail } from '../stack-options.js';
import { parseTree } from '../tree-argument.js';

export interface Selection {
  /** Words that the id or the sentence must have. */
  readonly pattern: string;
  readonly kind?: Kind | undefined;
  /** As a person calls it: those that are on its page. */
  readonly patch?: string | undefined;
}

/** @throws CommandError when nothing is left, with what comes near; or for a patch there is not. */
export function selectBehaviours(series: SeriesTable, all: readonly Behaviour[], { pattern, kind, patch }: Selection): readonly Behaviour[] {
  const found = matching(pattern, all).filter((behaviour) => (kind === undefined || behaviour.kind === kind) && isOn(series, patch, behaviour));
  if (found.length > 0) return found;
  const asked = [...(pattern === '' ? [] : [`'${pattern}'`]), ...(kind === undefined ? [] : [`--kind ${kind}`]), ...(patch === undefined ? [] : [`--patch ${patch}`])];
  throw new CommandError(EXIT_FAILED, `pmkit matrix: no behaviour fits ${asked.join(' ')}\n${hint(all, pattern)}`);
}

function isOn(series: SeriesTable, patch: string | undefined, behaviour: Behaviour): boolean {
  if (patch === undefined) return true;
  const entry = orFail(() => findLevel(series, patch), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE });
  return concerns(behaviour, entry === undefined ? 0 : entry.number);
}

/** Ids that have a part of the pattern. */
function hint(all: readonly Behaviour[], pattern: string): string {
  const words = pattern.split(/[\s*-]+/).filter((word) => word.length > 2);
  const near = [...new Set(words.flatMap((word) => matching(word, all)))].slice(0, 5);
  if (near.length === 0) return `(pmkit matrix without a pattern shows all ${all.length})`;
  return `Did you mean one of these?\n${near.map(({ id }) => `  ${id}`).join('\n')}`;
}

/** The trees in the order of their columns: without the hotplug patches first. */
export function selectTrees(series: SeriesTable, level: string | undefined, hotplug: boolean): readonly Tree[] {
  const both = hotplug ? [...LEVEL_TREES, ...HOTPLUG_TREES] : LEVEL_TREES;
  if (level === undefined) return both;
  const only = parseTree(series, level);
  return only.hotplug ? [only] : both.filter((tree) => tree.level === only.level);
}
