/**
 * The machine on a canvas: its nodes as bricks, each a map of its frames. Panning and zooming draw what is here already, a picture a node or a few; finer or newer pictures come as they arrive.
 */
import { mapShape, indexAt, placeOf, type MapShape } from '../hilbert.js';
import { layOut, type Box, type Layout } from '../layout.js';
import { lookUpOf, type Colour } from '../palette.js';
import { paintScene, type Ink, type Scene, type SceneNode } from './scene.js';
import { Tiles, type CellSource } from './tiles.js';

export interface ShownNode { readonly id: number; readonly firstPfn: number; readonly frames: number }
export interface ShownMachine { readonly nodes: readonly ShownNode[]; readonly distances: readonly (readonly number[])[] }

/** What is marked on the map. */
export interface Marks {
  /** Nodes with a frame around them, by id. */
  readonly nodes: ReadonlySet<number>;
  /** Frames with a ring around them. */
  readonly pfns: readonly number[];
  /** The node from which distances are written on the others. */
  readonly distancesFrom: number | null;
}

export interface Place { readonly node: number; readonly pfn: number | null }

/** Screen = world * scale + offset; in CSS pixels, world in heights of a node. */
interface Camera { readonly scale: number; readonly x: number; readonly y: number }

const MARGIN = 14;
/** Pixels for a frame at the most. */
const LARGEST_FRAME = 40;
/** A node of 2^FEW cells along an edge is one small picture. */
const FEW = 6;
/** A machine that runs is drawn anew so often, in ms between, and never before what was asked for has come. */
const BREATH = 150;
/** Radius of a ring, in CSS pixels. */
const RING = 9;

export class MachineView {
  readonly #canvas: HTMLCanvasElement;
  readonly #tiles: Tiles;
  #machine: ShownMachine = { nodes: [], distances: [] };
  #layout: Layout = { nodes: [], groups: [], width: 1, height: 1 };
  #shape: MapShape = { edge: 1, squares: 1 };
  #camera: Camera = { scale: 1, x: 0, y: 0 };
  #marks: Marks = { nodes: new Set(), pfns: [], distancesFrom: null };
  #ink: Ink = { paper: '#000000', line: '#444444', text: '#ffffff', accent: '#ffffff' };
  #isFitted = true;
  /** Of the machine as it is, and as it is being drawn. */
  #generation = 0;
  #shown = 0;
  #isCatchingUp = false;
  #asked = 0;

