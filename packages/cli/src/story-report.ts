/** What `pmkit story` prints of one level. */
import { totalByNode, VMA_KINDS, type Census, type Plan, type StoryResult } from '@pmkit/machine';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { formatTable } from './table.js';

const pagesOn = (pages: Float64Array, nodes: readonly number[]): number => nodes.reduce((sum, node) => sum + (pages[node] ?? 0), 0);

/** Pages that are neither on the nodes the job came from nor on those it went to. */
function elsewhere(pages: Float64Array, plan: Plan): number {
  return pages.reduce((sum, count) => sum + count, 0) - pagesOn(pages, plan.from) - pagesOn(pages, plan.to);
}

/** Nodes with pages before or after, in the order from, to, others. */
function nodeRows(result: StoryResult, plan: Plan): string[][] {
  const [before, after, later] = [totalByNode(result.before), totalByNode(result.after), totalByNode(result.later)];
  const others = [...before.keys()].filter((node) => !plan.from.includes(node) && !plan.to.includes(node));
  const used = others.filter((node) => before[node] !== 0 || after[node] !== 0 || later[node] !== 0);
  return [...plan.from, ...plan.to, ...used].map((node) => [
    `node ${node}`,
    plan.from.includes(node) ? 'old' : plan.to.includes(node) ? 'new' : '',
    ...[before, after, later].map((pages) => String(pages[node] ?? 0)),
  ]);
}

function kindRows(result: StoryResult, plan: Plan): string[][] {
  const rows: string[][] = [];
  for (const kind of VMA_KINDS) {
    const [before, after] = [result.before.byKind[kind], result.after.byKind[kind]];
    if (before.every((pages) => pages === 0) && after.every((pages) => pages === 0)) continue;
    const cells = (pages: Float64Array): string[] => [pagesOn(pages, plan.from), pagesOn(pages, plan.to), elsewhere(pages, plan)].map(String);
    rows.push([kind, ...cells(before), ...cells(after)]);
  }
  return rows;
}

/** `4 × -ENOSYS`, or the counts one by one. */
function formatCalls(result: StoryResult): string {
  const groups = new Map<string, number>();
  for (const call of result.calls) {
    const text = call.result < 0 ? errnoName(call.result) : 'pages';
    groups.set(text, (groups.get(text) ?? 0) + 1);
  }
  const failed = [...groups].filter(([text]) => text !== 'pages').map(([text, calls]) => `${calls} × ${text}`);
  const moved = result.calls.filter((call) => call.result >= 0).map((call) => String(call.result));
  return [...(moved.length > 0 ? [`${moved.join(' + ')} pages`] : []), ...failed].join(', ');
}

const pagesOrErrno = (result: number): string => (result < 0 ? errnoName(result) : `${result} pages`);

/** `4 × interleave=5-8, 2 × prefer=6` */
function formatPolicies(policies: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const policy of policies) counts.set(policy, (counts.get(policy) ?? 0) + 1);
  return [...counts].map(([policy, count]) => `${count} × ${policy}`).join(', ');
}

const movedPages = (result: StoryResult): number => result.calls.reduce((sum, call) => sum + Math.max(0, call.result), 0);

function swappedNote(census: Census): string[] {
  return census.swapped === 0 ? [] : [`  ${census.swapped} pages are swapped out`];
}

/** The report of one level. Real time is left out without `timing`, so that the same input prints the same bytes. */
export function formatLevel(result: StoryResult, title: string, plan: Plan, timing: boolean): string {
  const moved = movedPages(result);
  const lines = [
    title,
    `  migrate_pages() returned ${formatCalls(result)}`,
    `  of the first process, while its cpuset still had the old nodes: ${pagesOrErrno(result.acts.early)}`,
    `  of the urgent job, by a stranger: ${pagesOrErrno(result.acts.stranger)}`,
    `  mbind() had said that the read-only table is migrated: ${errnoName(result.acts.mark)}`,
    `  policies before: ${formatPolicies(result.policies.before)}`,
    `  policies after:  ${formatPolicies(result.policies.after)}`,
    `  contents: ${result.compared} pages compared, ${result.lost === 0 ? 'all as they were' : `${result.lost} DIFFERENT`}`,
    ...result.log.map((line) => `  log: ${line}`),
    ...swappedNote(result.after),
    '',
    ...formatTable(['pages by node', '', 'before', 'after', 'later'], nodeRows(result, plan)).map((line) => `  ${line}`),
    '',
    ...formatTable(['pages by kind', 'before: old', 'new', 'other', 'after: old', 'new', 'other'], kindRows(result, plan)).map((line) => `  ${line}`),
  ];
  if (timing) {
    const rate = moved > 0 ? `, ${Math.round(moved / (result.moveTime / 1000)).toLocaleString('en')} pages/s` : '';
    const seconds = (ms: number): string => (ms / 1000).toFixed(2);
    lines.push('', `  boot ${seconds(result.bootTime)} s, job ${seconds(result.startTime)} s, move ${seconds(result.moveTime)} s${rate}`);
  }
  return `${lines.join('\n')}\n`;
}
