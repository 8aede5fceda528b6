/** The graph in the language of Graphviz: `pmkit graph --dot | dot -Tpdf`. */
import type { PatchGraph } from './model.js';
import { styleOf } from './style.js';
import { reasonsOf } from './words.js';

export function graphDot({ nodes, dependencies }: PatchGraph): string {
  const labelOf = new Map(nodes.map(({ name, label }) => [name, label]));
  const edges = dependencies.map(dependency => {
    const reasons = reasonsOf(dependency);
    const style = styleOf(reasons[0]!.kind);
    const attributes = { color: style.color, style: style.line, tooltip: reasons.map(({ text }) => text).join('\n'), arrowsize: '0.7', constraint: 'false' };
    return `  ${quoted(labelOf.get(dependency.patch)!)} -> ${quoted(labelOf.get(dependency.needs)!)} [${list(attributes)}];`;
  });
  return [
    'digraph series {',
    '  rankdir=BT;',
    '  node [shape=box, fontname="sans-serif", fontsize=11];',
    ...nodes.map(node => `  ${quoted(node.label)} [${list({ label: `${node.label}  ${node.name}`, tooltip: node.summary, ...(node.number === null ? { style: 'dashed' } : {}) })}];`),
    // keeps the patches in the order of the series
    ...nodes.slice(1).map((node, at) => `  ${quoted(node.label)} -> ${quoted(nodes[at]!.label)} [style=invis, weight=100];`),
    ...edges,
    '}',
    '',
  ].join('\n');
}

const list = (attributes: Readonly<Record<string, string>>): string => Object.entries(attributes).map(([name, value]) => `${name}=${quoted(value)}`).join(', ');

/** A quoted string of DOT; a backslash begins an escape there. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
