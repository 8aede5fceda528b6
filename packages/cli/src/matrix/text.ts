/**
 * The matrix as text: a row a behaviour, a column a level, a letter for each thing that is seen. A letter stands where it changes,
 * `·` where it is as at the level before; beside the grid, what the letters mean.
 */
import { levelsText, NO_BUILD, runs, type Kind, type Outcome, type Row } from '@pmkit/series/catalogue';
import type { painter } from '../io.js';
import { wrap } from '../wrap.js';

export interface TextOptions {
  readonly width: number;
  readonly paint: ReturnType<typeof painter>;
  /** The name of a patch by number, 0 for the base. */
  readonly patchName: (number: number) => string;
}

const KINDS: Readonly<Record<Kind, string>> = { claim: 'C', discrepancy: 'T', defect: 'D' };
const SAME = '·';
const NOT_BUILT = '-';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const HOTPLUG_ROW = 'with the hotplug patches';
/** Least room for what the letters mean, beside the grid; with less it goes below. */
const LEAST_LEGEND = 26;

/** Text that takes as much room as it has characters, and what it looks like. */
interface Cell { readonly plain: string; readonly painted: string }

export function matrixText(rows: readonly Row[], options: TextOptions): string {
  const names = rows.map(({ behaviour }) => behaviour.id.length);
  // An indent of four in front of the longest name, two blanks behind it.
  const left = Math.min(Math.max(...names, HOTPLUG_ROW.length), 42) + 6;
  const lines: string[] = [];
  for (const [patch, group] of byPatch(rows)) {
    lines.push(...(lines.length === 0 ? [] : ['']), options.paint('bold', title(patch, options)), ...header(group[0]!, left));
    for (const row of group) lines.push(...rowLines(row, left, options));
  }
  const footer = legendOfTheWhole(rows);
  return [...lines, '', ...wrap(footer, options.width), summary(rows), ''].join('\n');
}

/** Rows by the patch they are about, in the order of the patches. */
function byPatch(rows: readonly Row[]): [number, Row[]][] {
  const groups = new Map<number, Row[]>();
  for (const row of rows) groups.set(row.behaviour.patch, [...(groups.get(row.behaviour.patch) ?? []), row]);
  return [...groups].sort(([a], [b]) => a - b);
}

const title = (patch: number, { patchName }: TextOptions): string => (patch === 0 ? `Base and series: ${patchName(0)}` : `Patch ${patch}: ${patchName(patch)}`);

/** Whether there is more than one level to compare: otherwise there is nothing for a grid to show. */
const hasGrid = ({ outcomes }: Row): boolean => new Set(outcomes.map(({ tree }) => tree.level)).size > 1;

function header(row: Row, left: number): string[] {
  if (!hasGrid(row)) return [];
  const levels = row.outcomes.filter(({ tree }) => !tree.hotplug).map(({ tree }) => String(tree.level));
  return [`${' '.repeat(left)}${levels.join(' ')}`];
}

function rowLines(row: Row, left: number, { width, paint }: TextOptions): string[] {
  const letters = lettersOf(row.outcomes);
  const plain = row.outcomes.filter(({ tree }) => !tree.hotplug);
  const hotplug = row.outcomes.filter(({ tree }) => tree.hotplug);
  const head = `  ${KINDS[row.behaviour.kind]} ${row.behaviour.id}`;
  const grids = [labelled(head, left, grid(plain, letters, paint))];
  if (hasGrid(row) && hotplug.length > 0) {
    // Level 10 has the hotplug patches in any case, so it ends both rows.
    const last = plain.filter(({ tree }) => tree.level >= hotplug.length);
    grids.push(labelled(`    ${HOTPLUG_ROW}`, left, grid([...hotplug, ...last], letters, paint)));
  }
  const gridWidth = left + (hasGrid(row) ? 2 * 11 + 2 : 0);
  const beside = width - gridWidth >= LEAST_LEGEND;
  const legend = legendLines(row, letters, beside ? width - gridWidth : width - 6, paint);
  return beside ? sideBySide(grids, legend, gridWidth) : [...grids.map(({ painted }) => painted.trimEnd()), ...legend.map(({ painted }) => `      ${painted}`)];
}

/** A letter for each thing seen, in the order in which it is seen first. */
function lettersOf(outcomes: readonly Outcome[]): Map<string, string> {
  const letters = new Map<string, string>();
  for (const { seen } of outcomes) {
    if (letters.has(seen)) continue;
    letters.set(seen, seen === NO_BUILD ? NOT_BUILT : LETTERS[[...letters.values()].filter((letter) => letter !== NOT_BUILT).length]!);
  }
  return letters;
}

