/** Puts the graph together: what the texts say, and what is seen when patches are left out. */
import { inWorkers } from '@pmkit/explore/workers';
import { behaviours } from '@pmkit/series/catalogue';
import { factsOf } from '@pmkit/series/patches';
import type { PatchEntry } from '@pmkit/series/stack';
import { behaviouralNeeds, changesIn, together, type Changes, type SingleRun } from './behavioural.js';
import { goneWithout, type Ties } from './leave-out.js';
import type { BehaviourWitness, Dependency, Gone, LeftOut, PatchGraph } from './model.js';
import { observeWithout, type ObserveJob, type Seen } from './observe.js';
import { loadPatches, type LoadedPatch } from './patches.js';
import { overlaps, type Overlap } from './textual.js';
import { callUses, importsBetween, importUses, type Use } from './uses.js';

export interface GraphOptions {
  /** Runs the catalogue without each patch (default), or also without each pair of them, or not at all. */
  readonly run?: 'none' | 'singles' | 'pairs';
  /** Only pairs with this patch, by name. Default: all 45. */
  readonly pairsOf?: string | undefined;
  /** Only these behaviours, by id. Default: the whole catalogue. */
  readonly behaviours?: readonly string[] | undefined;
  /** Threads; with 1, the default, the caller's own does it all. The result is the same. */
  readonly workers?: number;
  /** Called after each run of the catalogue. */
  readonly told?: (done: number, total: number) => void;
}

/** What is to be left out, and what has to go with it. */
interface Plan { readonly out: readonly string[]; readonly gone: readonly Gone[]; readonly absent: ReadonlySet<string> }

/** The dependencies between the patches of a series. */
export async function patchGraph(entries: readonly PatchEntry[], { run = 'singles', pairsOf, behaviours: ids, workers = 1, told }: GraphOptions = {}): Promise<PatchGraph> {
  const patches = await loadPatches(entries);
  const catalogue = behaviours.filter(({ id }) => ids?.includes(id) ?? true);
  const ties: Ties = { overlaps: overlaps(patches), imports: importsBetween(patches) };
  const numbered = patches.filter(({ number }) => number !== null).map(({ name }) => name);
  const plan = (...out: string[]): Plan => {
    const gone = goneWithout(patches, new Set(out), ties);
    return { out, gone, absent: new Set([...out, ...gone.map(({ patch }) => patch)]) };
  };
  // the hotplug patches are not left out in a run, but what cannot be without them is known
  const alone = patches.map(({ name }) => plan(name));
  const singles = alone.filter(({ out }) => numbered.includes(out[0]!));
  const allPairs = numbered.flatMap((name, at) => numbered.slice(at + 1).map(other => [name, other] as const));
  const pairs = run === 'pairs' ? allPairs.filter(pair => pairsOf === undefined || pair.includes(pairsOf)).map(pair => plan(...pair)) : [];
  const observed = run === 'none' ? new Map<string, Seen>() : await observeAll([...singles, ...pairs].map(({ absent }) => absent), { entries, behaviours: catalogue.map(({ id }) => id) }, workers, told);
  const changesOf = ({ out, gone, absent }: Plan): Changes =>
    changesIn(catalogue, patches, observed.get(keyOf([]))!, { out: new Set(out), gone: new Set(gone.map(({ patch }) => patch)), seen: observed.get(keyOf(absent))! });
  const runs = run === 'none' ? [] : singles.map((single): SingleRun => ({ patch: single.out[0]!, absent: single.absent, changes: changesOf(single) }));
  const evidence: Evidence = { texts: ties.overlaps, uses: [...importUses(patches, ties.imports), ...callUses(patches)], alone, behavioural: behaviouralNeeds(runs) };
  return {
    nodes: patches.map(({ name, label, number, summary }) => ({ name, label, number, summary })),
    dependencies: dependenciesOf(patches, evidence),
    leftOut: run === 'none' ? [] : [...singles, ...pairs].map(it => leftOut(it, changesOf(it), runs)),
    behaviours: run === 'none' ? 0 : catalogue.length,
    trees: observed.size,
  };
}

/** What has to do with one patch, by name; all patches stay in the graph. */
export const focusOn = (graph: PatchGraph, name: string): PatchGraph => ({
  ...graph,
  dependencies: graph.dependencies.filter(({ patch, needs }) => patch === name || needs === name),
  leftOut: graph.leftOut.filter(({ patches }) => patches.includes(name)),
});

const keyOf = (absent: Iterable<string>): string => [...absent].sort().join('\n');

/** Runs behaviours in the whole tree and in those without each of the sets of patches; sets that are equal are one tree. By keyOf(). */
async function observeAll(
  absents: readonly ReadonlySet<string>[], what: Pick<ObserveJob, 'entries' | 'behaviours'>, workers: number, told: GraphOptions['told'],
): Promise<Map<string, Seen>> {
  const sets = new Map([new Set<string>(), ...absents].map(absent => [keyOf(absent), absent]));
  const jobs = [...sets.values()].map((absent): ObserveJob => ({ ...what, absent: [...absent] }));
  const seen: Seen[] = [];
  if (workers > 1) seen.push(...await inWorkers<ObserveJob, Seen>(new URL('../../dist/graph/worker.js', import.meta.url), jobs, workers, done => told?.(done, jobs.length)));
  else {
    for (const job of jobs) {
      seen.push(await observeWithout(job));
      told?.(seen.length, jobs.length);
    }
  }
  return new Map([...sets.keys()].map((key, at) => [key, seen[at]!]));
}

function leftOut({ out, gone }: Plan, changes: Changes, runs: readonly SingleRun[]): LeftOut {
  const [first, second] = out.map(name => runs.find(({ patch }) => patch === name)!.changes);
  return { patches: out, gone, ...changes, together: second === undefined ? [] : together(changes, first!, second) };
}

/** All that may be a dependency. */
interface Evidence {
  readonly texts: readonly Overlap[];
  readonly uses: readonly Use[];
  /** Each patch left out. */
  readonly alone: readonly Plan[];
  readonly behavioural: readonly { readonly patch: string; readonly needs: string; readonly witness: BehaviourWitness }[];
}

/** By patch, then by the patch that is needed, in the order of the series. */
const dependenciesOf = (patches: readonly LoadedPatch[], evidence: Evidence): Dependency[] =>
  patches.flatMap(patch => patches.filter(other => other !== patch).flatMap(other => {
    const dependency = dependencyOf(patch, other, evidence);
    const { textual, uses, behavioural, gone, stated } = dependency;
    return stated || textual.length + uses.length + behavioural.length + gone.length > 0 ? [dependency] : [];
  }));

function dependencyOf({ name: patch }: LoadedPatch, { name: needs, number }: LoadedPatch, { texts, uses, alone, behavioural }: Evidence): Dependency {
  const isBetween = (found: { readonly patch: string; readonly needs: string }): boolean => found.patch === patch && found.needs === needs;
  return {
    patch, needs,
    textual: texts.filter(isBetween).map(({ file, symbol, conflict }) => ({ file, symbol, conflict })),
    uses: uses.filter(isBetween).map(({ how, symbol, by }) => ({ how, symbol, by })),
    behavioural: behavioural.filter(isBetween).map(({ witness }) => witness),
    gone: alone.find(({ out }) => out[0] === needs)?.gone.find(it => it.patch === patch && it.direct)?.why ?? [],
    stated: number !== null && factsOf(patch).needs.includes(number),
  };
}
