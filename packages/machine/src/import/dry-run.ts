/**
 * What migrate_pages() would do with a process at a level of the series: the process is built on a new machine of that level, stopped, and
 * moved; then every vma is looked at. Why a page moved or stayed is read off the call as it ran (explain() of @pmkit/series/compare), and held
 * against what the rules say (predict.ts): where the two differ, that is said.
 */
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { NO_RESULT, type Machine, type MachineConfig, type Vma } from '@pmkit/mm-core';
import { explain, type Verdict } from '@pmkit/series/compare';
import type { Lab } from '@pmkit/series/catalogue';
import { policyText, vmaPlacement, vmaPolicy } from '../views/index.js';
import { buildProcess, type BuiltProcess } from './build.js';
import { swapFor } from './machine.js';
import { predictRefusal, predictVma, type CallFacts, type Prediction } from './predict.js';
import type { ImportedProcess } from './process.js';

export interface Move { readonly from: readonly number[]; readonly to: readonly number[] }

/** Neighbouring or not, pages of a vma that fared alike. */
export interface Fate {
  readonly pages: number;
  /** Node before and after. */
  readonly from: number;
  readonly to: number;
  readonly moved: boolean;
  /** The rule that decided, the function it is in and the patch that wrote that. */
  readonly rule: string;
  readonly symbol: string;
  readonly patch: string;
}

export interface VmaReport {
  /** Addresses of the real process. */
  readonly start: number;
  readonly end: number;
  readonly permissions: string;
  /** Path, `heap`, `stack` or ''. */
  readonly name: string;
  readonly fates: readonly Fate[];
  /** As numa_maps prints it. */
  readonly policy: { readonly before: string; readonly after: string };
  readonly expected: Prediction;
  /** What happened that the rules do not say; null when nothing did. */
  readonly mismatch: string | null;
}

export interface DryRun {
  readonly level: number;
  /** Pages taken for migration, -errno, or what became of the caller. */
  readonly result: string;
  readonly moved: number;
  readonly stayed: number;
  /** Why the call was refused, told from the rules; null when it was not to be. */
  readonly refusal: Prediction | null;
  /** A result of the call that the rules do not say. */
  readonly mismatch: string | null;
  /** Of the process, as numa_maps prints it. */
  readonly policy: { readonly before: string; readonly after: string };
  /** Vmas with pages in memory, or with a policy that changed. */
  readonly vmas: readonly VmaReport[];
  /** What the kernel wrote to its log during the call. */
  readonly log: readonly string[];
  /** What could not be built as it was. */
  readonly differences: readonly string[];
}

interface Look { readonly nodes: Uint32Array; readonly policy: string }

/** The state of the process at one time, by index of the vma. */
interface Snapshot { readonly vmas: readonly Look[]; readonly policy: string }

/** What the scenario saw on its machine, which is gone when it is over. */
interface Seen {
  readonly built: BuiltProcess;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly flags: readonly Pick<Vma, 'vm_flags' | 'vm_file'>[];
  readonly facts: CallFacts;
  readonly result: number;
  readonly log: readonly string[];
}

/** @throws ImportError when the machine cannot hold the process. */
export function dryRun(process: ImportedProcess, level: number, config: MachineConfig, move: Move): DryRun {
  let seen: Seen | undefined;
  const scenario = (lab: Lab): string => {
    seen = play(lab, process, config, move);
    return '';
  };
  const { verdicts } = explain(scenario, { level, hotplug: false }, { task: process.comm });
  return report(process, level, seen!, verdicts, move);
}

function play(lab: Lab, process: ImportedProcess, config: MachineConfig, { from, to }: Move): Seen {
  const k = lab.boot({ machine: config, swap: swapFor(process) });
  const built = buildProcess(k, process);
  const { task, starts } = built;
  lab.stop(task);
  const vmas = starts.map((start) => k.find_vma(task.mm!, start)!);
  const look = (): Snapshot => ({
    vmas: vmas.map((vma) => ({ nodes: vmaPlacement(k.m, vma).nodes, policy: policyText(vmaPolicy(k, task, vma)) })), policy: policyText(task.mempolicy),
  });
  const before = look();
  const flags = vmas.map(({ vm_flags, vm_file }) => ({ vm_flags, vm_file }));
  const logged = k.m.log.length;
  const result = lab.migrate(task, from, to);
  return { built, before, after: look(), flags, facts: factsOf(k.m, process, { from, to }), result, log: lab.log(logged) };
}

function factsOf(m: Machine, { mems }: ImportedProcess, { from, to }: Move): CallFacts {
  const allowed = (mems ?? []).filter((node) => m.node_ids.includes(node));
  return { from, to, online: m.node_ids, mems: allowed.length === 0 ? m.node_ids : allowed };
}

