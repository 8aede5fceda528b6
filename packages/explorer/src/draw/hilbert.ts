/**
 * Frames of a node lie along a Hilbert curve: 4^k frames in a row are a square, so that a cell of any even level of detail is a square of the map, and neighbours stay neighbours as one zooms.
 */

/** Tiles have this many cells along an edge, or fewer where the whole map has; their cells are in a row in memory. */
export const TILE_EDGE = 256;

const tables = new Map<string, Uint16Array>();

/** A tile's place in the map of a square, in cells, and the place of every one of its cells in it, as y * size + x. */
export interface Tile { readonly x: number; readonly y: number; readonly size: number; readonly places: Uint16Array }

/** @param edge cells along the edge of the square @param index which of its tiles, in the order of the curve */
export function tileOf(edge: number, index: number): Tile {
  const size = Math.min(edge, TILE_EDGE);
  const cells = size * size;
  const [first, last] = [pointOn(edge, index * cells), pointOn(edge, (index + 1) * cells - 1)];
  const [x, y] = [Math.floor(first.x / size) * size, Math.floor(first.y / size) * size];
  return { x, y, size, places: placesIn(size, first.x - x, first.y - y, last.x - x, last.y - y) };
}

/** The curve in a square, from one corner of it to the next: one of eight. */
function placesIn(size: number, fromX: number, fromY: number, toX: number, toY: number): Uint16Array {
  const key = `${size} ${fromX},${fromY} ${toX},${toY}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const isAcross = fromY === toY;
  const places = new Uint16Array(size * size);
  for (let i = 0; i < places.length; i++) {
    const { x: along, y: inward } = pointOn(size, i);
    const [x, y] = isAcross ? [along, inward] : [inward, along];
    places[i] = (fromY === 0 ? y : size - 1 - y) * size + (fromX === 0 ? x : size - 1 - x);
  }
  tables.set(key, places);
  return places;
}

/** Shape of a node's map at level 0: `squares` squares of `edge` frames beside each other. */
export interface MapShape { readonly edge: number; readonly squares: number }

/** Shape for the largest node of a machine; all nodes are drawn to one scale. */
export function mapShape(frames: number): MapShape {
  let edge = 1;
  while (edge * edge * 4 <= frames) edge *= 2;
  return { edge, squares: Math.ceil(frames / (edge * edge)) };
}

/** Where frame `index` of a node (from 0 on) lies, in frames from the left upper corner. */
export function placeOf({ edge }: MapShape, index: number): { readonly x: number; readonly y: number } {
  const square = Math.floor(index / (edge * edge));
  const place = pointOn(edge, index % (edge * edge));
  return { x: square * edge + place.x, y: place.y };
}

/** The frame at a place, or -1 outside the map; the node may still be smaller. */
export function indexAt({ edge, squares }: MapShape, x: number, y: number): number {
  if (x < 0 || y < 0 || y >= edge || x >= edge * squares) return -1;
  const square = Math.floor(x / edge);
  return square * edge * edge + indexOn(edge, Math.floor(x) % edge, Math.floor(y));
}

function pointOn(edge: number, index: number): { x: number; y: number } {
  let x = 0;
  let y = 0;
  let rest = index;
  for (let size = 1; size < edge; size *= 2) {
    const right = Math.floor(rest / 2) % 2;
    const up = (rest % 2) ^ right;
    if (up === 0) {
      if (right === 1) [x, y] = [size - 1 - x, size - 1 - y];
      [x, y] = [y, x];
    }
    x += size * right;
    y += size * up;
    rest = Math.floor(rest / 4);
  }
  return { x, y };
}

function indexOn(edge: number, atX: number, atY: number): number {
  let [x, y, index] = [atX, atY, 0];
  for (let size = edge / 2; size >= 1; size /= 2) {
    const right = (x & size) > 0 ? 1 : 0;
    const up = (y & size) > 0 ? 1 : 0;
    index += size * size * ((3 * right) ^ up);
    if (up === 0) {
      if (right === 1) [x, y] = [edge - 1 - x, edge - 1 - y];
      [x, y] = [y, x];
    }
  }
  return index;
}
