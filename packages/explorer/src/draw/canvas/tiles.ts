/** Pictures of pieces of a node's map, by level of detail: asked for when they are looked at, kept until the machine has changed, and repainted when colours change. */
import { TILE_EDGE, tileOf, type MapShape } from '../hilbert.js';
import { paintCells, type LookUp } from '../palette.js';

/** Cells in a row of one node, as the engine counts them. */
export interface Cells { readonly classes: Uint8Array; readonly used: Uint8Array; readonly generation: number }
/** @param level a cell stands for 2^level frames @param from first cell */
export type CellSource = (node: number, level: number, from: number, count: number) => Promise<Cells>;

interface Picture { readonly canvas: HTMLCanvasElement; cells: Cells | null; generation: number; isAsked: boolean; usedAt: number }

/** Where a piece lies in the map of its node, in frames from its corner. */
export interface Piece { readonly x: number; readonly y: number; readonly size: number; readonly picture: HTMLCanvasElement }

/** As many as fill several screens. */
const KEPT = 600;

export class Tiles {
  readonly #source: CellSource;
  readonly #onArrival: () => void;
  readonly #pictures = new Map<string, Picture>();
  #shape: MapShape = { edge: 1, squares: 1 };
  #frames: readonly number[] = [];
  #table: LookUp = new Uint32Array(0);
  #generation = 0;
  #clock = 0;
  #pending = 0;

  constructor(source: CellSource, onArrival: () => void) {
    this.#source = source;
    this.#onArrival = onArrival;
  }

  /** Pictures that were asked for and have not come. */
  get pending(): number { return this.#pending; }

  /** Another machine, or another dimension of it: nothing of what is here is of use. @param frames by position of the node */
  reset(shape: MapShape, frames: readonly number[]): void {
    this.#shape = shape;
    this.#frames = frames;
    this.#pictures.clear();
  }

  /** The machine has changed: what is here is shown until what is asked for anew has come. */
  outdate(generation: number): void { this.#generation = generation; }

  recolour(table: LookUp): void {
    this.#table = table;
    for (const [key, picture] of this.#pictures) this.#paint(picture, tileOf(edgeIn(key), tileIn(key)).places);
  }

  /**
   * The pieces of a node's map at 2^zoom frames to a cell's edge, as far as they are here; the others are asked for.
   *
   * @param isSeen whether a piece lies where one looks
   */
  of(position: number, node: number, zoom: number, isSeen: (x: number, y: number, size: number) => boolean): Piece[] {
    const edge = this.#shape.edge >> zoom;
    const cells = Math.min(edge, TILE_EDGE) ** 2;
    const perSquare = (edge * edge) / cells;
    const total = Math.ceil(this.#frames[position]! / 4 ** zoom);
    const pieces: Piece[] = [];
    for (let index = 0; index * cells < total; index++) {
      const { x, y, size } = tileOf(edge, index % perSquare);
      const at = { x: (x << zoom) + Math.floor(index / perSquare) * this.#shape.edge, y: y << zoom, size: size << zoom };
      if (!isSeen(at.x, at.y, at.size)) continue;
      const picture = this.#picture(node, zoom, edge, index, perSquare, Math.min(cells, total - index * cells));
      if (picture.cells !== null) pieces.push({ ...at, picture: picture.canvas });
    }
    return pieces;
  }

  #picture(node: number, zoom: number, edge: number, index: number, perSquare: number, count: number): Picture {
    const key = `${node} ${zoom} ${index} ${edge} ${index % perSquare}`;
    const size = Math.min(edge, TILE_EDGE);
    const known = this.#pictures.get(key);
    const picture = known ?? { canvas: Object.assign(document.createElement('canvas'), { width: size, height: size }), cells: null, generation: -1, isAsked: false, usedAt: 0 };
    if (known === undefined) {
      this.#pictures.set(key, picture);
      this.#forget();
    }
    picture.usedAt = this.#clock++;
    if (picture.generation < this.#generation && !picture.isAsked) void this.#ask(picture, key, node, zoom, index * size * size, count);
    return picture;
  }

  async #ask(picture: Picture, key: string, node: number, zoom: number, from: number, count: number): Promise<void> {
    picture.isAsked = true;
    this.#pending++;
    const asked = this.#generation;
    try {
      picture.cells = await this.#source(node, 2 * zoom, from, count);
      // the machine may have gone on since: then it is asked for once more
      picture.generation = Math.max(asked, picture.cells.generation);
      if (this.#pictures.get(key) === picture) this.#paint(picture, tileOf(edgeIn(key), tileIn(key)).places);
    } catch {
      // a machine that is gone: the picture goes with it
      picture.generation = this.#generation;
    } finally {
      this.#pending--;
      picture.isAsked = false;
      this.#onArrival();
    }
  }

  #paint({ canvas, cells }: Picture, places: Uint16Array): void {
    const context = canvas.getContext('2d');
    if (cells === null || context === null) return;
    const image = context.createImageData(canvas.width, canvas.height);
    paintCells(new Uint32Array(image.data.buffer), places, cells.classes, cells.used, this.#table);
    context.putImageData(image, 0, 0);
  }

  /** Those that were looked at least recently go. */
  #forget(): void {
    if (this.#pictures.size <= KEPT) return;
    const byUse = [...this.#pictures].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key] of byUse.slice(0, this.#pictures.size - KEPT + KEPT / 10)) this.#pictures.delete(key);
  }
}

const edgeIn = (key: string): number => Number(key.split(' ')[3]);
const tileIn = (key: string): number => Number(key.split(' ')[4]);
