/**
 * The class of every frame of a machine, and true counts by class for blocks of 64, 1024 and 65536 frames: so a picture of a node costs as much as it has cells, however many frames there are.
 * A block that is wholly free is passed over by one look at its count.
 */
import { CLASS_FREE } from '../../protocol.js';

/** Frames of a block at each level of counts, as a power of two. */
const SHIFTS = [6, 10, 16] as const;

interface Level { readonly shift: number; readonly counts: Uint32Array | Uint16Array | Uint8Array }

/** A range of frames that exist. */
export interface Span { readonly first: number; readonly frames: number }

export interface Cells { readonly classes: Uint8Array<ArrayBuffer>; readonly used: Uint8Array<ArrayBuffer> }

export class Pyramid {
  /** By pfn; frames that do not exist are free and counted nowhere. */
  readonly classes: Uint8Array;
  /** How many classes there can be. */
  readonly width: number;
  readonly #levels: readonly Level[];

  /** @param end every pfn is below it. */
  constructor(end: number, spans: readonly Span[], width: number) {
    this.width = width;
    this.classes = new Uint8Array(end);
    const blocks = (shift: number): number => Math.ceil(end / 2 ** shift) * width;
    this.#levels = [
      { shift: SHIFTS[0], counts: new Uint8Array(blocks(SHIFTS[0])) },
      { shift: SHIFTS[1], counts: new Uint16Array(blocks(SHIFTS[1])) },
      { shift: SHIFTS[2], counts: new Uint32Array(blocks(SHIFTS[2])) },
    ];
    for (const { shift, counts } of this.#levels) {
      for (const span of spans) eachBlock(span, shift, (block, frames) => { counts[block * width + CLASS_FREE]! += frames; });
    }
  }

  set(pfn: number, to: number): void {
    const from = this.classes[pfn]!;
    if (from === to) return;
    this.classes[pfn] = to;
    const { width } = this;
    for (const { shift, counts } of this.#levels) {
      const at = (pfn >>> shift) * width;
      counts[at + from]!--;
      counts[at + to]!++;
    }
  }

  /** Frames from `first` on are free. */
  free(first: number, frames: number): void {
    const end = first + frames;
    for (let pfn = first; pfn < end; ) {
      const shift = this.#freeBlockAt(pfn, end);
      if (shift > 0) pfn += 1 << shift;
      else this.set(pfn++, CLASS_FREE);
    }
  }

  /** log2 of the largest block that begins at `pfn`, ends by `end` and is all free; 0 if none is. */
  #freeBlockAt(pfn: number, end: number): number {
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const { shift, counts } = this.#levels[i]!;
      const frames = 1 << shift;
      if ((pfn & (frames - 1)) === 0 && pfn + frames <= end && counts[(pfn >>> shift) * this.width + CLASS_FREE] === frames) return shift;
    }
    return 0;
  }

  /** Frames of a span by class. */
  count({ first, frames }: Span): Uint32Array {
    const sums = new Uint32Array(this.width);
    this.#add(sums, first, first + frames);
    return sums;
  }

  /** Adds up by the largest blocks there are. */
  #add(sums: Uint32Array, first: number, end: number): void {
    const { width, classes } = this;
    for (let pfn = first; pfn < end; ) {
      const level = this.#levelAt(pfn, end);
      if (level === null) {
        sums[classes[pfn++]!]!++;
        continue;
      }
      const { shift, counts } = level;
      for (let at = (pfn >>> shift) * width, c = 0; c < width; c++) sums[c]! += counts[at + c]!;
      pfn += 1 << shift;
    }
  }
  /** The largest blocks of which one begins at `pfn` and ends by `end`. */
  #levelAt(pfn: number, end: number): Level | null {
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const frames = 1 << this.#levels[i]!.shift;
      if ((pfn & (frames - 1)) === 0 && pfn + frames <= end) return this.#levels[i]!;
    }
    return null;
  }

  /** Cells `from` to before `from + count` of a span, of 2^level frames each. */
  cells(span: Span, level: number, from: number, count: number): Cells {
    const cells: Cells = { classes: new Uint8Array(count), used: new Uint8Array(count) };
    const sums = new Uint32Array(this.width);
    const end = span.first + span.frames;
    const size = 2 ** level;
    for (let i = 0; i < count; ) {
      const first = span.first + (from + i) * size;
      // cells that lie in a free block are free already
      const free = this.#freeBlockAt(first, end);
      if (free > 0 && 2 ** free >= size) {
        i += 2 ** free / size;
        continue;
      }
      const last = Math.min(first + size, end);
      sums.fill(0);
      this.#add(sums, first, last);
      fill(cells, i++, sums, last - first);
    }
    return cells;
  }
}

function fill({ classes, used }: Cells, i: number, sums: Uint32Array, frames: number): void {
  const busy = frames - sums[CLASS_FREE]!;
  if (busy === 0) return;
  classes[i] = mostFrequent(sums);
  used[i] = Math.max(1, Math.floor((255 * busy) / frames));
}

/** The class in use that is there most often; of equals the lowest. */
function mostFrequent(sums: Uint32Array): number {
  let best = CLASS_FREE + 1;
  for (let c = best + 1; c < sums.length; c++) if (sums[c]! > sums[best]!) best = c;
  return best;
}

function eachBlock({ first, frames }: Span, shift: number, visit: (block: number, frames: number) => void): void {
  const end = first + frames;
  for (let pfn = first; pfn < end; ) {
    const next = Math.min((Math.floor(pfn / 2 ** shift) + 1) * 2 ** shift, end);
    visit(Math.floor(pfn / 2 ** shift), next - pfn);
    pfn = next;
  }
}
