/**
 * What the invariant checker collects about each frame: where it is, who holds a reference to it, how often it is mapped.
 * Counted from the structures that point at frames, never from the frame's own record.
 *
 * The columns are as long as the machine's page table, but untouched parts of a fresh typed array cost nothing: time and
 * memory follow the frames in use. A machine keeps its columns from one check to the next, all zero in between.
 */
import type { Zone } from '../../include/linux/mmzone.js';
import type { Machine } from '../../machine.js';

/* Places. A frame is in exactly one. */
export const NOWHERE = 0;
export const PCP = 1;
export const ACTIVE = 2;
export const INACTIVE = 3;
export const PAGEVEC = 4;
export const ISOLATED = 5;
export const TABLE = 6;
export const RESERVED = 7;
export const BUDDY = 8;
export const CAPTURED = 9;
export const PLACE_NAMES = [
  'in no place', 'on a per-CPU free list', 'on an active list', 'on an inactive list', 'in a pagevec', 'on a private list', 'a page table',
  'reserved', 'on a buddy free list', 'captured',
] as const;

/* References besides those of ptes: one each. */
export const HELD_BY_CACHE = 1;
export const HELD_BY_BUFFERS = 2;
export const HELD_BY_PAGEVEC = 4;
export const HELD_BY_LIST = 8;
export const HELD_AS_TABLE = 16;
const HOLDERS: readonly (readonly [bit: number, name: string])[] = [
  [HELD_BY_CACHE, 'page cache'], [HELD_BY_BUFFERS, 'buffers'], [HELD_BY_PAGEVEC, 'pagevec'], [HELD_BY_LIST, 'isolation'], [HELD_AS_TABLE, 'page table'],
];

/** What is as long as something of the machine, and all zero when no census is under way. */
interface Columns {
  readonly place: Uint8Array;
  readonly holds: Uint8Array;
  readonly maps: Int32Array;
  /** Order + 1 at the first frame of each free block. */
  readonly freeOrder: Uint8Array;
  /** Expected use counts by swap area and offset. */
  swap: (Uint32Array | null)[];
  /** What is known of each page table. */
  tables: Uint8Array;
  /** What is known of each list head, by its number less the first one's. */
  readonly heads: Uint8Array;
}

export interface Census extends Readonly<Columns> {
  readonly m: Machine;
  /** The zones that exist. */
  readonly zones: readonly Zone[];
  readonly violations: string[];
  /** Nobody is in the kernel and no I/O is under way: nothing may be in flight. */
  readonly atRest: boolean;
  /** References that the caller knows of: what tests pin. */
  readonly pins: ReadonlyMap<number, number>;
  /** Pages that the caller knows to be lost on a private list. */
  readonly lost: ReadonlySet<number>;
  /** Frames found in some place or referenced by something, in the order they were met. */
  readonly seen: number[];
}

const columnsOf = new WeakMap<Machine, Columns>();

function newColumns({ max_mapnr, nr_list_heads }: Machine['mem_map']): Columns {
  return {
    place: new Uint8Array(max_mapnr), holds: new Uint8Array(max_mapnr), maps: new Int32Array(max_mapnr), freeOrder: new Uint8Array(max_mapnr),
    swap: [], tables: new Uint8Array(64), heads: new Uint8Array(nr_list_heads),
  };
}

const ofLength = (known: Uint32Array | null | undefined, length: number): Uint32Array => (known?.length === length ? known : new Uint32Array(length));

export function newCensus(m: Machine, pins: ReadonlyMap<number, number>, lost: ReadonlySet<number>): Census {
  const columns = columnsOf.get(m) ?? newColumns(m.mem_map);
  // a census that throws half-way leaves none behind
  columnsOf.delete(m);
  columns.swap = m.swap_info.map((area, type) => (area === null ? null : ofLength(columns.swap[type], area.max)));
  if (columns.tables.length < m.table_high) columns.tables = new Uint8Array(2 * m.table_high);
  return { m, zones: m.zones.filter(zone => zone !== undefined), violations: [], atRest: isAtRest(m), pins, lost, seen: [], ...columns };
}

/** The columns are the next census's: zero again where this one has written. */
export function endCensus({ m, seen, place, holds, maps, freeOrder, swap, tables, heads }: Census): void {
  for (const page of seen) {
    place[page] = 0;
    holds[page] = 0;
    maps[page] = 0;
    freeOrder[page] = 0;
  }
  for (const uses of swap) uses?.fill(0);
  tables.fill(0);
  heads.fill(0);
  columnsOf.set(m, { place, holds, maps, freeOrder, swap, tables, heads });
}

/** Idle kernel threads and tasks that wait for a child hold nothing. */
function isAtRest(m: Machine): boolean {
  if (m.pending_io.length > 0) return false;
  for (const { wait } of m.paths.values()) {
    if (wait?.kind !== 'child' && !(wait?.kind === 'wakeup' && !wait.queue.woken)) return false;
  }
  return true;
}

function meet(census: Census, page: number): void {
  if (census.place[page] === 0 && census.holds[page] === 0 && census.maps[page] === 0) census.seen.push(page);
}

/** Whether the number is that of a frame. */
export function isFrame(m: Machine, page: number): boolean {
  return page > 0 && page < m.mem_map.max_mapnr && m.node_data[m.granule_nid[page >>> m.granule_shift] ?? -1] !== undefined;
}
/** Says that the number is none. `where` ends the sentence. */
export function noFrame(census: Census, page: number, where: string): void {
  census.violations.push(`page ${page}: no such frame, found ${where}`);
}

/** The frame is here. False when it is somewhere else too (a second time here included), which is a violation. */
export function putAt(census: Census, page: number, place: number): boolean {
  const before = census.place[page]!;
  if (before !== NOWHERE) {
    census.violations.push(before === place
      ? `page ${page}: found twice ${PLACE_NAMES[place]!}`
      : `page ${page}: expected in one place, found ${PLACE_NAMES[before]!} and ${PLACE_NAMES[place]!}`);
    return false;
  }
  meet(census, page);
  census.place[page] = place;
  return true;
}

/** Something holds a reference; the same kind of holder twice is a violation. */
export function holdBy(census: Census, page: number, holder: number): void {
  meet(census, page);
  if ((census.holds[page]! & holder) !== 0) {
    census.violations.push(`page ${page}: expected one reference of ${HOLDERS.find(([bit]) => bit === holder)![1]}, found two`);
  }
  census.holds[page]! |= holder;
}

/** A pte maps the frame. */
export function mapOnce(census: Census, page: number): void {
  meet(census, page);
  census.maps[page]!++;
}

/** References counted for a frame. */
export function expectedCount(census: Census, page: number): number {
  let count = census.maps[page]! + (census.pins.get(page) ?? 0);
  for (const [bit] of HOLDERS) if ((census.holds[page]! & bit) !== 0) count++;
  return count;
}
/** The same in words: `2 ptes, page cache`. */
export function holdersInWords(census: Census, page: number): string {
  const words: string[] = [];
  const maps = census.maps[page]!;
  if (maps > 0) words.push(`${maps} pte${maps === 1 ? '' : 's'}`);
  for (const [bit, name] of HOLDERS) if ((census.holds[page]! & bit) !== 0) words.push(name);
  const pins = census.pins.get(page) ?? 0;
  if (pins > 0) words.push(`${pins} pinned`);
  return words.length === 0 ? 'nobody' : words.join(', ');
}
