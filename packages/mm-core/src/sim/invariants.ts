/**
 * check_invariants(): is the machine's state consistent? Everything that the kernel keeps count of is counted anew from what it
 * counts, and every structure that points at another is followed in both directions.
 *
 *   ptes ──┐                                   free blocks ─┐
 *   caches ┤ references of a frame              LRU, pagevecs ┤ place of a frame: exactly one
 *   lists ─┘   = page_count, page_mapcount       tables ──────┘
 *
 * It reads the machine and nothing else, knows no patch and asks no kernel function, so it holds at every level of the
 * series. Between two steps of a kernel path things may be in flight (a frame that was allocated and is not mapped yet):
 * then references may be more than counted, and frames may be in no place; what must never be, is reported all the same.
 *
 * Time and memory are linear in the frames in use, the page tables and the slots of swap areas.
 */
import type { Machine } from '../machine.js';
import { censusOfBuffers, censusOfCaches, checkBackPointers, checkSwap } from './invariants/caches.js';
import { BUDDY, CAPTURED, endCensus, expectedCount, holdersInWords, newCensus, PCP, PLACE_NAMES, RESERVED, type Census } from './invariants/census.js';
import { checkFileUsers, checkPageStates } from './invariants/files.js';
import { censusOfLists, checkPlaces } from './invariants/lists.js';
import { checkLocks, checkReverseMaps, checkUsers } from './invariants/objects.js';
import { censusOfTables, checkVmas } from './invariants/tables.js';

/** What is wrong with the machine and known: what a test did to it, or a defect of the series. */
export interface KnownReferences {
  /** By page, references that nothing in the machine accounts for: those of a test, of an XFS buffer in use, or leaked ones. */
  readonly pins?: ReadonlyMap<number, number>;
  /** Pages that are lost on a list whose owner is gone. They must be: one that is not is reported. */
  readonly lost?: ReadonlySet<number>;
}

/**
 * Every violation is a sentence that names what is wrong, what was expected and what was found; none means consistent.
 */
// oxlint-disable-next-line pmkit/vocabulary -- not a kernel symbol, but named as one: kernels call such a thing so
export function check_invariants(k: { readonly m: Machine }, known: KnownReferences = {}): string[] {
  const census = newCensus(k.m, known.pins ?? new Map(), known.lost ?? new Set());
  censusOfLists(census);
  censusOfTables(census);
  censusOfCaches(census);
  censusOfBuffers(census);
  checkPlaces(census);
  checkCounts(census);
  checkBackPointers(census);
  checkSwap(census);
  checkVmas(census);
  checkReverseMaps(census);
  checkUsers(census);
  checkPageStates(census);
  checkFileUsers(census);
  checkLocks(census);
  endCensus(census);
  return census.violations;
}

/** page_count and page_mapcount of every frame that was met; nr_mapped. */
function checkCounts(census: Census): void {
  const { m, violations, place, maps } = census;
  const { mem_map: mem } = m;
  let mapped = 0;
  for (const page of census.seen) {
    const at = place[page]!;
    const count = mem._count[page]!;
    const mapcount = mem._mapcount[page]!;
    if (maps[page]! > 0) mapped++;
    if (at === RESERVED) {
      if (mapcount !== 0) violations.push(`page ${page}: reserved, page_mapcount is ${mapcount}, expected 0`);
      continue;
    }
    const expected = expectedCount(census, page);
    if (at === BUDDY || at === PCP || at === CAPTURED) {
      if (expected !== 0) violations.push(`page ${page}: ${PLACE_NAMES[at]}, though held by ${holdersInWords(census, page)}`);
      continue;
    }
    if (mapcount !== maps[page]) violations.push(`page ${page}: page_mapcount is ${mapcount}, expected ${maps[page]!}`);
    if (count !== expected && (census.atRest || count < expected)) {
      violations.push(`page ${page}: page_count is ${count}, expected ${expected} (${holdersInWords(census, page)})`);
    }
  }
  if (m.page_state.nr_mapped !== mapped) violations.push(`nr_mapped is ${m.page_state.nr_mapped}, expected ${mapped}`);
}
