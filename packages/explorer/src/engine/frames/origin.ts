/**
 * The node on which what is in a frame came to be. A frame that comes into use gets its contents there, unless they were somewhere before: contents are tokens, and a copy has the token of what was
 * copied. What is written into a frame later does not make it another: a page that was moved and goes on to be used keeps the node it comes from.
 *
 * So this must look at the machine after every step.
 */
import type { Machine, Page } from '@pmkit/mm-core';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { PG_reserved } from '@pmkit/mm-core/include/linux/page-flags';
import { CLASS_FREE, CLASS_RESERVED } from '../../protocol.js';
import { Pyramid, type Span } from './pyramid.js';
import { walkFrames } from './walk.js';

const FIRST_NODE = 2;

export class Origins {
  readonly pyramid: Pyramid;
  /** Token → class of the frame that it was first seen in. */
  #ofToken = new Uint8Array(1 << 12);
  /** Tokens that the kernel has not given out: what files have in them from the beginning. */
  readonly #ofOther = new Map<number, number>();
  readonly #classOfNode: Uint8Array;

  constructor(m: Machine, spans: ReadonlyMap<number, Span>) {
    this.pyramid = new Pyramid(m.mem_map.max_mapnr, [...spans.values()], FIRST_NODE + m.node_ids.length);
    this.#classOfNode = new Uint8Array(256);
    m.node_ids.forEach((id, i) => { this.#classOfNode[id] = FIRST_NODE + i; });
  }

  /** Null for a frame that is free, or the kernel's own. */
  nodeOf(m: Machine, pfn: number): number | null {
    return m.node_ids[this.pyramid.classes[pfn]! - FIRST_NODE] ?? null;
  }

  /** Takes note of where things are now. */
  look(m: Machine): void {
    const { flags, _count, mapping, content } = m.mem_map;
    if (m.content_token >= this.#ofToken.length) {
      const more = new Uint8Array(2 * (m.content_token + 1));
      more.set(this.#ofToken);
      this.#ofToken = more;
    }
    const ofToken = this.#ofToken;
    const others = this.#ofOther;
    const { classes } = this.pyramid;
    walkFrames(m, this.pyramid, pfn => {
      if ((flags[pfn]! & PG_reserved) !== 0) return CLASS_RESERVED;
      if (_count[pfn] === 0) return CLASS_FREE;
      const before = classes[pfn]!;
      // what is in a page of the kernel's own is nobody's contents
      const token = mapping[pfn] === 0 ? 0 : content[pfn]!;
      const isGivenOut = token < ofToken.length;
      const copied = token === 0 ? 0 : isGivenOut ? ofToken[token]! : (others.get(token) ?? 0);
      const found = before >= FIRST_NODE ? before : copied !== 0 ? copied : this.#classOfNode[page_to_nid(m, pfn as Page)]!;
      if (token === 0) return found;
      if (isGivenOut) ofToken[token] = found;
      else others.set(token, found);
      return found;
    });
  }
}
