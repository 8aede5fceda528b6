/** How kinds of dependencies are drawn. Lines differ in pattern too, for who does not tell the colours apart. */
import type { Kind } from './words.js';

export interface LineStyle {
  readonly color: string;
  readonly line: 'solid' | 'dashed' | 'dotted';
  readonly meaning: string;
}

// colours of Okabe and Ito, which differ for the colour-blind as well
const STYLES = {
  symbol: { color: '#0072b2', line: 'solid', meaning: 'written over the same symbol' },
  use: { color: '#007a5e', line: 'dashed', meaning: 'uses what it brought' },
  build: { color: '#000000', line: 'dashed', meaning: 'does not build without it' },
  behaviour: { color: '#d55e00', line: 'solid', meaning: 'behaves otherwise without it' },
  file: { color: '#7f7f7f', line: 'dotted', meaning: 'the same file, no more' },
  stated: { color: '#7f7f7f', line: 'dashed', meaning: 'said to need it, and no more' },
} satisfies Readonly<Record<string, LineStyle>>;

/** What is drawn: a type that is used is a use. */
export type DrawnKind = keyof typeof STYLES;
export const drawnKinds = Object.keys(STYLES) as readonly DrawnKind[];
export const drawn = (kind: Kind): DrawnKind => (kind === 'type' ? 'use' : kind);
export const styleOf = (kind: Kind): LineStyle => STYLES[drawn(kind)];
