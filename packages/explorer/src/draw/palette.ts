/**
 * Colours of the classes that frames are shown in. Those of kinds and states come from the palettes of Okabe and Ito and of Paul Tol, which people of all colour visions tell apart;
 * test/draw/palette.test.ts looks at them through such eyes.
 */
import { CLASS_FREE, CLASS_RESERVED, type Dimension } from '../protocol.js';

export type Theme = 'dark' | 'light';
/** `#rrggbb` */
export type Colour = string;

/** Free and reserved frames, the same in every dimension. */
const BASE: Readonly<Record<Theme, readonly [free: Colour, reserved: Colour]>> = { dark: ['#16202c', '#52606d'], light: ['#eef2f6', '#98a4b0'] };

/** By class number from 2 on: anonymous, text, data file, library, shared memory, swap cache, page cache, metadata, captured. */
const KIND_COLOURS: Readonly<Record<Theme, readonly Colour[]>> = {
  dark: ['#e69f00', '#56b4e9', '#2f6fd0', '#99ddff', '#cc79a7', '#d0480e', '#009e73', '#f0e442', '#ffffff'],
  light: ['#d99400', '#41a4e0', '#0b4fa8', '#0f7c7b', '#c54c9e', '#bc3700', '#039c66', '#a48104', '#111111'],
};

/** By class number from 2 on: inactive, active, waiting for LRU, off LRU, dirty, writeback, locked, captured. */
const STATE_COLOURS: Readonly<Record<Theme, readonly Colour[]>> = {
  dark: ['#2f6fd0', '#e69f00', '#99ddff', '#cc79a7', '#d0480e', '#f0e442', '#009e73', '#ffffff'],
  light: ['#41a4e0', '#d99400', '#0b4fa8', '#c54c9e', '#bc3700', '#a48104', '#039c66', '#111111'],
};

/** For owners, which are many: they come round. */
const OWNER_COLOURS: Readonly<Record<Theme, readonly Colour[]>> = {
  dark: ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#2f6fd0', '#d0480e', '#cc79a7', '#99ddff', '#bbcc33', '#aa4499', '#ddcc77', '#ffffff'],
  light: ['#d99400', '#41a4e0', '#039c66', '#a48104', '#0b4fa8', '#bc3700', '#c54c9e', '#0f7c7b', '#5f7d00', '#882255', '#7a5c00', '#111111'],
};

/** For many nodes, which are near or far: from blue over grey to yellow, lighter all the way (cividis). */
const RAMP = ['#00306f', '#1f4b8e', '#575d6d', '#757575', '#958f78', '#b8ab70', '#dcc85d', '#fee838'] as const;
const RAMP_START: Readonly<Record<Theme, number>> = { dark: 0.12, light: 0 };
const RAMP_END: Readonly<Record<Theme, number>> = { dark: 1, light: 0.85 };

export type Rgb = readonly [number, number, number];
export const rgb = (colour: Colour): Rgb => [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;
const hex = (channels: Rgb): Colour => `#${channels.map(channel => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
const mixed = (from: Rgb, to: Rgb, share: number): Rgb => [0, 1, 2].map(i => from[i]! + (to[i]! - from[i]!) * share) as unknown as Rgb;

function onRamp(share: number, theme: Theme): Colour {
  const at = (RAMP_START[theme] + share * (RAMP_END[theme] - RAMP_START[theme])) * (RAMP.length - 1);
  const below = Math.min(Math.floor(at), RAMP.length - 2);
  return hex(mixed(rgb(RAMP[below]!), rgb(RAMP[below + 1]!), at - below));
}

/** Colours by class number, `count` of them. */
export function colours(dimension: Dimension, count: number, theme: Theme): readonly Colour[] {
  const others = Math.max(count - 2, 0);
  const pick = (from: readonly Colour[]): Colour[] => Array.from({ length: others }, (_, i) => from[i % from.length]!);
  switch (dimension) {
    case 'kind': return [...BASE[theme], ...pick(KIND_COLOURS[theme])];
    case 'state': return [...BASE[theme], ...pick(STATE_COLOURS[theme])];
    case 'owner': return [...BASE[theme], ...pick(OWNER_COLOURS[theme])];
    // a few nodes are told apart, many are put in a row
    case 'origin': return others <= OWNER_COLOURS[theme].length ? [...BASE[theme], ...pick(OWNER_COLOURS[theme])] : [...BASE[theme], ...Array.from({ length: others }, (_, i) => onRamp(i / (others - 1), theme))];
  }
}

/** Shades from little used to full. */
const SHADES = 16;
/** A cell of which anything at all is in use shows at least so much of its colour. */
const LEAST_SHARE = 0.35;
/** What an unknown class is painted in: a picture that is older than its legend. */
const CLASSES = 256;

/** Pixels (ImageData's byte order, little-endian) by class and use. */
export type LookUp = Uint32Array;

export function lookUpOf(byClass: readonly Colour[]): LookUp {
  const table = new Uint32Array(CLASSES * SHADES);
  const free = rgb(byClass[CLASS_FREE]!);
  for (let cls = 0; cls < CLASSES; cls++) {
    const full = rgb(byClass[cls] ?? byClass[CLASS_RESERVED]!);
    for (let shade = 0; shade < SHADES; shade++) {
      const [r, g, b] = mixed(free, full, LEAST_SHARE + (1 - LEAST_SHARE) * (shade / (SHADES - 1)));
      table[cls * SHADES + shade] = ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
    }
  }
  return table;
}

/**
 * Paints cells.
 *
 * @param pixels of a square, a pixel a cell
 * @param places where each cell lies in it (hilbert.ts)
 */
export function paintCells(pixels: Uint32Array, places: Uint16Array, classes: Uint8Array, used: Uint8Array, table: LookUp): void {
  for (let i = 0; i < classes.length; i++) pixels[places[i]!] = table[classes[i]! * SHADES + (used[i]! >> 4)]!;
}
