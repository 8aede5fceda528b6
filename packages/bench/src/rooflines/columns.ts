/**
 * Memory laid out as the machine has it, for rooflines: a column of 32 bits for each field of struct page, link columns with list heads behind the last frame,
 * page-table entries, a byte a swap slot. None of it is a machine's: only the traffic is the same.
 */
export class Columns {
  readonly flags: Uint32Array;
  readonly count: Int32Array;
  readonly mapcount: Int32Array;
  readonly mapping: Uint32Array;
  readonly index: Uint32Array;
  readonly private: Uint32Array;
  readonly content: Uint32Array;
  readonly next: Uint32Array;
  readonly prev: Uint32Array;
  readonly ptes: Uint32Array;
  readonly frames: number;

  /** @param heads list heads, which are `frames`, `frames + 1` and so on */
  constructor(frames: number, heads = 0, ptes = frames) {
    this.frames = frames;
    const column = (): Uint32Array => new Uint32Array(frames);
    this.flags = column();
    this.count = new Int32Array(frames);
    this.mapcount = new Int32Array(frames);
    this.mapping = column();
    this.index = column();
    this.private = column();
    this.content = column();
    this.next = new Uint32Array(frames + heads);
    this.prev = new Uint32Array(frames + heads);
    this.ptes = new Uint32Array(ptes);
  }

  /** Makes the frames from `first` on a list, in this order. */
  link(head: number, first: number, frames: number): void {
    const { next, prev } = this;
    let last = head;
    for (let frame = first; frame < first + frames; frame++) {
      next[last] = frame;
      prev[frame] = last;
      last = frame;
    }
    next[last] = head;
    prev[head] = last;
  }
}
