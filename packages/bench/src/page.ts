/** docs/performance.md: the tables of a recorded run in the text of page.md, with what findings.md says. */
import { readFileSync } from 'node:fs';
import { curves } from './curves.js';
import { Misuse } from './errors.js';
import { amount, bytesText, duration, goalText, isMet, memoryText, percentText, plural, rooflineText, spreadText, valueText } from './format.js';
import { kernelKinds, type KernelKind } from './kernels.js';
import { isFigure, type CurveResult, type Figure, type Result, type Run } from './record.js';
import { exponentText } from './report.js';
import { operationMs } from './run.js';
import type { Subject } from './subject.js';
import { figureSubjects, findSubject } from './subjects/index.js';

const NONE = '–';
/** Runs that the history shows. */
const SHOWN_RUNS = 10;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(cell => (cell === '' ? NONE : cell.replaceAll('|', '\\|'))).join(' | ')} |`).join('\n');

/** The kernels of a run, in the order of the page. */
const kernelsIn = ({ figures, curves: lines }: Run): KernelKind[] => kernelKinds.filter(kind => [...figures, ...lines].some(({ kernel }) => kernel === kind));

const alone = (run: Run, subject: Subject, kernel: KernelKind | null): Result | undefined =>
  run.figures.find(result => result.subject === subject.name && result.kernel === kernel && result.among !== true);

const whyMissing = (result: Result | undefined): string => (result === undefined || isFigure(result) ? '' : `${result.failed ? 'failed' : 'skipped'}: ${result.why}`);

/** Value and spread, or why there are none. */
function cell(subject: Subject, result: Result | undefined): string {
  if (result === undefined || !isFigure(result)) return whyMissing(result);
  const spread = spreadText(subject, result);
  const memory = memoryText(subject, result);
  return `**${valueText(subject, result)}**${spread === '' ? '' : ` (${spread})`}${memory === '' ? '' : `; ${memory}`}`;
}
const percentCell = (result: Result | undefined): string => (result !== undefined && isFigure(result) && result.percent !== undefined ? percentText(result.percent.median) : '');
const rooflineCell = (subject: Subject, results: readonly (Result | undefined)[]): string => {
  const figure = results.find((result): result is Figure => result !== undefined && isFigure(result) && result.roofline !== undefined);
  return figure === undefined ? '' : rooflineText(subject, figure);
};

/** Each goal, and whether a kernel meets it, and which. */
function goalCells(subject: Subject, results: readonly (Result | undefined)[]): [string, string] {
  const goals = subject.goals ?? [];
  const measured = results.filter(result => result !== undefined).filter(isFigure);
  const met = goals.map(goal => {
    const kernels = measured.filter(figure => isMet(goal, figure)).map(({ kernel }) => kernel);
    if (measured.length === 0 || kernels.length === 0) return measured.length === 0 ? NONE : 'no';
    return kernels.length === measured.length ? 'yes' : `yes (${kernels.join(', ')})`;
  });
  return [goals.map(goal => goalText(subject, goal)).join('<br>'), met.join('<br>')];
}

const titleOf = ({ title, shown, unit, size }: Subject, result: Result | undefined): string => {
  const what = result === undefined || size.of === 'machines' ? '' : `; ${result.size.toLocaleString('en')} ${size.of}`;
  return `${title}${shown === 'rate' ? ` (${plural(unit)}${what})` : what === '' ? '' : ` (${what.slice(2)})`}`;
};

/** Figures that a kernel is chosen for: a pair of columns a kernel. */
function kernelTable(run: Run): string {
  const kinds = kernelsIn(run);
  const rows = figureSubjects.filter(({ kernels }) => kernels).flatMap(subject => {
    const results = kinds.map(kind => alone(run, subject, kind));
    if (results.every(result => result === undefined)) return [];
    return [[titleOf(subject, results.find(result => result !== undefined)), ...results.flatMap(result => [cell(subject, result), percentCell(result)]), rooflineCell(subject, results), ...goalCells(subject, results)]];
  });
  return table(['figure', ...kinds.flatMap(kind => [kind, '% of roofline']), 'roofline', 'goal', 'met'], rows);
}

/** Figures that do not depend on it. */
function otherTable(run: Run): string {
  const rows = figureSubjects.filter(({ kernels }) => !kernels).flatMap(subject => {
    const result = alone(run, subject, null);
    if (result === undefined) return [];
    const ofCommand = subject.size.of.startsWith('whole') || subject.size.full === 0;
    return [[titleOf(subject, ofCommand ? undefined : result), cell(subject, result), rooflineCell(subject, [result]), ...goalCells(subject, [result])]];
  });
  return table(['figure', 'value', 'floor', 'goal', 'met'], rows);
}

/** One level in a process, and all of them. */
function levelsTable(run: Run): string {
  const rows = run.figures.filter(isFigure).flatMap(among => {
    const subject = findSubject(among.subject);
    const single = run.figures.find(result => result.subject === among.subject && result.kernel === among.kernel && result.among !== true);
    if (among.among !== true || subject === undefined || single === undefined || !isFigure(single)) return [];
    return [[subject.title, among.kernel ?? NONE, valueText(subject, single), valueText(subject, among), `${((100 * single.time.median) / among.time.median).toFixed(0)} %`]];
  });
  return table(['figure', 'kernel', 'alone', 'among all levels', 'of the speed'], rows);
}

const pointCell = (point: Result | undefined): string => {
  if (point === undefined || !isFigure(point)) return whyMissing(point);
  const percent = percentCell(point);
  return `${duration(operationMs(point) * 1e6)}; ${duration(point.time.median)} a ${findSubject(point.subject)?.unit ?? 'unit'}${percent === '' ? '' : `; ${percent}`}`;
};

function curveSection(name: string, results: readonly CurveResult[]): string {
  const known = curves.find(curve => curve.name === name);
  const heading = known === undefined ? name : `${known.subject.title}, by ${known.by}`;
  const sizes = [...new Set(results.flatMap(({ points }) => points.map(({ size }) => size)))];
  const columns = results.map(({ kernel }) => kernel ?? 'time');
  const rows = sizes.map(size => [size.toLocaleString('en'), ...results.map(({ points }) => pointCell(points.find(point => point.size === size)))]);
  const fits = results.map(result => `- ${result.kernel === null ? '' : `${result.kernel}: `}${exponentText(result)}`);
  const reason = known?.reason === undefined ? '' : `\n\nWhy it need not be straight: ${known.reason}.`;
  return `### ${heading}\n\n${table([known?.by ?? 'size', ...columns], rows)}\n\n${fits.join('\n')}${reason}`;
}