function report(process: ImportedProcess, level: number, seen: Seen, verdicts: readonly Verdict[], move: Move): DryRun {
  const { built, before, after, result, facts } = seen;
  const refusal = predictRefusal(level, facts);
  const fates = fatesByVma(process, built.starts, verdicts);
  const touched = movedObjects(process, level, seen, refusal);
  const all = process.vmas.map((vma, index): VmaReport => {
    const expected = refusal ?? predictVma(level, seen.flags[index]!);
    const policy = { before: before.vmas[index]!.policy, after: after.vmas[index]!.policy };
    const name = vma.object === null ? (vma.kind ?? '') : process.objects[vma.object]!.path;
    const withOthers = vma.object !== null && touched.has(vma.object);
    const mismatch = mismatchOf(expected, move, before.vmas[index]!.nodes, after.vmas[index]!.nodes, withOthers);
    return { start: vma.start, end: vma.end, permissions: vma.permissions, name, fates: fates[index]!, policy, expected, mismatch };
  });
  const count = (moved: boolean): number => all.reduce((sum, vma) => sum + vma.fates.reduce((pages, fate) => pages + (fate.moved === moved ? fate.pages : 0), 0), 0);
  return {
    level, result: result === NO_RESULT ? 'did not return' : errnoName(result), moved: count(true), stayed: count(false), refusal, mismatch: resultMismatch(refusal, result),
    policy: { before: before.policy, after: after.policy }, vmas: all.filter(({ fates: some, policy }) => some.length > 0 || policy.before !== policy.after), log: seen.log,
    differences: built.differences,
  };
}

/** Adds up the verdicts of each vma; both lists ascend. Pages that are not in memory have no fate. */
function fatesByVma(process: ImportedProcess, starts: readonly number[], verdicts: readonly Verdict[]): Fate[][] {
  const fates: Fate[][] = process.vmas.map(() => []);
  let index = 0;
  for (const { start, pages, from, to, moved, rule, symbol, patch } of verdicts) {
    while (index + 1 < starts.length && starts[index + 1]! <= start) index++;
    if (from < 0) continue;
    const own = fates[index]!;
    const same = own.findIndex((fate) => fate.from === from && fate.to === to && fate.rule === rule);
    if (same < 0) own.push({ pages, from, to, moved, rule, symbol, patch });
    else own[same] = { ...own[same]!, pages: own[same]!.pages + pages };
  }
  return fates;
}

/** Objects of which a vma that is to be moved maps pages: with them, they leave other vmas' old nodes as well. */
function movedObjects({ vmas }: ImportedProcess, level: number, seen: Seen, refusal: Prediction | null): ReadonlySet<number> {
  const objects = new Set<number>();
  if (refusal !== null) return objects;
  vmas.forEach(({ object }, index) => {
    if (object !== null && predictVma(level, seen.flags[index]!).action === 'move') objects.add(object);
  });
  return objects;
}

/** Holds the counts after the call against the prediction. */
function mismatchOf({ action }: Prediction, { from, to }: Move, before: Uint32Array, after: Uint32Array, withOthers: boolean): string | null {
  const wanted = before.slice();
  const moves = new Uint32Array(before.length);
  if (action === 'move' || withOthers) {
    from.forEach((node, at) => {
      const pages = before[node] ?? 0;
      if (pages === 0) return;
      moves[node]! += pages;
      wanted[node]! -= pages;
      wanted[to[at]!]! += pages;
    });
  }
  const asItWas = before.every((pages, node) => after[node] === pages);
  if (wanted.every((pages, node) => after[node] === pages)) return null;
  if (action !== 'move' && asItWas) return null;
  // of a file that another vma moves, this one may have any part
  if (action !== 'move' && withOthers && before.every((pages, node) => moves[node]! > 0 || to.includes(node) || after[node] === pages)) return null;
  return `expected ${countsText(wanted)}, found ${countsText(after)}`;
}

const countsText = (nodes: Uint32Array): string => Array.from(nodes, (pages, node) => (pages === 0 ? '' : `N${node}=${pages}`)).filter((text) => text !== '').join(' ') || 'no pages';

function resultMismatch(refusal: Prediction | null, result: number): string | null {
  const errno = refusal === null ? null : `-${refusal.rule.split(':')[0] ?? ''}`;
  const found = result === NO_RESULT ? 'it did not return' : errnoName(result);
  if (errno !== null) return errno === found ? null : `expected ${errno}, found ${found}`;
  return result >= 0 ? null : `expected a number of pages, found ${found}`;
}