function grid(outcomes: readonly Outcome[], letters: ReadonlyMap<string, string>, paint: TextOptions['paint']): Cell {
  if (outcomes.length <= 1) return { plain: '', painted: '' };
  const cells = outcomes.map(({ seen, ok }, at) => {
    const same = outcomes[at - 1]?.seen === seen;
    const letter = same ? SAME : letters.get(seen)!;
    return { plain: `${letter}${ok ? ' ' : '!'}`, painted: ok ? `${paint(same ? 'dim' : at === 0 ? 'bold' : 'yellow', letter)} ` : paint('red', `${letter}!`) };
  });
  return { plain: cells.map(({ plain }) => plain).join(''), painted: cells.map(({ painted }) => painted).join('') };
}

/** A name in front of a grid; a name that is too long gets a line of its own. */
function labelled(name: string, left: number, { plain, painted }: Cell): Cell {
  const label = name.length < left ? name.padEnd(left) : `${name}\n${' '.repeat(left)}`;
  return { plain: label + plain, painted: label + painted };
}

/** What the letters mean, and what was expected where something else is seen. */
function legendLines(row: Row, letters: ReadonlyMap<string, string>, width: number, paint: TextOptions['paint']): Cell[] {
  const meanings = hasGrid(row)
    ? [...letters].filter(([, letter]) => letter !== NOT_BUILT).map(([seen, letter]) => `${letter} ${seen}`)
    : row.outcomes.map(({ tree, seen }) => (tree.hotplug && row.outcomes.length > 1 ? `${HOTPLUG_ROW}: ${seen}` : seen));
  const wrong = [false, true].flatMap((hotplug) => wrongRuns(row.outcomes, hotplug));
  const lines = packed(meanings, width).map((plain) => ({ plain, painted: plain }));
  return [...lines, ...wrong.flatMap((text) => wrap(text, width)).map((plain) => ({ plain, painted: paint('red', plain) }))];
}

/** What is not as expected, with the levels where it is so. */
function wrongRuns(outcomes: readonly Outcome[], hotplug: boolean): string[] {
  const of = outcomes.filter(({ tree }) => tree.hotplug === hotplug);
  const cells = of.map(({ tree, seen, expected, ok }) => ({ level: tree.level, seen: ok ? '' : `seen ${seen}, expected ${expected}` }));
  return runs(cells).filter(({ seen }) => seen !== '').map((run) => `! ${levelsText(run)}${hotplug ? ` ${HOTPLUG_ROW}` : ''}: ${run.seen}`);
}

/** As many items a line as there is room for. */
function packed(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 2 + item.length <= width) lines[lines.length - 1] = `${last}  ${item}`;
    else lines.push(...wrap(item, width));
  }
  return lines;
}

function sideBySide(grids: readonly Cell[], legend: readonly Cell[], gridWidth: number): string[] {
  const left = grids.flatMap(({ plain, painted }) => plain.split('\n').map((line, at) => ({ plain: line, painted: painted.split('\n')[at]! })));
  // A name on a line of its own has nothing beside it.
  const skipped = left.length - grids.length > 0 ? 1 : 0;
  return Array.from({ length: Math.max(left.length, legend.length + skipped) }, (_, at) => {
    const { plain = '', painted = '' } = left[at] ?? {};
    const beside = at < skipped ? '' : (legend[at - skipped]?.painted ?? '');
    return `${painted}${' '.repeat(Math.max(gridWidth - plain.length, 0))}${beside}`.trimEnd();
  });
}

function legendOfTheWhole(rows: readonly Row[]): string {
  const marks = [
    ...(rows.some(hasGrid) ? [`${SAME} as at the level before`] : []),
    ...(rows.some(({ outcomes }) => outcomes.some(({ seen }) => seen === NO_BUILD)) ? [`${NOT_BUILT} does not build`] : []),
    '! not what is expected',
  ];
  return `C claim, T text and code disagree, D defect; ${marks.join(', ')}.`;
}

/** How much was run, and how much of it was as expected. */
function summary(rows: readonly Row[]): string {
  const cells = rows.flatMap(({ outcomes }) => outcomes);
  const wrong = cells.filter(({ ok }) => !ok).length;
  const count = `${rows.length} ${rows.length === 1 ? 'behaviour' : 'behaviours'}, run ${cells.length} ${cells.length === 1 ? 'time' : 'times'}`;
  return `${count}: ${wrong === 0 ? 'all as expected' : `${wrong} not as expected`}.`;
}