const curveSections = (run: Run): string =>
  [...new Set(run.curves.map(({ curve }) => curve))].map(name => curveSection(name, run.curves.filter(({ curve }) => curve === name))).join('\n\n');

const rooflines = (run: Run): string =>
  figureSubjects.filter(({ name, roofline }) => roofline !== undefined && run.figures.some(({ subject }) => subject === name)).map(({ title, roofline }) => `- *${title}*: ${roofline!}.`).join('\n');

/** A load of half a core is somebody else's. */
const BUSY = 0.5;
const busyText = (load: number): string => (load > BUSY ? ' **The computer had other things to do: its times are too long, and only ratios say something.**' : '');

const computerText = ({ date, commit, level, load, computer: { cpu, cores, memory, system, node, v8 } }: Run): string =>
  `Measured on ${date.slice(0, 10)} at commit \`${commit}\`, level ${level}: ${cpu}, ${cores} core${cores === 1 ? '' : 's'}, ${bytesText(memory)} of memory, ${system}, Node ${node}, V8 ${v8}; load average ${load.toFixed(1)} when it began.${busyText(load)}`;

/** Full runs, the last first: the figure that the series is about. */
function historyTable(runs: readonly Run[]): string {
  const [subject] = figureSubjects;
  const kinds = kernelKinds;
  const rows = runs.slice(-SHOWN_RUNS).reverse().map(run => [
    run.date.slice(0, 10), `\`${run.commit}\``,
    ...kinds.map(kind => {
      const result = alone(run, subject!, kind);
      return result === undefined || !isFigure(result) ? '' : `${amount(1e9 / result.time.median)}/s, ${percentCell(result)}`;
    }),
  ]);
  return table(['date', 'commit', ...kinds], rows);
}

/** Next to the package's manifest, in the sources and as built. */
const textOf = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8').trim();

/** The run with what failed in it as a later run of fewer subjects has measured it, and what is said of these. */
function mended(run: Run, later: readonly Run[]): { readonly run: Run; readonly text: string } {
  const said: string[] = [];
  const figures = run.figures.map(figure => {
    if (isFigure(figure) || !figure.failed) return figure;
    for (const { date, commit, figures: others } of later.toReversed()) {
      const again = others.find(other => isFigure(other) && other.subject === figure.subject && other.kernel === figure.kernel && other.among === figure.among && other.size === figure.size);
      if (again === undefined) continue;
      said.push(` ${findSubject(figure.subject)?.title ?? figure.subject} had failed, and is of ${date.slice(0, 10)} at commit \`${commit}\`.`);
      return again;
    }
    return figure;
  });
  return { run: { ...run, figures }, text: said.join('') };
}

/** @param runs the oldest first @throws {Misuse} when none of them is a full one. */
export function pageOf(runs: readonly Run[]): string {
  const full = runs.filter(run => run.full);
  const last = full.at(-1);
  if (last === undefined) throw new Misuse('the history has no full run: `npm run bench -- --record` makes one');
  const { run, text } = mended(last, runs.slice(runs.indexOf(last) + 1));
  const parts: Readonly<Record<string, string>> = {
    computer: computerText(run) + text, kernels: kernelTable(run), others: otherTable(run), levels: levelsTable(run), curves: curveSections(run), rooflines: rooflines(run), history: historyTable(full),
    findings: textOf('findings.md'),
  };
  return `${textOf('page.md').replaceAll(/<!-- (\w+) -->/g, (whole, name: string) => parts[name] ?? whole)}\n`;
}
