import { describe, expect, it } from 'vitest';
import { indexAt, mapShape, placeOf, tileOf, TILE_EDGE } from '../../src/draw/hilbert.js';

describe('the map of a node', () => {
  it('has room for all frames and little more', () => {
    for (const frames of [1, 3, 1000, 504_832, 2 ** 20, 33_000_000]) {
      const { edge, squares } = mapShape(frames);
      expect(edge * edge * squares).toBeGreaterThanOrEqual(frames);
      expect(squares).toBeLessThanOrEqual(4);
      expect(edge * edge * (squares - 1)).toBeLessThan(frames);
    }
  });

  it('gives every frame a place, and finds it there', () => {
    const shape = mapShape(504_832);
    for (let index = 0; index < 504_832; index += 997) {
      const { x, y } = placeOf(shape, index);
      expect(indexAt(shape, x + 0.5, y + 0.5)).toBe(index);
    }
    expect(indexAt(shape, -1, 0)).toBe(-1);
    expect(indexAt(shape, 0, shape.edge)).toBe(-1);
  });

  it('draws four frames in a row as the square that their cell is two levels of detail up', () => {
    const [fine, coarse] = [{ edge: 512, squares: 1 }, { edge: 256, squares: 1 }];
    for (let cell = 0; cell < 65_536; cell += 611) {
      const { x, y } = placeOf(coarse, cell);
      const parts = [0, 1, 2, 3].map(k => placeOf(fine, 4 * cell + k)).map(at => [at.x >> 1, at.y >> 1]);
      expect(parts).toEqual(Array<number[]>(4).fill([x, y]));
    }
  });

  it('is put together from tiles', () => {
    for (const edge of [1, 16, 256, 1024]) {
      const cells = Math.min(edge, TILE_EDGE) ** 2;
      for (let tile = 0; tile * cells < edge * edge; tile++) {
        const { x, y, size, places } = tileOf(edge, tile);
        for (let i = 0; i < cells; i += 4001) {
          expect({ x: x + (places[i]! % size), y: y + Math.floor(places[i]! / size) }).toEqual(placeOf({ edge, squares: 1 }, tile * cells + i));
        }
      }
    }
  });
});
