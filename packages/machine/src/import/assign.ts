/**
 * Which page of a vma is on which node. numa_maps gives counts, so this is a choice:
 *
 * - anonymous memory: from the lowest address up, on a stack from the highest down, with nothing left out; nodes ascending, or one page of
 *   each in turn where the policy is interleave;
 * - a mapped object: private copies come first, then pages of the object. A page of the object is on one node, whoever maps it. So vmas that leave
 *   no choice are served first (those of which all is in memory), what another vma has placed is taken where a page of that node is wanted,
 *   and the nodes that the next vma of the object wants most come last, where the two may overlap. Copies are made when all pages of objects are where they belong, for to copy a page brings it into the page cache.
 */
import type { ImportedProcess, ImportedVma } from './process.js';
import { pagesOf } from './process.js';

/** Pages to be touched, one after the other. */
export interface Run {
  /** From the start of the vma. */
  readonly page: number;
  count: number;
  readonly node: number;
  readonly access: 'read' | 'write';
}

export interface Assignment {
  /** Pages of the object. Grouped by node, ascending; within a node by page. */
  readonly runs: readonly Run[];
  /** Anonymous memory and private copies, in the same order. */
  readonly copies: readonly Run[];
  /** Pages of the object that would have to be on two nodes at once, and so are not mapped. */
  readonly missing: number;
}

/** By index in `vmas`. Linear in the pages in memory. */
export function assignPages({ vmas, objects, policy, pageSize }: ImportedProcess): Assignment[] {
  const assignments: Assignment[] = [];
  const ofObjects: number[][] = objects.map(() => []);
  vmas.forEach((vma, at) => {
    if (vma.object !== null) ofObjects[vma.object]!.push(at);
    else assignments[at] = { runs: [], copies: anonymousRuns(vma, (vma.policy ?? policy).mode === 'interleave', (vma.end - vma.start) / pageSize), missing: 0 };
  });
  const slack = (vma: ImportedVma): number => (vma.end - vma.start) / pageSize - pagesOf(vma) + vma.anon;
  for (const list of ofObjects) {
    list.sort((a, b) => vmas[a]!.offset - vmas[b]!.offset || a - b);
    const nextOf = new Map(list.map((at, place) => [at, vmas[list[place + 1] ?? -1]]));
    const cached = new Map<number, number>();
    for (const at of list.sort((a, b) => slack(vmas[a]!) - slack(vmas[b]!))) {
      // with others, where a page is must suit them, not look even
      const interleaved = list.length === 1 && (vmas[at]!.policy ?? policy).mode === 'interleave';
      assignments[at] = objectRuns(vmas[at]!, nextOf.get(at), interleaved, cached, pageSize);
    }
  }
  return assignments;
}

/** The order in which an interleaving or an ascending choice hands out nodes; `counts` are used up. */
function* inOrder(counts: readonly (readonly [number, number])[], interleaved: boolean): Generator<number> {
  if (!interleaved) {
    for (const [node, pages] of counts) for (let i = 0; i < pages; i++) yield node;
    return;
  }
  let left = counts.map(([node, pages]) => ({ node, pages }));
  while (left.length > 0) {
    for (const entry of left) {
      entry.pages--;
      yield entry.node;
    }
    left = left.filter(({ pages }) => pages > 0);
  }
}

function anonymousRuns(vma: ImportedVma, interleaved: boolean, size: number): Run[] {
  const collect = new Collector();
  let page = vma.kind === 'stack' ? size - pagesOf(vma) : 0;
  for (const node of inOrder(vma.nodes, interleaved)) collect.add(page++, node, 'write');
  return collect.runs();
}

/** @param cached node by page of the object, for all its vmas */
function objectRuns(vma: ImportedVma, next: ImportedVma | undefined, interleaved: boolean, cached: Map<number, number>, pageSize: number): Assignment {
  const collect = new Collector();
  const size = (vma.end - vma.start) / pageSize;
  const ofObject = pagesOf(vma) - vma.anon;
  // counted down by every page that is given a node; what is left in the end is for the copies
  const left = new Map(vma.nodes);
  const used = new Set<number>();
  let dirty = vma.permissions.endsWith('s') && vma.writable ? vma.dirty : 0;
  const give = (page: number, node: number): void => {
    left.set(node, left.get(node)! - 1);
    used.add(page);
    collect.add(page, node, dirty-- > 0 ? 'write' : 'read');
  };

  const free: number[] = [];
  const behindCopies = size - vma.anon;
  for (let at = 0; at < size && used.size < ofObject; at++) {
    const enough = used.size + free.length >= ofObject;
    // what others have placed behind the copies is looked for, but not in place of the copies themselves
    if (enough && (cached.size === 0 || at >= behindCopies)) break;
    const page = (at + vma.anon) % size;
    const node = cached.get(vma.offset + page);
    if (node === undefined) free.push(page);
    else if ((left.get(node) ?? 0) > 0) give(page, node);
  }
  const nodes = inOrder(wantedLast(left, next), interleaved);
  for (const page of free.slice(0, ofObject - used.size)) {
    const node = nodes.next().value as number;
    give(page, node);
    cached.set(vma.offset + page, node);
  }
  return { runs: collect.runs(), copies: copyRuns(vma, left, used, interleaved), missing: ofObject - used.size };
}

/** The copies, on the lowest pages that are not the object's own. */
function copyRuns({ anon }: ImportedVma, left: ReadonlyMap<number, number>, used: ReadonlySet<number>, interleaved: boolean): Run[] {
  const collect = new Collector();
  const nodes = inOrder([...left].filter(([, pages]) => pages > 0), interleaved);
  let page = 0;
  for (let copies = 0; copies < anon; copies++) {
    while (used.has(page)) page++;
    collect.add(page++, nodes.next().value as number, 'write');
  }
  return collect.runs();
}

/** The counts that are left, with the nodes that the next vma of the object wants most at the end. */
function wantedLast(left: ReadonlyMap<number, number>, next: ImportedVma | undefined): (readonly [number, number])[] {
  const wanted = new Map(next?.nodes ?? []);
  const counts = [...left].filter(([, pages]) => pages > 0);
  return counts.sort(([a], [b]) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a - b);
}

/** Joins neighbouring pages of one node and access. */
class Collector {
  readonly #pages: { readonly page: number; readonly node: number; readonly access: 'read' | 'write' }[] = [];

  add(page: number, node: number, access: 'read' | 'write'): void {
    this.#pages.push({ page, node, access });
  }

  runs(): Run[] {
    const runs: Run[] = [];
    for (const { page, node, access } of this.#pages.sort((a, b) => a.node - b.node || a.page - b.page)) {
      const last = runs.at(-1);
      if (last?.node === node && last.access === access && last.page + last.count === page) last.count++;
      else runs.push({ page, count: 1, node, access });
    }
    return runs;
  }
}
