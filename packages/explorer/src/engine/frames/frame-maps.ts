/** The pictures of a machine's frames, by dimension; each is kept up to date from when it is first asked for. */
import type { Machine } from '@pmkit/mm-core';
import { KINDS, STATES, type Dimension, type FrameCounts, type FrameMap, type Legend, type Side } from '../../protocol.js';
import { Misuse } from '../errors.js';
import { kindNumber, kindOf } from './kind.js';
import { Origins } from './origin.js';
import { OWNER_CLASSES, Owners } from './owner.js';
import { Pyramid, type Span } from './pyramid.js';
import { stateNumber, stateOf } from './state.js';
import { nodeSpans, walkFrames } from './walk.js';

interface Kept { readonly pyramid: Pyramid; generation: number }

/** A cell stands for at most so many frames, as a power of two. */
const MAX_LEVEL = 24;

export class FrameMaps {
  readonly #m: Machine;
  readonly #spans: ReadonlyMap<number, Span>;
  readonly #kept = new Map<Dimension, Kept>();
  readonly #owners = new Owners();
  #origins: Origins | null = null;

  constructor(m: Machine) {
    this.#m = m;
    this.#spans = nodeSpans(m);
  }

  get origins(): Origins | null {
    return this.#origins;
  }

  /** From here on each step must be told of (sawStep()). To be called where nothing has happened yet. */
  trackOrigins(): void {
    this.#origins = new Origins(this.#m, this.#spans);
    this.#origins.look(this.#m);
  }
  sawStep(): void {
    this.#origins?.look(this.#m);
  }

  /** @throws {Misuse} for a node that there is not, or cells that it does not have. */
  cells(side: Side, generation: number, { node, dimension, level, from = 0, count }: { readonly node: number; readonly dimension: Dimension; readonly level: number; readonly from?: number; readonly count?: number }): FrameMap {
    const span = this.#spans.get(node);
    if (span === undefined) throw new Misuse(`expected one of the machine's nodes, found ${node}`);
    if (!Number.isInteger(level) || level < 0 || level > MAX_LEVEL) throw new Misuse(`level: expected 0 to ${MAX_LEVEL}, found ${level}`);
    const cells = Math.ceil(span.frames / 2 ** level);
    if (!Number.isInteger(from) || from < 0 || from > cells) throw new Misuse(`from: expected 0 to ${cells}, found ${from}`);
    const asked = Math.min(count ?? cells, cells - from);
    if (!Number.isInteger(asked) || asked < 0) throw new Misuse(`count: expected a number of cells, found ${count}`);
    const { classes, used } = this.#upToDate(dimension, generation).cells(span, level, from, asked);
    return { side, node, dimension, level, from, cells, classes, used, generation };
  }

  counts(generation: number, dimension: Dimension, firstPfn: number, frames: number): FrameCounts {
    const { max_mapnr } = this.#m.mem_map;
    if (!Number.isInteger(firstPfn) || !Number.isInteger(frames) || firstPfn < 0 || frames < 0 || firstPfn + frames > max_mapnr) {
      throw new Misuse(`expected frames below ${max_mapnr}, found ${frames} from ${firstPfn} on`);
    }
    const pyramid = this.#upToDate(dimension, generation);
    const sums = new Uint32Array(pyramid.width);
    for (const span of this.#spans.values()) {
      const first = Math.max(span.first, firstPfn);
      const end = Math.min(span.first + span.frames, firstPfn + frames);
      if (first < end) pyramid.count({ first, frames: end - first }).forEach((n, c) => { sums[c]! += n; });
    }
    return { dimension, firstPfn, frames, counts: [...sums] };
  }

  legend(generation: number, dimension: Dimension): Legend {
    const { counts } = this.counts(generation, dimension, 0, this.#m.mem_map.max_mapnr);
    const classes = this.#names(dimension).map((entry, i) => ({ ...entry, frames: counts[i] ?? 0 }));
    return { dimension, classes };
  }

  #names(dimension: Dimension): readonly { readonly name: string; readonly pid?: number; readonly node?: number }[] {
    switch (dimension) {
      case 'kind': return KINDS.map(name => ({ name }));
      case 'state': return STATES.map(name => ({ name }));
      case 'owner': return this.#owners.classes;
      case 'origin': return [{ name: 'free' }, { name: 'reserved' }, ...this.#m.node_ids.map(node => ({ name: `node ${node}`, node }))];
    }
  }

  #upToDate(dimension: Dimension, generation: number): Pyramid {
    if (dimension === 'origin') {
      if (this.#origins === null) throw new Misuse('origins were not followed from the beginning');
      return this.#origins.pyramid;
    }
    let kept = this.#kept.get(dimension);
    if (kept === undefined) {
      const width = dimension === 'kind' ? KINDS.length : dimension === 'state' ? STATES.length : OWNER_CLASSES;
      kept = { pyramid: new Pyramid(this.#m.mem_map.max_mapnr, [...this.#spans.values()], width), generation: -1 };
      this.#kept.set(dimension, kept);
    }
    if (kept.generation !== generation) {
      this.#refresh(dimension, kept.pyramid);
      kept.generation = generation;
    }
    return kept.pyramid;
  }

  #refresh(dimension: Dimension, pyramid: Pyramid): void {
    const m = this.#m;
    walkFrames(m, pyramid, dimension === 'kind' ? kindOf(m) : dimension === 'state' ? stateOf(m) : this.#owners.classifier(m));
    if (dimension === 'owner') return;
    // frames that memory hotplug has taken out of use are on a list of its own
    const captured = dimension === 'kind' ? kindNumber('captured') : stateNumber('captured');
    const { lru_next, max_mapnr } = m.mem_map;
    for (const capture of m.captures) for (let pfn = lru_next[capture.captured]!; pfn < max_mapnr; pfn = lru_next[pfn]!) pyramid.set(pfn, captured);
  }
}
