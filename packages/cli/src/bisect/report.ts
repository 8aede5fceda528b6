/** What `pmkit bisect` prints. */
import { DEFAULT_TERMS, type BisectResult, type LevelVerdict, type Status, type Terms } from '@pmkit/series/bisect';
import type { SeriesTable } from '@pmkit/series/stack';
import type { BisectJson } from '../schemas.js';
import { formatTable } from '../table.js';

/** Name of the patch on top at a level; of the base tree at level 0. */
export function patchName(series: SeriesTable, level: number): string {
  return series.entries.find((entry) => entry.number === level)?.name ?? series.base;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The first level on the new side, as git tells it: who it is, and what it is about. */
function foundText(series: SeriesTable, level: number, { new: term }: Terms): string {
  const entry = series.entries.find(({ number }) => number === level);
  const also = level === 10 ? '    (with the hotplug patches that it mends: N1.0 and N1.1)\n' : '';
  return `${patchName(series, level)} is the first ${term} patch\n\n    patch ${level}, ${entry?.package ?? 'the base tree'}\n    ${entry?.summary ?? ''}\n${also}`;
}

function doubtText(series: SeriesTable, candidates: readonly number[], { new: term }: Terms): string {
  const lines = candidates.map((level) => `  [${level}] ${patchName(series, level)}`).join('\n');
  return `There are only 'skip'ped levels left to test.\nThe first ${term} patch could be any of:\n${lines}\nWe cannot bisect more!\n`;
}

/** The status of a session, in git's words. */
export function statusText(series: SeriesTable, status: Status, terms: Terms): string {
  switch (status.kind) {
    case 'waiting': {
      if (status.for.length === 2) return `status: waiting for both ${terms.old} and ${terms.new} levels\n`;
      return `status: waiting for ${status.for[0] === 'old' ? `${terms.old} level(s), ${terms.new} level known` : `${terms.new} level, ${terms.old} level(s) known`}\n`;
    }
    case 'test':
      return `Bisecting: ${plural(status.left, 'level')} left to test after this (roughly ${plural(status.steps, 'step')})\n[${status.level}] ${patchName(series, status.level)}\n`;
    case 'found':
      return foundText(series, status.level, terms);
    case 'doubt':
      return doubtText(series, status.candidates, terms);
  }
}

const WORDS: Readonly<Record<LevelVerdict['verdict'], string>> = { good: 'good', bad: 'bad', skip: 'skip', otherwise: 'bad, but otherwise', 'no build': 'does not build' };

/** The result of a bisection in one go. */
export function resultText(series: SeriesTable, { firstBad, candidates, levels, monotone, changes }: BisectResult): string {
  const answer = firstBad === null ? doubtText(series, candidates, DEFAULT_TERMS) : foundText(series, firstBad, DEFAULT_TERMS);
  const table = formatTable(['level', 'verdict'], levels.map((level) => [`[${level.level}]`, WORDS[level.verdict]]));
  // What is seen is text of any length: the last column, and to the left.
  const seen = ['seen', ...levels.map(({ signature }) => signature)];
  return `${answer}\n${table.map((line, i) => `${line}  ${seen[i]!}`.trimEnd()).join('\n')}\n${monotoneText(levels, monotone, changes)}`;
}

/** The same as `--json` prints it. */
export function resultJson(series: SeriesTable, { firstBad, candidates, levels, monotone, changes }: BisectResult, hotplug: boolean): BisectJson {
  const patchAt = (level: number): BisectJson['candidates'][number] => {
    const entry = series.entries.find(({ number }) => number === level);
    return { level, patch: patchName(series, level), package: entry?.package ?? null, summary: entry?.summary ?? null };
  };
  return {
    schema: 'pmkit-bisect/1',
    hotplug,
    firstBad: firstBad === null ? null : patchAt(firstBad),
    candidates: candidates.map(patchAt),
    levels: levels.map((level) => ({ ...level, patch: patchName(series, level.level) })),
    monotone,
    changes: [...changes],
  };
}

function monotoneText(levels: readonly LevelVerdict[], monotone: boolean | null, changes: readonly number[]): string {
  if (monotone === null) return '';
  const isAll = levels.every(({ verdict }) => verdict !== 'skip' && verdict !== 'no build');
  if (monotone) return `\n${isAll ? 'All levels looked at' : 'Every level looked at that can be judged'}: good below, bad from there on.\n`;
  const judged = levels.filter(({ verdict }) => verdict !== 'skip' && verdict !== 'no build');
  const lines = changes.map((first, i) => {
    const last = judged.filter(({ level }) => level < (changes[i + 1] ?? Infinity)).at(-1)!;
    const reach = changes[i + 1] === undefined ? ' on' : last.level === first ? '' : ` to ${last.level}`;
    return `  ${WORDS[last.verdict]} ${reach === '' ? 'at' : 'from'} level ${first}${reach}`;
  });
  return `\nNot monotone: there is more than one change.\n${lines.join('\n')}\n`;
}
