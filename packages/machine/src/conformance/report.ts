/** The outcome of many replays as one page: a row a scenario, the reasons with their dates, and each operation that differs. */
import { formatList } from '@pmkit/mm-core/model/number-list';
import type { Reason } from './case.js';
import type { Judged, ScenarioReport, StepReport } from './replay.js';

/** A recording that could not be replayed, and why. */
export interface Unreplayed { readonly file: string; readonly message: string }
export interface Conformance {
  readonly level: number;
  /** What the recordings are of, each once. */
  readonly kernels: readonly string[];
  readonly scenarios: readonly ScenarioReport[];
  readonly unreplayed: readonly Unreplayed[];
}

export interface Tally { readonly operations: number; readonly agree: number; readonly differ: number; readonly unexplained: number }

/** Differences that an operation brought; what was different before and is so still belongs to the operation that brought it. */
const fresh = ({ differences }: StepReport): Judged[] => differences.filter(({ carried }) => !carried);
const isUnexplained = (step: StepReport): boolean => fresh(step).some(({ reason }) => reason === null);

export function tally({ steps }: ScenarioReport): Tally {
  const differ = steps.filter(step => fresh(step).length > 0);
  const unexplained = differ.filter(isUnexplained).length;
  return { operations: steps.length, agree: steps.length - differ.length, differ: differ.length - unexplained, unexplained };
}
/** Whether everything could be replayed and nothing is unexplained. */
export const isExplained = ({ scenarios, unreplayed }: Conformance): boolean => unreplayed.length === 0 && scenarios.every(report => tally(report).unexplained === 0);

/** Reasons with the number of operations they are given for, by id. */
function reasonsOf(scenarios: readonly ScenarioReport[]): { reason: Reason; operations: number }[] {
  const found = new Map<string, { reason: Reason; operations: number }>();
  for (const step of scenarios.flatMap(({ steps }) => steps)) {
    for (const reason of new Map(fresh(step).flatMap(({ reason: given }) => (given === null ? [] : [[given.id, given] as const]))).values()) {
      const entry = found.get(reason.id) ?? { reason, operations: 0 };
      found.set(reason.id, { reason, operations: entry.operations + 1 });
    }
  }
  return [...found.values()].sort((a, b) => (a.reason.id < b.reason.id ? -1 : 1));
}

const cell = (text: string): string => text.replaceAll('|', '\\|').trim();
const row = (cells: readonly (string | number)[]): string => `| ${cells.map(text => cell(String(text))).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => [row(head), row(head.map(() => '---')), ...rows.map(row)];

/** `A.r1 pages 0-3` */
function placeText({ aspect, task, place }: Judged, pages: readonly number[]): string {
  const where = [task, place].filter(part => part !== '').join('.');
  const what = aspect === 'result' ? 'result' : aspect === 'vm' ? place : aspect === 'page' && pages.length > 0 ? `pages ${formatList(pages)}` : pages.length > 0 ? `${aspect} ${formatList(pages)}` : aspect;
  return aspect === 'result' || aspect === 'vm' ? what : `${where} ${what}`;
}
interface Line { readonly reason: string; readonly text: string }

/** The differences of an operation, pages that came out alike taken together. */
function differenceLines(step: StepReport): Line[] {
  const groups = new Map<string, { first: Judged; pages: number[] }>();
  for (const d of fresh(step)) {
    const key = [d.reason?.id ?? '', d.aspect, d.task, d.place, d.theirs, d.ours].join('\u0000');
    const group = groups.get(key) ?? { first: d, pages: [] };
    if (d.page >= 0) group.pages.push(d.page);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, pages }) => ({
    reason: first.reason?.id ?? 'unexplained', text: `${placeText(first, pages)}: ${first.theirs === '' ? '(none)' : first.theirs} there, ${first.ours === '' ? '(none)' : first.ours} here`,
  }));
}

function scenarioSection(report: ScenarioReport, verbose: boolean): string[] {
  const differing = report.steps.filter(step => fresh(step).length > 0);
  if (differing.length === 0) return [];
  const lines = [`### ${report.scenario}`, '', ...table(['', 'operation', 'why'], differing.map(step => {
    const ids = [...new Set(differenceLines(step).map(({ reason }) => (reason === 'unexplained' ? '**unexplained**' : reason)))];
    return [step.index, `\`${step.op.replace(/\s*#.*$/, '')}\``, ids.join(', ')];
  })), ''];
  for (const step of differing) {
    const shown = differenceLines(step).filter(({ reason }) => verbose || reason === 'unexplained');
    if (shown.length === 0) continue;
    lines.push(`Operation ${step.index}, \`${step.op.replace(/\s*#.*$/, '')}\`${step.calls.length === 0 ? '' : ` (${step.calls.join('; ')})`}:`, '', ...shown.map(({ reason, text }) => `* ${text} (${reason})`), '');
  }
  return lines;
}

const INTRODUCTION = [
  'Each operation of the recordings is done on the simulated machine, from the state in which the recorded kernel did it, and what came of it is compared: the result, the number of pages',
  'moved, and of every process the nodes of its pages, its vmas, policies, and counts. After an operation that came out otherwise, the simulated machine is brought into line as far as it can be,',
  'so that each is judged on its own.',
  '',
  '`migrate_pages()` is called as the overview\'s user library would: masks become arrays, overlapping moves become disjoint steps, and rc3\'s count of pages taken is compared with the other kernel\'s',
  'pgmigrate_success. Swap is switched on for the length of the call, since anonymous pages need a slot in this tree.',
  '',
  'This page is what `pmkit conformance DIR` prints; `--verbose` adds each difference in words.',
];

/**
 * The page, in Markdown.
 * @param verbose each difference in words, not only its reason
 */
export function formatConformance(result: Conformance, verbose: boolean): string {
  const { scenarios, unreplayed } = result;
  const tallies = scenarios.map(report => ({ report, ...tally(report) }));
  const sum = (of: (t: Tally) => number): number => tallies.reduce((total, t) => total + of(t), 0);
  const unexplained = sum(t => t.unexplained);
  const lines = [
    '# What real kernels do', '',
    `Level ${result.level} of the series against ${result.kernels.join(', ')}: ${sum(t => t.operations)} operations in ${scenarios.length} scenarios, ${sum(t => t.agree)} agree, ${sum(t => t.differ)} differ for a reason given below, ${unexplained === 0 ? 'none' : `**${unexplained}**`} unexplained.`,
    '', ...INTRODUCTION, '',
    '## Scenarios', '',
    ...table(['scenario', 'what', 'operations', 'agree', 'differ', 'unexplained'], tallies.map(t => [t.report.scenario, t.report.title, t.operations, t.agree, t.differ, t.unexplained])), '',
  ];
  if (unreplayed.length > 0) lines.push('## Not replayed', '', ...unreplayed.map(({ message }) => `* ${message}`), '');
  const reasons = reasonsOf(scenarios);
  if (reasons.length > 0) {
    lines.push('## Reasons', '', ...table(['reason', 'what is not the same', 'since', 'source', 'operations'], reasons.map(({ reason, operations }) => [reason.id, reason.sentence, reason.since, reason.source, operations])), '');
  }
  const sections = scenarios.flatMap(report => scenarioSection(report, verbose));
  if (sections.length > 0) lines.push('## Operations that differ', '', ...sections);
  return `${lines.join('\n').trimEnd()}\n`;
}