  constructor(canvas: HTMLCanvasElement, source: CellSource) {
    this.#canvas = canvas;
    this.#tiles = new Tiles(source, () => {
      this.redraw();
      this.#catchUpOnceSettled();
    });
  }

  show(machine: ShownMachine): void {
    this.#machine = machine;
    this.#shape = mapShape(Math.max(...machine.nodes.map(({ frames }) => frames)));
    this.#layout = layOut(machine.distances, this.#shape.squares);
    this.forgetPictures();
    this.fit();
  }

  /** What the maps show has another meaning now. */
  forgetPictures(): void {
    this.#tiles.reset(this.#shape, this.#machine.nodes.map(({ frames }) => frames));
    this.redraw();
  }

  /** The machine has changed. */
  outdate(generation: number): void {
    this.#generation = generation;
    this.#catchUp();
  }

  #catchUp(): void {
    if (this.#isCatchingUp || this.#generation === this.#shown) return;
    this.#isCatchingUp = true;
    this.#shown = this.#generation;
    this.#tiles.outdate(this.#generation);
    this.redraw();
    setTimeout(() => {
      this.#isCatchingUp = false;
      this.#catchUpOnceSettled();
    }, BREATH);
  }

  #catchUpOnceSettled(): void {
    if (this.isSettled) this.#catchUp();
  }

  colour(byClass: readonly Colour[], ink: Ink): void {
    this.#ink = ink;
    this.#tiles.recolour(lookUpOf(byClass));
    this.redraw();
  }

  mark(marks: Marks): void {
    this.#marks = marks;
    this.redraw();
  }

  /** All that is to be seen has been drawn from pictures of the machine as it is. */
  get isSettled(): boolean { return this.#tiles.pending === 0; }

  /* ---- where one looks ---- */

  get size(): { width: number; height: number } { return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight }; }

  resize(): void {
    const { width, height } = this.size;
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.max(1, Math.round(width * ratio));
    this.#canvas.height = Math.max(1, Math.round(height * ratio));
    if (this.#isFitted) this.fit();
    this.redraw();
  }

  fit(): void {
    this.#look(0, 0, this.#layout.width, this.#layout.height);
    this.#isFitted = true;
  }

  fitNode(id: number): void {
    const box = this.#layout.nodes[this.#machine.nodes.findIndex(node => node.id === id)];
    if (box !== undefined) this.#look(box.x, box.y, box.width, box.height);
  }

  #look(x: number, y: number, width: number, height: number): void {
    const { width: across, height: down } = this.size;
    const scale = Math.max(1, Math.min((across - 2 * MARGIN) / width, (down - 2 * MARGIN) / height));
    this.#camera = { scale, x: across / 2 - (x + width / 2) * scale, y: down / 2 - (y + height / 2) * scale };
    this.#isFitted = false;
    this.redraw();
  }

  panBy(dx: number, dy: number): void {
    this.#camera = { ...this.#camera, x: this.#camera.x + dx, y: this.#camera.y + dy };
    this.#isFitted = false;
    this.redraw();
  }

  /** @param x @param y the point of the screen that stays where it is */
  zoomBy(factor: number, x = this.size.width / 2, y = this.size.height / 2): void {
    const { scale: before } = this.#camera;
    const scale = Math.min(Math.max(before * factor, 4), LARGEST_FRAME * this.#shape.edge);
    this.#camera = { scale, x: x - ((x - this.#camera.x) * scale) / before, y: y - ((y - this.#camera.y) * scale) / before };
    this.#isFitted = false;
    this.redraw();
  }

  /** What lies at a point of the screen. */
  at(x: number, y: number): Place | null {
    const { scale, x: left, y: top } = this.#camera;
    const [wx, wy] = [(x - left) / scale, (y - top) / scale];
    const position = this.#layout.nodes.findIndex(box => wx >= box.x && wy >= box.y && wx < box.x + box.width && wy < box.y + box.height);
    if (position < 0) return null;
    const [box, node] = [this.#layout.nodes[position]!, this.#machine.nodes[position]!];
    const index = indexAt(this.#shape, (wx - box.x) * this.#shape.edge, (wy - box.y) * this.#shape.edge);
    return { node: node.id, pfn: index >= 0 && index < node.frames ? node.firstPfn + index : null };
  }

  /** Middle of a frame on the screen; null when it is not of this machine. */
  pointOf(pfn: number): { readonly x: number; readonly y: number } | null {
    const position = this.#machine.nodes.findIndex(({ firstPfn, frames }) => pfn >= firstPfn && pfn < firstPfn + frames);
    if (position < 0) return null;
    const [box, node] = [this.#layout.nodes[position]!, this.#machine.nodes[position]!];
    const place = placeOf(this.#shape, pfn - node.firstPfn);
    const { scale, x, y } = this.#camera;
    const frame = scale / this.#shape.edge;
    return { x: x + box.x * scale + (place.x + 0.5) * frame, y: y + box.y * scale + (place.y + 0.5) * frame };
  }

  /* ---- drawing ---- */

  redraw(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      const context = this.#canvas.getContext('2d', { alpha: false });
      if (context !== null) paintScene(context, this.scene(), this.#ink, window.devicePixelRatio);
    });
  }

  /** What is to be seen now, in CSS pixels; pictures that are not here yet are asked for. */
  scene(): Scene {
    const { scale, x, y } = this.#camera;
    const onScreen = (box: Box, pad = 0): Box => ({ x: x + box.x * scale - pad, y: y + box.y * scale - pad, width: box.width * scale + 2 * pad, height: box.height * scale + 2 * pad });
    const { width, height } = this.size;
    const isSeen = (box: Box): boolean => box.x < width && box.y < height && box.x + box.width > 0 && box.y + box.height > 0;
    return {
      width, height,
      groups: this.#layout.groups.map(({ box, members }) => onScreen(box, (members.length > 4 ? 0.1 : 0.045) * scale)).filter(isSeen),
      nodes: this.#machine.nodes.map((node, position) => ({ node, position, box: onScreen(this.#layout.nodes[position]!) })).filter(({ box }) => isSeen(box))
        .map(({ node, position, box }) => this.#nodeScene(node, position, box, isSeen)),
      rings: this.#marks.pfns.map(pfn => this.pointOf(pfn)).filter(point => point !== null),
      ringRadius: RING,
      frame: scale / this.#shape.edge,
    };
  }

  #nodeScene({ id, frames }: ShownNode, position: number, box: Box, isSeen: (box: Box) => boolean): SceneNode {
    const frame = this.#camera.scale / this.#shape.edge;
    const onScreen = (px: number, py: number, size: number): Box => ({ x: box.x + px * frame, y: box.y + py * frame, width: size * frame, height: size * frame });
    const coarsest = Math.log2(this.#shape.edge);
    const wanted = Math.min(coarsest, Math.max(0, Math.ceil(-Math.log2(frame * window.devicePixelRatio) - 0.2)));
    // under fine pieces, which are many, lies what is surely here soon: a few cells for the whole node
    const zooms = coarsest - wanted <= FEW ? [wanted] : [coarsest - FEW, wanted];
    const pieces = zooms.flatMap(zoom => this.#tiles.of(position, id, zoom, (px, py, size) => isSeen(onScreen(px, py, size)))).map(({ x, y, size, picture }) => ({ box: onScreen(x, y, size), picture }));
    const from = this.#machine.nodes.findIndex(node => node.id === this.#marks.distancesFrom);
    const across = Math.min(box.width, Math.ceil(frames / this.#shape.edge ** 2) * box.height);
    return { id, box: { ...box, width: across }, pieces, label: from < 0 ? String(id) : `${id}  ↔ ${this.#machine.distances[from]![position]!}`, isMarked: this.#marks.nodes.has(id) };
  }
}
