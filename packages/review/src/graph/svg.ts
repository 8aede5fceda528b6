/**
 * The graph as a drawing: the patches one below the other in the order of the series, on the right an arc from each patch to those whose text it needs, on the left to those
 * without which it behaves otherwise. The same bytes every time. Each arc has its reasons as a title, and the whole has them as a description.
 */
import type { Dependency, GraphNode, PatchGraph } from './model.js';
import { drawn, drawnKinds, styleOf, type DrawnKind, type LineStyle } from './style.js';
import { reasonsOf, type Reason } from './words.js';

const ROW = 44;
const BOX = { width: 430, height: 30 };
const TOP = 64;
const LEFT = 150;
const RIGHT = 230;
const LEGEND_ROW = 20;
const DASHES: Readonly<Record<LineStyle['line'], string>> = { solid: '', dashed: '7 4', dotted: '2 4' };
/** Where the arcs of a kind leave a box, below or above its middle, so that those between the same two are apart. */
const OFFSETS: Readonly<Record<DrawnKind, number>> = { symbol: -5, file: 9, use: 2, behaviour: 0, build: -9, stated: 11 };

export function graphSvg(graph: PatchGraph): string {
  const { nodes, dependencies } = graph;
  const width = LEFT + BOX.width + RIGHT;
  const legendTop = TOP + nodes.length * ROW + 10;
  const height = legendTop + Math.ceil(drawnKinds.length / 2) * LEGEND_ROW + 16;
  const labels = new Map(nodes.map(({ name, label }) => [name, label]));
  const described = dependencies.map(dependency => `${sentence(dependency, labels)}.`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description" font-family="sans-serif" font-size="13">`,
    '<title id="title">What the patches of the series need of each other</title>',
    `<desc id="description">${escaped(described.join(' '))}</desc>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<defs>',
    ...drawnKinds.map(kind => `<marker id="arrow-${kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="${styleOf(kind).color}"/></marker>`),
    '</defs>',
    `<text x="${LEFT + BOX.width / 2}" y="24" font-size="16" text-anchor="middle">What the patches of the series need of each other</text>`,
    `<text x="${LEFT - 8}" y="46" text-anchor="end" fill="#555555">behaviour</text>`,
    `<text x="${LEFT + BOX.width + 8}" y="46" fill="#555555">text and names</text>`,
    ...dependencies.flatMap(dependency => arcs(dependency, nodes, labels)),
    ...nodes.map(box),
    ...drawnKinds.map((kind, at) => legend(kind, LEFT + (at % 2) * 280, legendTop + Math.floor(at / 2) * LEGEND_ROW)),
    '</svg>',
    '',
  ].join('\n');
}

const middle = (at: number): number => TOP + at * ROW + BOX.height / 2;

function box({ label, name, number, summary }: GraphNode, at: number): string {
  const y = TOP + at * ROW;
  const dash = number === null ? ' stroke-dasharray="4 3"' : '';
  const short = name.replace(/\.patch$/, '');
  return `<g><title>${escaped(summary)}</title><rect x="${LEFT}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="4" fill="#f7f7f7" stroke="#333333"${dash}/>`
    + `<text x="${LEFT + 40}" y="${y + 20}" text-anchor="end" font-weight="bold">${escaped(label)}</text><text x="${LEFT + 52}" y="${y + 20}">${escaped(short)}</text></g>`;
}

/** One arc for each kind, from the patch that needs to the one that is needed. */
function arcs(dependency: Dependency, nodes: readonly GraphNode[], labels: ReadonlyMap<string, string>): string[] {
  const [from, to] = [dependency.patch, dependency.needs].map(name => nodes.findIndex(node => node.name === name)) as [number, number];
  const byKind = new Map<DrawnKind, Reason[]>();
  for (const reason of reasonsOf(dependency)) if (reason.kind !== 'stated' || byKind.size === 0) byKind.set(drawn(reason.kind), [...(byKind.get(drawn(reason.kind)) ?? []), reason]);
  return [...byKind].map(([kind, reasons]) => {
    const { color, line } = styleOf(kind);
    const isLeft = kind === 'behaviour';
    const x = isLeft ? LEFT : LEFT + BOX.width;
    const reach = (24 + 17 * Math.abs(from - to)) * (isLeft ? -1 : 1);
    const [y1, y2] = [middle(from) + OFFSETS[kind], middle(to) + OFFSETS[kind]];
    const dash = DASHES[line] === '' ? '' : ` stroke-dasharray="${DASHES[line]}"`;
    const title = `${labels.get(dependency.patch)!} needs ${labels.get(dependency.needs)!}: ${reasons.map(({ text }) => text).join('; ')}`;
    return `<path d="M${x} ${y1}C${x + reach} ${y1} ${x + reach} ${y2} ${x} ${y2}" fill="none" stroke="${color}" stroke-width="1.5"${dash} marker-end="url(#arrow-${kind})"><title>${escaped(title)}</title></path>`;
  });
}

function legend(kind: DrawnKind, x: number, y: number): string {
  const { color, line, meaning } = styleOf(kind);
  const dash = DASHES[line] === '' ? '' : ` stroke-dasharray="${DASHES[line]}"`;
  return `<g><path d="M${x} ${y}H${x + 36}" stroke="${color}" stroke-width="1.5"${dash} marker-end="url(#arrow-${kind})"/><text x="${x + 44}" y="${y + 4}">${escaped(meaning)}</text></g>`;
}

const sentence = (dependency: Dependency, labels: ReadonlyMap<string, string>): string =>
  `${labels.get(dependency.patch)!} needs ${labels.get(dependency.needs)!}: ${reasonsOf(dependency).map(({ text }) => text).join('; ')}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, character => ENTITIES[character]!);
