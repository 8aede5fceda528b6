/** An XML document of hwloc with the questions its readers ask of it. */
import type { NodeInput } from './check.js';
import { show, TopologyError } from './error.js';
import { lineAt, type Element } from './xml.js';

/** A NUMANode and where it stands. */
export interface NumaNode extends NodeInput {
  readonly element: Element;
}

/** What the readers of a document share: its name, its text and how to refuse an element of it. */
export class HwlocDocument {
  readonly file: string;
  readonly #source: string;

  constructor(file: string, source: string) {
    this.file = file;
    this.#source = source;
  }

  error(at: { readonly offset: number }, field: string, found: string, expected: string): TopologyError {
    return new TopologyError({ file: this.file, line: lineAt(this.#source, at.offset), field, found, expected });
  }

  /** An attribute that is a whole number; `fallback` where it may be left out. */
  number(element: Element, name: string, fallback?: number): number {
    const text = element.attributes.get(name);
    if (text === undefined && fallback !== undefined) return fallback;
    if (text !== undefined && /^\d{1,16}$/.test(text)) return Number(text);
    const found = text === undefined ? 'no such attribute' : show(text);
    throw this.error(element, `${element.attributes.get('type') ?? element.name} ${name}`, found, 'a whole number');
  }
}
