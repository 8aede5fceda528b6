/**
 * Where the nodes of a machine are drawn: near ones beside each other, as bricks in bricks. Nodes within the smallest remote distance of each other make the first brick, bricks within the next distance a
 * larger one, until the machine is one; each brick is laid out as a grid, and mirrored so that the distances drawn come as near to the real ones as they can.
 */
export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export interface Layout {
  /** By position in the matrix; in units of a node's height, from 0 on. */
  readonly nodes: readonly Box[];
  /** Bricks that hold more than one node and less than all, the outer first. `distance`: as far as its nodes are from each other at most. */
  readonly groups: readonly { readonly box: Box; readonly distance: number; readonly members: readonly number[] }[];
  readonly width: number;
  readonly height: number;
}

interface Brick { readonly members: readonly number[]; readonly children: readonly Brick[]; readonly distance: number }
interface Placed { readonly width: number; readonly height: number; readonly at: ReadonlyMap<number, Box>; readonly groups: Layout['groups'] }

/** Gap between nodes, and what it grows by with every brick around them. */
const GAP = 0.12;
const GAP_GROWTH = 2;
/** Width to height that a machine is to have. */
const WANTED_ASPECT = 1.6;

type Distances = readonly (readonly number[])[];

const farthest = (distances: Distances, a: readonly number[], b: readonly number[]): number => Math.max(...a.flatMap(from => b.map(to => Math.max(distances[from]![to]!, distances[to]![from]!))));

/** Bricks that are within `limit` of each other, all of them, become one; each is put to the first that it is near to. */
function merge(distances: Distances, bricks: readonly Brick[], limit: number): Brick[] {
  const groups: Brick[][] = [];
  for (const brick of bricks) {
    const near = groups.find(group => group.every(other => farthest(distances, other.members, brick.members) <= limit));
    if (near === undefined) groups.push([brick]);
    else near.push(brick);
  }
  return groups.map(children => (children.length === 1 ? children[0]! : { members: children.flatMap(({ members }) => members), children, distance: limit }));
}

function bricksOf(distances: Distances): Brick {
  let bricks: Brick[] = distances.map((_, node) => ({ members: [node], children: [], distance: 0 }));
  const limits = [...new Set(distances.flatMap((row, from) => row.filter((_, to) => to !== from)))].sort((a, b) => a - b);
  for (const limit of limits) bricks = merge(distances, bricks, limit);
  return bricks[0]!;
}

const moved = (box: Box, x: number, y: number): Box => ({ ...box, x: box.x + x, y: box.y + y });

/** Columns of a grid of `count` boxes that come nearest to the wanted shape. */
function columnsFor(count: number, width: number, height: number): number {
  const offBy = (columns: number): number => Math.abs(Math.log((columns * width) / (Math.ceil(count / columns) * height) / WANTED_ASPECT)) + (count % columns === 0 ? 0 : 0.5);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  return all.reduce((best, columns) => (offBy(columns) < offBy(best) - 1e-9 ? columns : best));
}

function mirrored({ width, height, at, groups }: Placed, alongX: boolean, alongY: boolean): Placed {
  const flip = (box: Box): Box => ({ ...box, x: alongX ? width - box.x - box.width : box.x, y: alongY ? height - box.y - box.height : box.y });
  return { width, height, at: new Map([...at].map(([node, box]) => [node, flip(box)])), groups: groups.map(group => ({ ...group, box: flip(group.box) })) };
}

const MIRRORS = [[false, false], [true, false], [false, true], [true, true]] as const;

/** How far what is drawn is from what is: nodes that are farther from each other than others should not be nearer. */
function strain(distances: Distances, one: ReadonlyMap<number, Box>, others: ReadonlyMap<number, Box>): number {
  let sum = 0;
  for (const [a, { x, y }] of one) for (const [b, other] of others) sum += Math.hypot(x - other.x, y - other.y) / distances[a]![b]!;
  return sum;
}

function place(brick: Brick, distances: Distances, aspect: number): Placed & { readonly depth: number } {
  if (brick.children.length === 0) return { width: aspect, height: 1, at: new Map([[brick.members[0]!, { x: 0, y: 0, width: aspect, height: 1 }]]), groups: [], depth: 0 };
  const parts = brick.children.map(child => ({ child, ...place(child, distances, aspect) }));
  const depth = 1 + Math.max(...parts.map(part => part.depth));
  const gap = GAP * GAP_GROWTH ** (depth - 1);
  const cellWidth = Math.max(...parts.map(({ width }) => width));
  const cellHeight = Math.max(...parts.map(({ height }) => height));
  const columns = columnsFor(parts.length, cellWidth, cellHeight);
  const at = new Map<number, Box>();
  const groups: Layout['groups'][number][] = [];
  parts.forEach((part, i) => {
    const x = (i % columns) * (cellWidth + gap);
    const y = Math.floor(i / columns) * (cellHeight + gap);
    const shifted = MIRRORS.map(([alongX, alongY]) => mirrored(part, alongX, alongY)).map(turned => ({
      at: new Map([...turned.at].map(([node, box]) => [node, moved(box, x, y)])),
      groups: turned.groups.map(group => ({ ...group, box: moved(group.box, x, y) })),
    }));
    const strains = shifted.map(candidate => strain(distances, candidate.at, at));
    const best = shifted[strains.reduce((least, value, k) => (value < strains[least]! - 1e-9 ? k : least), 0)]!;
    for (const [node, box] of best.at) at.set(node, box);
    if (part.child.members.length > 1) groups.push({ box: { x, y, width: part.width, height: part.height }, distance: part.child.distance, members: part.child.members });
    groups.push(...best.groups);
  });
  const rows = Math.ceil(parts.length / columns);
  return { width: columns * cellWidth + (columns - 1) * gap, height: rows * cellHeight + (rows - 1) * gap, at, groups, depth };
}

/** @param distances SLIT distances, 10 is local @param aspect width of a node to its height */
export function layOut(distances: Distances, aspect = 1): Layout {
  const { width, height, at, groups } = place(bricksOf(distances), distances, aspect);
  return { nodes: distances.map((_, node) => at.get(node)!), groups: [...groups].sort((a, b) => b.members.length - a.members.length), width, height };
}
