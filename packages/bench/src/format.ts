/** Figures in words. */
import type { Figure } from './record.js';
import type { Goal, Subject } from './subject.js';

const significant = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** 3.21 M, 12.3 k, 95. */
export const amount = (value: number): string => (value >= 1e6 ? `${significant(value / 1e6)} M` : value >= 1e4 ? `${significant(value / 1e3)} k` : significant(value));

/** From ns: 1.23 s, 45.0 ms, 12.0 µs, 95.0 ns. */
export function duration(ns: number): string {
  if (ns >= 1e9) return `${significant(ns / 1e9)} s`;
  if (ns >= 1e6) return `${significant(ns / 1e6)} ms`;
  return ns >= 1e3 ? `${significant(ns / 1e3)} µs` : `${significant(ns)} ns`;
}

export const bytesText = (bytes: number): string => (bytes >= 2 ** 30 ? `${significant(bytes / 2 ** 30)} GB` : `${significant(bytes / 2 ** 20)} MB`);
export const plural = (unit: string): string => unit.replace(/^(\w+)/, word => (/(s|ss|x|ch)$/.test(word) ? `${word}es` : `${word}s`));
export const percentText = (percent: number): string => `${significant(percent)} %`;

/** A time of `time.median` and the like as the subject shows it: units a second, or the time of an operation. */
const shownAs = (subject: Subject, { units }: Figure, ns: number): string => (subject.shown === 'rate' ? `${amount(1e9 / ns)}/s` : duration(ns * units));

export const valueText = (subject: Subject, figure: Figure): string => shownAs(subject, figure, figure.time.median);
/** The range of the samples, the smaller number first; empty for a single one. */
export function spreadText(subject: Subject, figure: Figure): string {
  if (figure.samples === 1) return '';
  const [first, last] = subject.shown === 'rate' ? [figure.time.max, figure.time.min] : [figure.time.min, figure.time.max];
  return `${shownAs(subject, figure, first)} – ${shownAs(subject, figure, last)}`;
}
export const rooflineText = (subject: Subject, figure: Figure): string => (figure.roofline === undefined ? '' : shownAs(subject, figure, figure.roofline.median));

/** What a goal is about, of a figure; undefined when that was not measured. */
function measured({ of }: Goal, figure: Figure): number | undefined {
  switch (of) {
    case 'rate': return 1e9 / figure.time.median;
    case 'ms': return (figure.time.median * figure.units) / 1e6;
    case 'percent': return figure.percent?.median;
    case 'bytes': return figure.bytes?.resident;
    case 'rss': return figure.rss;
  }
}
const atLeast = ({ of }: Goal): boolean => of === 'rate' || of === 'percent';

export function isMet(goal: Goal, figure: Figure): boolean {
  const value = measured(goal, figure);
  return value !== undefined && (atLeast(goal) ? value >= goal.limit : value <= goal.limit);
}

export function goalText(subject: Subject, { of, limit }: Goal): string {
  switch (of) {
    case 'rate': return `≥ ${amount(limit).replace('.00', '').replace(/(\.\d)0 /, '$1 ')} ${plural(subject.unit)}/s`;
    case 'ms': return limit >= 1000 ? `≤ ${limit / 1000} s` : `≤ ${limit} ms`;
    case 'percent': return `≥ ${limit} % of the roofline`;
    case 'bytes': return `≤ ${limit} bytes a frame`;
    case 'rss': return `≤ ${limit / 2 ** 30} GB`;
  }
}
/** What else a figure says: memory, where a goal asks for it or it was measured. */
export function memoryText(subject: Subject, figure: Figure): string {
  if (figure.bytes !== undefined) return `${significant(figure.bytes.resident)} bytes a frame resident, ${significant(figure.bytes.reserved)} reserved`;
  return subject.goals?.some(({ of }) => of === 'rss') === true ? `${bytesText(figure.rss)} resident` : '';
}
