/**
 * The distances in hwloc's XML.
 *
 * Version 1 puts them into an object, for objects below it, one element an entry, relative to a base:
 *     <distances nbobjs="2" relative_depth="2" latency_base="10.0"><latency value="1.0"/><latency value="1.5"/>…
 * Version 2 puts them at the end of the topology, whole numbers in text that is broken into several elements:
 *     <distances2 type="NUMANode" nbobjs="2" kind="5" indexing="os"><indexes>0 1 </indexes><u64values>10 15 15 10 </u64values>
 *
 * A document may lack them (one node; a kernel without a SLIT). That is no fault: Linux then assumes 10 and 20.
 */
import { show } from './error.js';
import type { HwlocDocument, NumaNode } from './hwloc-document.js';
import type { Element } from './xml.js';

/** Row by row, in the order in which the document has the nodes; with the place of each entry for errors. */
export interface Matrix {
  readonly values: readonly number[];
  readonly offsets: readonly number[];
}

/** HWLOC_DISTANCES_KIND_MEANS_LATENCY; 8 would be bandwidth, where more is better. */
const MEANS_LATENCY = 4;

export function readV1Distances(document: HwlocDocument, root: Element, nodes: readonly NumaNode[]): Matrix | undefined {
  const found = [...elementsNamed(root, 'distances')];
  if (found.length === 0) return undefined;
  // relative_depth counts levels of hwloc's own tree, which the nesting of the XML does not always show. The matrix of the
  // nodes is the one with as many objects as there are nodes.
  const element = found.find((candidate) => document.number(candidate, 'nbobjs') === nodes.length);
  const [first] = found;
  if (element === undefined) {
    throw document.error(first ?? root, 'distances nbobjs', show(first?.attributes.get('nbobjs')), `${nodes.length}, the number of NUMANodes`);
  }
  const base = decimal(document, element, 'latency_base');
  const entries = element.children.filter(({ name }) => name === 'latency');
  const values = entries.map((entry) => {
    const value = decimal(document, entry, 'value') * base;
    // Six decimals in the file: 2.2 of base 10 is 22.000000000000004.
    const whole = Math.round(value);
    return Math.abs(value - whole) < 0.005 ? whole : value;
  });
  checkLength(document, element, values.length, nodes.length);
  return { values, offsets: entries.map(({ offset }) => offset) };
}

function decimal(document: HwlocDocument, element: Element, name: string): number {
  const text = element.attributes.get(name);
  if (text !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  throw document.error(element, `${element.name} ${name}`, text === undefined ? 'no such attribute' : show(text), 'a decimal number');
}

function* elementsNamed(element: Element, name: string): Generator<Element> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* elementsNamed(child, name);
  }
}

export function readV2Distances(document: HwlocDocument, root: Element, nodes: readonly NumaNode[]): Matrix | undefined {
  const element = root.children.find(
    (child) =>
      child.name === 'distances2' && child.attributes.get('type') === 'NUMANode' && (document.number(child, 'kind') & MEANS_LATENCY) !== 0,
  );
  if (element === undefined) return undefined;
  const count = document.number(element, 'nbobjs');
  if (count !== nodes.length) {
    throw document.error(element, 'distances2 nbobjs', String(count), `${nodes.length}, the number of NUMANodes`);
  }
  const given = wholeNumbers(document, element, 'u64values', nodes.length ** 2);
  checkLength(document, element, given.values.length, nodes.length);
  return inDocumentOrder(given, positions(document, element, nodes));
}

/** For each row of the matrix the node it is about, by its place in the document. */
function positions(document: HwlocDocument, element: Element, nodes: readonly NumaNode[]): readonly number[] {
  const indexing = element.attributes.get('indexing');
  if (indexing !== 'os' && indexing !== 'gp') throw document.error(element, 'distances2 indexing', show(indexing), '"os" or "gp"');
  const byIndex = new Map(nodes.map((node, at) => [indexing === 'os' ? node.id : document.number(node.element, 'gp_index'), at]));
  const { values, offsets } = wholeNumbers(document, element, 'indexes', nodes.length);
  if (values.length !== nodes.length) {
    throw document.error(element, 'distances2 indexes', `${values.length} indexes`, `${nodes.length}, one for each NUMANode`);
  }
  const seen = new Set<number>();
  return values.map((index, row) => {
    const at = byIndex.get(index);
    if (at === undefined || seen.has(at)) {
      const found = at === undefined ? `index ${index}, which no NUMANode has` : `index ${index} a second time`;
      throw document.error({ offset: offsets[row] ?? element.offset }, 'distances2 indexes', found, 'each NUMANode once');
    }
    seen.add(at);
    return at;
  });
}

function inDocumentOrder({ values, offsets }: Matrix, place: readonly number[]): Matrix {
  const count = place.length;
  const ordered = { values: Array<number>(values.length), offsets: Array<number>(values.length) };
  for (const [row, from] of place.entries()) {
    for (const [column, to] of place.entries()) {
      ordered.values[from * count + to] = values[row * count + column] ?? Number.NaN;
      ordered.offsets[from * count + to] = offsets[row * count + column] ?? 0;
    }
  }
  return ordered;
}

/** The numbers in all elements of that name, each with the place of its element; never many more than asked for. */
function wholeNumbers(document: HwlocDocument, element: Element, name: string, wanted: number): Matrix {
  const values: number[] = [];
  const offsets: number[] = [];
  for (const child of element.children) {
    if (child.name !== name) continue;
    for (const word of child.text.split(/\s+/)) {
      if (word === '') continue;
      if (!/^\d{1,9}$/.test(word)) throw document.error(child, `${element.name} ${name}`, show(word), 'whole numbers');
      values.push(Number(word));
      offsets.push(child.offset);
      if (values.length > wanted) throw document.error(child, `${element.name} ${name}`, `more than ${wanted} numbers`, `${wanted}`);
    }
  }
  return { values, offsets };
}

function checkLength(document: HwlocDocument, element: Element, length: number, nodes: number): void {
  if (length === nodes ** 2) return;
  throw document.error(element, element.name, `${length} entries`, `${nodes ** 2}, ${nodes} for each of ${nodes} nodes`);
}
