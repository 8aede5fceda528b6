/** The outcome table: a row for each way in which the race can end, a column for each level. */
import type { AtLevel, Ending } from '@pmkit/explore';
import { formatTable } from '../table.js';

interface Row { readonly text: string; readonly failures: readonly string[]; readonly witness: boolean; readonly counts: readonly string[] }

const keyOf = ({ text, failures, witness }: Ending): string => [text, ...failures, witness].join('\n');

/** Numbers beyond nine digits as powers of ten. */
function countText(count: bigint): string {
  const digits = String(count);
  return digits.length <= 9 ? digits : `${digits[0]!}.${digits[1]!}e${digits.length - 1}`;
}

/** @param name of a column. */
export function outcomeTable(levels: readonly AtLevel[], name: (level: AtLevel) => string): string[] {
  const rows = rowsOf(levels);
  const lines = formatTable(['', ...levels.map(name)], rows.map(({ counts }, i) => [letter(i), ...counts]));
  const legend = rows.map(({ text, failures, witness }, i) => [`${letter(i)}  ${text}${witness ? '  (as asked for)' : ''}`, ...failures.map(failure => `   ! ${failure}`)]);
  return [...lines, '', ...legend.flat()];
}

const letter = (index: number): string => (index < 26 ? String.fromCharCode(97 + index) : `${letter(Math.floor(index / 26) - 1)}${letter(index % 26)}`);

/** Those that end well first. */
function rowsOf(levels: readonly AtLevel[]): Row[] {
  const endings = new Map<string, Ending>();
  for (const level of levels) if ('exploration' in level) for (const ending of level.exploration.endings) if (!endings.has(keyOf(ending))) endings.set(keyOf(ending), ending);
  const rows = [...endings].map(([key, { text, failures, witness }]): Row => ({
    text, failures, witness: witness === true,
    counts: levels.map(level => {
      if (!('exploration' in level)) return 'no build';
      const found = level.exploration.endings.find(ending => keyOf(ending) === key);
      return found === undefined ? '.' : countText(found.count);
    }),
  }));
  return [...rows.filter(({ failures }) => failures.length === 0), ...rows.filter(({ failures }) => failures.length > 0)];
}

/** The answer to an `exists`: at which levels some execution ends as it asks for. */
export function existence(levels: readonly AtLevel[], text: string, name: (level: AtLevel) => string): string {
  const sees = (level: AtLevel): boolean => 'exploration' in level && level.exploration.endings.some(({ witness }) => witness === true);
  const seen = levels.filter(sees);
  const not = levels.filter(level => 'exploration' in level && !sees(level));
  const parts = [...(seen.length > 0 ? [`yes at ${seen.map(name).join(' ')}`] : []), ...(not.length > 0 ? [`no at ${not.map(name).join(' ')}`] : [])];
  return `${text}: ${parts.join(', ')}`;
}

/** What was searched, and whether that was everything; levels of which the same is to be said stand together. */
export function coverage(levels: readonly AtLevel[], name: (level: AtLevel) => string): string[] {
  const said = new Map<string, string[]>();
  for (const level of levels) {
    const text = 'exploration' in level ? coverageOf(level.exploration) : `does not build: ${level.linkError.split('\n')[0]!}`;
    said.set(text, [...(said.get(text) ?? []), name(level)]);
  }
  return [...said].map(([text, names]) => (said.size === 1 ? text : `${names.join(' ')}: ${text}`));
}

function coverageOf({ strategy, executions, states, exhaustive, fraction, cut, endings }: Extract<AtLevel, { exploration: unknown }>['exploration']): string {
  const seen = strategy === 'states' ? `${states} states, ${countText(endings.reduce((sum, { count }) => sum + count, 0n))} interleavings` : `${executions} executions`;
  const extent = exhaustive ? 'exhaustive' : fraction === 1 ? 'all within the bound' : fraction === null ? 'not exhaustive' : `${(fraction * 100).toPrecision(3)} % of the choices`;
  return `${seen}, ${extent}${cut > 0 ? `; ${cut} cut off at the limit of steps` : ''}`;
}
