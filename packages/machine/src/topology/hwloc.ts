/**
 * Topologies from hwloc's XML (`lstopo --of xml`), version 1 and version 2.
 *
 * Both are trees of `<object type="…" os_index="…" cpuset="…" …>`. In version 1 a NUMANode encloses its cores, in version 2
 * it hangs beside them; in both its own attributes say what is asked for here: os_index is Linux's node id, cpuset its CPUs,
 * local_memory its bytes. hwloc leaves out a local_memory of 0.
 */
import { findProblem, MAX_CPUS, MAX_NODES, type Problem } from './check.js';
import { show, type TopologyError } from './error.js';
import { readV1Distances, readV2Distances, type Matrix } from './hwloc-distances.js';
import { HwlocDocument, type NumaNode } from './hwloc-document.js';
import { parseBitmap } from './lists.js';
import { makeTopology, uniformDistances, type Topology } from './topology.js';
import { parseXml, type Element } from './xml.js';

/** @throws TopologyError */
export function readHwlocTopology(file: string, source: string, name: string): Topology {
  const unix = source.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const document = new HwlocDocument(file, unix);
  const root = parseXml(file, unix);
  if (root.name !== 'topology') throw document.error(root, 'root element', show(root.name), 'topology, as hwloc writes it');
  const version = root.attributes.get('version') ?? '1';
  if (!/^[12](\.|$)/.test(version)) throw document.error(root, 'topology version', show(version), 'version 1 or 2.x of the format');

  const found: NumaNode[] = [];
  collectNodes(document, root, found);
  if (found.length === 0) throw document.error(root, 'NUMANode', 'none', 'at least one object of type NUMANode');
  const matrix = version.startsWith('1') ? readV1Distances(document, root, found) : readV2Distances(document, root, found);
  return assemble(document, root, name, found, matrix);
}

/** All NUMANodes below `element`, in the order of the document, which is the order of hwloc's logical indexes. */
function collectNodes(document: HwlocDocument, element: Element, into: NumaNode[]): void {
  for (const child of element.children) {
    if (child.name !== 'object') continue;
    if (isNumaNode(child)) {
      if (into.length === MAX_NODES) throw document.error(child, 'NUMANode', `more than ${MAX_NODES}`, `at most ${MAX_NODES} nodes`);
      into.push(readNode(document, child));
    }
    collectNodes(document, child, into);
  }
}

/** hwloc before 1.11 called it Node. */
function isNumaNode(element: Element): boolean {
  const type = element.attributes.get('type');
  return type === 'NUMANode' || type === 'Node';
}

function readNode(document: HwlocDocument, element: Element): NumaNode {
  const id = document.number(element, 'os_index');
  const nodes = bitmap(document, element, 'nodeset', MAX_NODES);
  if (nodes !== undefined && (nodes.length !== 1 || nodes[0] !== id)) {
    throw document.error(element, 'NUMANode nodeset', show(element.attributes.get('nodeset')), `node ${id} alone, its os_index`);
  }
  const memory = document.number(element, 'local_memory', 0);
  return { id, memory, cpus: bitmap(document, element, 'cpuset', MAX_CPUS) ?? [], element };
}

function bitmap(document: HwlocDocument, element: Element, name: string, limit: number): readonly number[] | undefined {
  const text = element.attributes.get(name);
  if (text === undefined) return undefined;
  const parsed = parseBitmap(text, limit);
  if ('numbers' in parsed) return parsed.numbers;
  throw document.error(element, `NUMANode ${name}`, parsed.found, parsed.expected);
}

/** Puts nodes, rows and columns in the order of the ids, holds them against the rules and builds the topology. */
function assemble(document: HwlocDocument, root: Element, name: string, found: readonly NumaNode[], matrix: Matrix | undefined): Topology {
  const order = found.map((_, at) => at).sort((a, b) => nodeAt(found, a).id - nodeAt(found, b).id);
  const sorted = order.map((at) => nodeAt(found, at));
  const distances =
    matrix === undefined
      ? uniformDistances(found.length)
      : order.map((from) => order.map((to) => matrix.values[from * found.length + to] ?? Number.NaN));
  const pageSize = smallestPage(document, found);
  const input = { name, pageSize, nodes: sorted, distances };
  const problem = findProblem(input);
  if (problem !== undefined) throw refuse(document, root, problem, sorted, order, matrix);
  return makeTopology(input);
}

/** Each node lists its page types, huge ones included; the smallest is the one that frames have. */
function smallestPage(document: HwlocDocument, nodes: readonly NumaNode[]): number | undefined {
  let smallest: number | undefined;
  for (const { element } of nodes) {
    for (const child of element.children) {
      if (child.name !== 'page_type') continue;
      const size = document.number(child, 'size');
      if (size > 0 && size < (smallest ?? Infinity)) smallest = size;
    }
  }
  return smallest;
}

/** Says a breach of the common rules in the words of the document, at the line of the element that did it. */
function refuse(
  document: HwlocDocument,
  root: Element,
  { part, node, to, field, found, expected }: Problem,
  sorted: readonly NumaNode[],
  order: readonly number[],
  matrix: Matrix | undefined,
): TopologyError {
  if (node === undefined) return document.error(root, field, found, expected);
  const { id, element } = nodeAt(sorted, node);
  if (part !== 'distances') {
    const attribute = { id: 'os_index', memory: 'local_memory', cpus: 'cpuset' }[part as 'id' | 'memory' | 'cpus'];
    return document.error(element, `NUMANode ${id} ${attribute}`, found, expected);
  }
  const other = to === undefined ? undefined : nodeAt(sorted, to).id;
  const entry = (order[node] ?? 0) * sorted.length + (order[to ?? 0] ?? 0);
  return document.error({ offset: matrix?.offsets[entry] ?? root.offset }, `distance of node ${id} to node ${other ?? '?'}`, found, expected);
}

function nodeAt(nodes: readonly NumaNode[], at: number): NumaNode {
  const node = nodes[at];
  if (node === undefined) throw new RangeError(`no node at position ${at} of ${nodes.length}`);
  return node;
}
