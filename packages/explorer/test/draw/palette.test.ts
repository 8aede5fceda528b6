/** Colours that look alike to somebody are no legend. */
import { describe, expect, it } from 'vitest';
import { colours, lookUpOf, paintCells, rgb, type Rgb, type Theme } from '../../src/draw/palette.js';
import { KINDS, STATES, type Dimension } from '../../src/protocol.js';

const linear = (channel: number): number => (channel <= 10.31475 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
const luminance = (colour: Rgb): number => 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
/** WCAG 2.1 */
const contrast = (a: Rgb, b: Rgb): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
const EYES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'all cones': [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  'no long cones': [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  'no middle cones': [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  'no short cones': [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** OKLab, of linear light. */
function lab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}
const seenBy = (eyes: string, colour: Rgb): Rgb => lab(EYES[eyes]!.map(row => Math.max(0, row.reduce((sum, weight, i) => sum + weight * linear(colour[i]!), 0))) as unknown as Rgb);
const apart = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const cases = (['dark', 'light'] as const).flatMap(theme => ([['kind', KINDS], ['state', STATES]] as const).map(([dimension, names]) => [theme, dimension, names] as const));

describe.each(cases)('%s, by %s', (theme: Theme, dimension: Dimension, names: readonly string[]) => {
  const palette = colours(dimension, names.length, theme).map(rgb);

  it.each(Object.keys(EYES))('tells classes apart: %s', eyes => {
    const alike = palette.flatMap((a, i) => palette.slice(i + 1).map((b, k) => [names[i]!, names[i + 1 + k]!, apart(seenBy(eyes, a), seenBy(eyes, b))] as const)).filter(([, , distance]) => distance < 0.05);
    expect(alike).toEqual([]);
  });

  it('shows every class on free memory', () => {
    const faint = palette.slice(2).map((colour, i) => [names[i + 2]!, contrast(colour, palette[0]!)] as const).filter(([, ratio]) => ratio < 2);
    expect(faint).toEqual([]);
  });
});

it('goes from node to node in small steps that all get lighter', () => {
  const lights = colours('origin', 66, 'dark').slice(2).map(colour => luminance(rgb(colour)));
  expect(lights).toEqual([...lights].sort((a, b) => a - b));
  expect(new Set(lights).size).toBe(64);
});

it('paints a cell in the colour of its class, fainter the less of it is in use', () => {
  const palette = colours('kind', KINDS.length, 'dark');
  const pixels = new Uint32Array(4);
  paintCells(pixels, Uint16Array.of(0, 1, 3, 2), Uint8Array.of(2, 2, 0, 2), Uint8Array.of(255, 1, 0, 128), lookUpOf(palette));
  const [full, faint, half, free] = [...pixels].map(pixel => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255] as const);
  expect(full).toEqual(rgb(palette[2]!));
  expect(free).toEqual(rgb(palette[0]!));
  expect([free![0], faint![0], half![0], full![0]]).toEqual([free![0], faint![0], half![0], full![0]].sort((a, b) => a - b));
});
