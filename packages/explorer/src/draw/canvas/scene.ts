/** What is to be seen of a machine, as shapes and pictures in CSS pixels; painted on a canvas, or written down as SVG. */
import type { Box } from '../layout.js';
import type { Colour } from '../palette.js';

export interface SceneNode {
  readonly id: number;
  readonly box: Box;
  /** The coarser first. */
  readonly pieces: readonly { readonly box: Box; readonly picture: HTMLCanvasElement }[];
  readonly label: string;
  readonly isMarked: boolean;
}
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly Box[];
  readonly nodes: readonly SceneNode[];
  readonly rings: readonly { readonly x: number; readonly y: number }[];
  readonly ringRadius: number;
  /** A frame's edge: where it is large enough, a frame has its own outline for a ring. */
  readonly frame: number;
}

/** Colours of what is not a frame. */
export interface Ink { readonly paper: Colour; readonly line: Colour; readonly text: Colour; readonly accent: Colour }

/** Frames smaller than this are ringed. */
const OUTLINED = 6;
/** A node lower than this has no label. */
const LABEL_LEAST = 18;
const labelSize = ({ height }: Box): number => Math.min(16, Math.max(9, height / 5));
const MARKED = 2.5;

export function paintScene(context: CanvasRenderingContext2D, { width, height, groups, nodes, rings, ringRadius, frame }: Scene, ink: Ink, ratio: number): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  for (const box of groups) context.strokeRect(box.x, box.y, box.width, box.height);
  for (const { box, pieces, label, isMarked } of nodes) {
    for (const { box: at, picture } of pieces) context.drawImage(picture, at.x, at.y, at.width, at.height);
    context.lineWidth = isMarked ? MARKED : 1;
    context.strokeStyle = isMarked ? ink.accent : ink.line;
    context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
    paintLabel(context, label, box, ink);
  }
  for (const { x, y } of rings) {
    for (const [radius, colour] of [[ringRadius + 2, ink.paper], [ringRadius, ink.accent]] as const) {
      context.beginPath();
      if (frame >= OUTLINED) context.rect(x - frame / 2, y - frame / 2, frame, frame);
      else context.arc(x, y, radius, 0, 2 * Math.PI);
      context.lineWidth = MARKED;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
}

function paintLabel(context: CanvasRenderingContext2D, text: string, box: Box, ink: Ink): void {
  if (box.height < LABEL_LEAST) return;
  const size = labelSize(box);
  context.font = `600 ${size}px system-ui, sans-serif`;
  const width = context.measureText(text).width + 6;
  if (width > box.width) return;
  context.globalAlpha = 0.8;
  context.fillStyle = ink.paper;
  context.fillRect(box.x, box.y, width, size + 4);
  context.globalAlpha = 1;
  context.fillStyle = ink.text;
  context.textBaseline = 'top';
  context.fillText(text, box.x + 3, box.y + 2);
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const LEGEND_ROW = 18;

/** @param title what is to be seen @param legend classes that occur, by name */
export function sceneAsSvg({ width, height, groups, nodes, rings, ringRadius, frame }: Scene, ink: Ink, title: string, legend: readonly { readonly name: string; readonly colour: Colour }[]): string {
  const rect = ({ x, y, width: across, height: down }: Box, rest: string): string => `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${across.toFixed(1)}" height="${down.toFixed(1)}" ${rest}/>`;
  const below = height + LEGEND_ROW * legend.length + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${below}" width="${width}" height="${below}" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${below}" fill="${ink.paper}"/>`,
    ...groups.map(box => rect(box, `fill="none" stroke="${ink.line}"`)),
    ...nodes.flatMap(({ box, pieces, label, isMarked }) => [
      ...pieces.map(({ box: at, picture }) => `<image x="${at.x.toFixed(2)}" y="${at.y.toFixed(2)}" width="${at.width.toFixed(2)}" height="${at.height.toFixed(2)}" style="image-rendering:pixelated" href="${picture.toDataURL()}"/>`),
      rect(box, `fill="none" stroke="${isMarked ? ink.accent : ink.line}"`),
      ...(box.height < LABEL_LEAST ? [] : [`<text x="${(box.x + 3).toFixed(1)}" y="${(box.y + labelSize(box)).toFixed(1)}" font-size="${labelSize(box).toFixed(1)}" font-weight="600" fill="${ink.text}" stroke="${ink.paper}" stroke-width="3" paint-order="stroke">${escaped(label)}</text>`]),
    ]),
    ...rings.map(({ x, y }) => (frame >= OUTLINED ? rect({ x: x - frame / 2, y: y - frame / 2, width: frame, height: frame }, `fill="none" stroke="${ink.accent}" stroke-width="${MARKED}"`)
      : `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${ringRadius.toFixed(1)}" fill="none" stroke="${ink.accent}" stroke-width="${MARKED}"/>`)),
    ...legend.flatMap(({ name, colour }, i) => [
      `<rect x="14" y="${height + i * LEGEND_ROW}" width="12" height="12" fill="${colour}" stroke="${ink.line}"/>`,
      `<text x="32" y="${height + i * LEGEND_ROW + 11}" font-size="12" fill="${ink.text}">${escaped(name)}</text>`,
    ]),
    '</svg>\n',
  ].join('\n');
}
