/** The graph as text: a matrix of who needs whom, why, and what leaving patches out does. */
import { reasonsOf, type Change, type Dependency, type LeftOut, type PatchGraph, type ReasonKind } from '@pmkit/review/graph';
import type { painter } from '../io.js';
import { wrap } from '../wrap.js';

export interface TextOptions {
  readonly width: number;
  readonly paint: ReturnType<typeof painter>;
  /** Whether the graph has everything: then a matrix comes first. */
  readonly whole: boolean;
}

/** In the order in which they stand in a cell. */
const LETTERS: Readonly<Record<ReasonKind, string>> = { symbol: 'S', use: 'U', type: 't', build: '', behaviour: 'B', file: 'f', stated: '' };
const LEGEND =
  'A row needs a column. S: its text is written over the same symbol; U: uses what the other brought; t: a type of it; B: behaves otherwise without it; f: both change a file in which they share no symbol; ' +
  '!: cannot stay without it; ?: is said to need it, and nothing else shows that.';
const INDENT = '    ';

export function graphText(graph: PatchGraph, options: TextOptions): string {
  const { leftOut } = graph;
  const [singles, pairs] = [leftOut.filter(({ patches }) => patches.length === 1), leftOut.filter(({ patches }) => patches.length === 2)];
  const sections = [
    ...(options.whole ? [[...matrix(graph, options), '', ...wrap(LEGEND, options.width)]] : []),
    ...graph.nodes.map(({ name }) => needsOf(name, graph, options)),
    ...singles.map((single) => leftOutLines(single, graph, options)),
    ...(pairs.length === 0 ? [] : [pairLines(pairs, graph, options)]),
    ...(graph.trees === 0 ? [] : [[`${graph.behaviours} behaviours, run in ${graph.trees} trees.`]]),
  ].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const labelIn = ({ nodes }: PatchGraph, name: string): string => nodes.find((node) => node.name === name)?.label ?? name;
const labels = (graph: PatchGraph, names: readonly string[]): string => names.map((name) => labelIn(graph, name)).join(', ');

/** A column for each patch that another needs; a row for each that needs one. */
function matrix(graph: PatchGraph, { paint }: TextOptions): string[] {
  const { nodes, dependencies } = graph;
  const columns = nodes.filter(({ name }) => dependencies.some(({ needs }) => needs === name));
  const rows = nodes.filter(({ name }) => dependencies.some(({ patch }) => patch === name));
  const left = Math.max(...nodes.map(({ label }) => label.length));
  const head = `${' '.repeat(left)}${columns.map(({ label }) => label.padStart(6)).join('')}`;
  const line = (row: string): string => {
    const cells = columns.map(({ name }) => dependencies.find(({ patch, needs }) => patch === row && needs === name));
    return cells.map((found) => (found === undefined ? '·' : cell(found)).padStart(6)).join('');
  };
  return [paint('bold', head), ...rows.map(({ label, name }) => `${paint('bold', label.padStart(left))}${line(name)}`)];
}

function cell(dependency: Dependency): string {
  const letters = [...new Set(reasonsOf(dependency).map(({ kind }) => LETTERS[kind]))].join('');
  return `${letters}${dependency.gone.length > 0 ? '!' : letters === '' ? '?' : ''}`;
}

/** Whether they only have something in the same file. */
const isFileOnly = (dependency: Dependency): boolean => dependency.gone.length === 0 && reasonsOf(dependency).every(({ kind }) => kind === 'file');

/** What one patch needs of the others, and who needs it. */
function needsOf(name: string, graph: PatchGraph, { width, paint }: TextOptions): string[] {
  const mine = graph.dependencies.filter(({ patch }) => patch === name);
  const needing = graph.dependencies.filter((dependency) => dependency.needs === name && !isFileOnly(dependency));
  if (mine.length + needing.length === 0) return [];
  const needs = mine.filter((dependency) => !isFileOnly(dependency)).flatMap((dependency) => [
    `  needs ${labelIn(graph, dependency.needs)}${dependency.gone.length > 0 ? ', and cannot stay without it' : ''}`,
    ...reasonsOf(dependency).flatMap(({ text }) => wrap(text, width, INDENT)),
  ]);
  const inFiles = mine.filter(isFileOnly).flatMap(({ needs: other, textual }) => textual.map(({ file }) => ({ file, other })));
  const besides = [...new Set(inFiles.map(({ file }) => file))].map((file) => `${file} (${labels(graph, inFiles.filter((it) => it.file === file).map(({ other }) => other))})`);
  return [
    paint('bold', `${labelIn(graph, name)} ${name}`),
    ...needs,
    ...(besides.length === 0 ? [] : wrap(`changes the same file as others, elsewhere: ${besides.join(', ')}`, width, '  ')),
    ...(needing.length === 0 ? [] : [`  is needed by ${labels(graph, needing.map(({ patch }) => patch))}`]),
  ];
}

/** The series without one patch. */
function leftOutLines(it: LeftOut, graph: PatchGraph, { width, paint }: TextOptions): string[] {
  return [paint('bold', `Without ${labels(graph, it.patches)}`), ...wrap(summary(it, graph), width, '  '), ...it.others.flatMap((change) => changeLines(change, graph, width))];
}

function summary({ gone, own, ofGone, others }: LeftOut, graph: PatchGraph): string {
  const goes = gone.length === 0 ? 'All others stay.' : `${labels(graph, gone.map(({ patch }) => patch))} ${gone.length === 1 ? 'has' : 'have'} to go too.`;
  const counts = [`${changing(own.length)} of its own`, ...(ofGone.length === 0 ? [] : [`${ofGone.length} of what goes with it`])].join(', ');
  return `${goes} ${counts}${others.length === 0 ? '; nothing else.' : '. What else looks different:'}`;
}

const changing = (count: number): string => (count === 1 ? '1 behaviour changes' : `${count === 0 ? 'No' : count} behaviours change`);

const changeLines = ({ behaviour, about, seen, without }: Change, graph: PatchGraph, width: number): string[] =>
  wrap(`${behaviour}${about.length === 0 ? '' : ` (${labels(graph, about)})`}: ${without} in place of ${seen}`, width, INDENT);

/** Of the pairs, those that show more than their parts. */
function pairLines(pairs: readonly LeftOut[], graph: PatchGraph, { width, paint }: TextOptions): string[] {
  const telling = pairs.filter(({ together }) => together.length > 0);
  const lines = telling.flatMap(({ patches, together }) => [`  without ${patches.map((name) => labelIn(graph, name)).join(' and ')}`, ...together.flatMap((change) => changeLines(change, graph, width))]);
  const rest = pairs.length - telling.length;
  return [paint('bold', 'Without two'), ...lines, ...wrap(`${rest} of ${pairs.length} pairs show nothing that one of the two does not show alone.`, width, '  ')];
}
