/** A dry run for a reader. */
import type { DryRun, Fate, VmaReport } from '@pmkit/machine';
import { formatTable } from '../table.js';

interface Group { readonly levels: string; readonly run: DryRun }

/** Levels that say the same, in order. */
function groups(runs: readonly DryRun[]): Group[] {
  const list: { first: DryRun; last: DryRun }[] = [];
  const essence = (run: DryRun): string => JSON.stringify({ ...run, level: 0 });
  for (const run of runs) {
    const group = list.at(-1);
    if (group !== undefined && essence(group.first) === essence(run)) group.last = run;
    else list.push({ first: run, last: run });
  }
  return list.map(({ first, last }) => ({ levels: first === last ? `${first.level}` : `${first.level}-${last.level}`, run: first }));
}

/** A table of levels, then each kind of level vma by vma. */
export function formatDryRun(runs: readonly DryRun[]): string {
  const all = groups(runs);
  const table = formatTable(['levels', 'migrate_pages()', 'moves', 'keeps'], all.map(({ levels, run }) => [levels, run.result, `${run.moved}`, `${run.stayed}`]));
  return [table.join('\n'), ...all.map(formatGroup)].map((part) => `${part}\n`).join('\n');
}

function formatGroup({ levels, run }: Group): string {
  const head = `${levels.includes('-') ? 'Levels' : 'Level'} ${levels}: `;
  const lines = [run.refusal === null ? `${head}${run.result} pages taken for migration` : `${head}refused with ${run.refusal.rule} (${patchText(run.refusal.patch)})`];
  if (run.mismatch !== null) lines.push(`  NOT AS THE RULES SAY: ${run.mismatch}`);
  if (run.policy.before !== run.policy.after) lines.push(`  policy of the process: ${run.policy.before} becomes ${run.policy.after}`);
  const refused = run.refusal !== null && run.vmas.every(({ mismatch, policy }) => mismatch === null && policy.before === policy.after);
  if (refused) lines.push(`  all ${run.stayed} pages stay where they are`);
  else lines.push(...run.vmas.flatMap(formatVma));
  lines.push(...run.log.map((line) => `  kernel log: ${line}`), ...run.differences.map((text) => `  not as it was: ${text}`));
  return lines.join('\n');
}

const patchText = (patch: number): string => (patch === 0 ? 'the base tree' : `patch ${patch}`);
const hex = (value: number): string => value.toString(16).padStart(8, '0');
const pagesText = (pages: number): string => `${pages} ${pages === 1 ? 'page' : 'pages'}`;

function formatVma(vma: VmaReport): string[] {
  const lines = [`  ${hex(vma.start)}-${hex(vma.end)} ${vma.permissions} ${vma.name}`.trimEnd(), ...vma.fates.map((fate) => `    ${formatFate(fate, vma)}`)];
  if (vma.policy.before !== vma.policy.after) lines.push(`    policy: ${vma.policy.before} becomes ${vma.policy.after}`);
  if (vma.mismatch !== null) lines.push(`    NOT AS THE RULES SAY (${vma.expected.rule}): ${vma.mismatch}`);
  return lines;
}

/** A page that moved did so by the rule for its vma; why one stayed is what the call itself showed. */
function formatFate({ pages, from, to, moved, rule, patch }: Fate, { expected }: VmaReport): string {
  if (!moved) return to < 0 ? `${pagesText(pages)} gone from node ${from}: ${rule} (${patch})` : `${pagesText(pages)} kept on node ${from}: ${rule} (${patch})`;
  const why = expected.action === 'move' ? `${expected.rule} (${patchText(expected.patch)})` : `${rule} (${patch})`;
  return `${pagesText(pages)} moved from node ${from} to node ${to}: ${why}`;
}
