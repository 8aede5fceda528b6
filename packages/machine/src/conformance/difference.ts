/** Where the state of the simulated machine and a recorded one are not the same, value by value. */
import type { RegionRecord, StateRecord, TaskRecord, VmaRecord } from './recording.js';

/** What is compared of a process, a region (of each of its pages), or a vma of the program itself. */
export type Aspect = 'result' | 'vm' | 'life' | 'mems' | 'policy' | 'region' | 'page' | 'page policy' | 'page permissions' | 'vmas' | 'anon' | 'dirty' | 'mapmax' | 'nodes';

export interface Cell {
  readonly aspect: Aspect;
  /** Name of the process; '' for what belongs to none. */
  readonly task: string;
  /** Region, vma of the program, or counter; '' when the aspect is the process's. */
  readonly place: string;
  /** Whether `place` is a vma of the program itself. */
  readonly image: boolean;
  /** Page of the region, -1 for the region as a whole. */
  readonly page: number;
}
export interface Difference extends Cell { readonly theirs: string; readonly ours: string }

export const cellKey = ({ aspect, task, place, page }: Cell): string => `${aspect} ${task} ${place} ${page}`;

const ownValue = (counts: Omit<VmaRecord, 'at' | 'perm'>, aspect: 'anon' | 'dirty' | 'mapmax' | 'policy' | 'nodes'): string =>
  aspect === 'policy' ? counts.pol : aspect === 'nodes' ? nodesText(counts.nodes) : String(counts[aspect]);

/** `0=8 2=1` */
const nodesText = (nodes: ReadonlyMap<number, number>): string => [...nodes].sort(([a], [b]) => a - b).map(([node, pages]) => `${node}=${pages}`).join(' ');
export const parseNodesText = (text: string): Map<number, number> => new Map(text.split(' ').filter(word => word !== '').map(word => word.split('=').map(Number) as [number, number]));

const bounds = (at: string): [from: number, to: number] => {
  const [from, length] = at.split('+').map(Number) as [number, number];
  return [from, from + length];
};
/** Policy or permissions of each page, '' where nothing is mapped. */
function perPage(region: RegionRecord, value: (vma: VmaRecord) => string): string[] {
  const list = region.pages.map(() => '');
  for (const vma of region.vmas) {
    const [from, to] = bounds(vma.at);
    list.fill(value(vma), from, to);
  }
  return list;
}
const total = (region: RegionRecord, name: 'anon' | 'dirty'): number => region.vmas.reduce((sum, vma) => sum + vma[name], 0);
const summary = (region: RegionRecord, aspect: 'anon' | 'dirty' | 'mapmax' | 'vmas'): string => {
  if (aspect === 'vmas') return region.vmas.map(vma => vma.at).join(' ');
  return String(aspect === 'mapmax' ? Math.max(1, ...region.vmas.map(vma => vma.mapmax)) : total(region, aspect));
};
const SUMMARIES = ['vmas', 'anon', 'dirty', 'mapmax'] as const;
const PER_PAGE = ['page', 'page policy', 'page permissions'] as const;
const OWN = ['policy', 'nodes', 'anon', 'dirty', 'mapmax'] as const;

function pageValues(region: RegionRecord, aspect: (typeof PER_PAGE)[number]): readonly string[] {
  if (aspect === 'page') return region.pages;
  return perPage(region, aspect === 'page policy' ? vma => vma.pol : vma => vma.perm);
}

/** The value that a cell has in a state; null when there is no such process, region or page. */
export function valueIn(state: StateRecord, cell: Cell): string | null {
  const task = state?.get(cell.task);
  if (task === undefined) return null;
  if (cell.aspect === 'life') return task === 'dead' ? 'dead' : 'alive';
  if (task === 'dead') return null;
  if (cell.place === '') return cell.aspect === 'mems' ? task.mems : task.policy;
  if (cell.image) {
    const own = task.other.get(cell.place);
    return own === undefined ? null : ownValue(own, cell.aspect as (typeof OWN)[number]);
  }
  const region = task.regions.get(cell.place);
  if (region === undefined) return null;
  if (cell.page < 0) return cell.aspect === 'region' ? 'mapped' : summary(region, cell.aspect as (typeof SUMMARIES)[number]);
  return pageValues(region, cell.aspect as (typeof PER_PAGE)[number])[cell.page] ?? null;
}

function* compareRegion(task: string, place: string, theirs: RegionRecord, ours: RegionRecord): Generator<Difference> {
  for (const aspect of PER_PAGE) {
    const [a, b] = [pageValues(theirs, aspect), pageValues(ours, aspect)];
    for (let page = 0; page < Math.max(a.length, b.length); page++) {
      if (a[page] !== b[page]) yield { aspect, task, place, image: false, page, theirs: a[page] ?? '', ours: b[page] ?? '' };
    }
  }
  for (const aspect of SUMMARIES) {
    const [a, b] = [summary(theirs, aspect), summary(ours, aspect)];
    if (a !== b) yield { aspect, task, place, image: false, page: -1, theirs: a, ours: b };
  }
}

/**
 * What the program itself has. How much of it there is changes by the program's own doing, of which the operations say nothing: that is looked at only after operations that do
 * something to other processes' memory.
 */
function* compareImage(name: string, theirs: TaskRecord, ours: TaskRecord, all: boolean): Generator<Difference> {
  for (const [place, vma] of theirs.other) {
    const here = ours.other.get(place);
    for (const aspect of OWN) {
      if (!all && aspect !== 'policy') continue;
      const [a, b] = [ownValue(vma, aspect), here === undefined ? 'not there' : ownValue(here, aspect)];
      if (a !== b) yield { aspect, task: name, place, image: true, page: -1, theirs: a, ours: b };
    }
  }
}

/**
 * Everything in which two states differ; nothing when the recording has no state after this operation.
 * @param image whether the memory of the programs themselves is compared
 */
export function* compareStates(theirs: StateRecord, ours: StateRecord, image: boolean): Generator<Difference> {
  if (theirs === null || ours === null) return;
  const whole = (aspect: Aspect, task: string, a: string, b: string): Difference => ({ aspect, task, place: '', image: false, page: -1, theirs: a, ours: b });
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const [a, b] = [theirs.get(name), ours.get(name)];
    const life = (task: TaskRecord | 'dead' | undefined): string => (task === undefined ? 'gone' : task === 'dead' ? 'dead' : 'alive');
    if (life(a) !== life(b)) yield whole('life', name, life(a), life(b));
    if (a === undefined || a === 'dead' || b === undefined || b === 'dead') continue;
    if (a.mems !== null && a.mems !== b.mems) yield whole('mems', name, a.mems, b.mems ?? '');
    if (a.policy !== null && a.policy !== b.policy) yield whole('policy', name, a.policy, b.policy ?? '');
    for (const [place, region] of a.regions) {
      const here = b.regions.get(place);
      if (here === undefined) yield { ...whole('region', name, 'mapped', 'not there'), place };
      else yield* compareRegion(name, place, region, here);
    }
    yield* compareImage(name, a, b, image);
  }
}
