/** Arguments of system calls, mostly good ones. */
import type { Draw } from './draw.js';
import { MOST_PAGES, type Arg, type Call } from './program.js';
import { AREAS, DISKS, PATHS, TASKS } from './stand.js';

/** What has been drawn of a program so far. */
export interface Drawn { readonly draw: Draw; readonly calls: readonly Call[] }
export type DrawArg = (drawn: Drawn) => Arg;

/** Numbers at which something changes for somebody. */
const ODD = [0, 1, -1, 2, 7, 16, 255, 256, 4095, 4097, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 61, 2 ** 63, 2 ** 64 - 2 ** 12] as const;
/** None that can be mapped and then takes for ever to lock. */
const ODD_LENGTHS = [0, 1, -1, 4095, 4097, 65_536, 2 ** 61, 2 ** 63, 2 ** 64 - 2 ** 12] as const;
const ONCE_ODD = 20;

export const odd: DrawArg = ({ draw }) => draw.of(ODD);
/** One of the values; rarely any number. */
export const oneOf = (...values: readonly Arg[]): DrawArg => drawn => (drawn.draw.once(ONCE_ODD) ? odd(drawn) : drawn.draw.of(values));
/** Only these: what is not told apart by the kernel, or cannot be said otherwise. */
export const only = (...values: readonly Arg[]): DrawArg => ({ draw }) => draw.of(values);
export const number = (low: number, high: number): DrawArg => drawn => (drawn.draw.once(ONCE_ODD) ? odd(drawn) : drawn.draw.between(low, high));

/** What a recent call of one of these names will return; 0 when there is none. */
function resultOf(names: readonly string[], { draw, calls }: Drawn): Arg {
  const candidates = calls.filter(call => names.includes(call.name)).slice(-4);
  return candidates.length === 0 ? 0 : { result: draw.of(candidates).id, page: 0 };
}
/** An address: of the stand's areas, of what was mapped since, a byte beside it, anything. */
export const address: DrawArg = drawn => {
  const { draw } = drawn;
  if (draw.once(16)) return odd(drawn);
  if (draw.once(3)) {
    const mapped = resultOf(['mmap', 'shmat', 'brk'], drawn);
    if (typeof mapped === 'object') return { ...mapped, page: draw.once(3) ? draw.below(8) : 0 };
  }
  return { area: draw.below(AREAS), page: draw.once(2) ? draw.below(9) : 0, plus: draw.once(24) ? draw.between(1, 4095) : 0 };
};
/** Where to map: the kernel chooses, mostly. */
export const place: DrawArg = drawn => (drawn.draw.once(5) ? address(drawn) : 0);
/** Of bytes, in pages mostly. */
export const length: DrawArg = ({ draw }) => (draw.once(24) ? draw.of(ODD_LENGTHS) : { page: draw.between(1, 8), plus: draw.once(12) ? 1 : 0 });
/** Lengths that the kernel goes over byte by byte, page by page: none that takes for ever. */
export const amount: DrawArg = ({ draw }) => (draw.once(10) ? draw.of([0, 1, -1]) : { page: draw.below(6), plus: draw.once(4) ? 100 : 0 });
export const pages: DrawArg = ({ draw }) => (draw.once(10) ? draw.between(16, MOST_PAGES) : draw.between(1, 6));
export const fd: DrawArg = drawn => (drawn.draw.once(4) ? drawn.draw.between(-1, 4) : resultOf(['open'], drawn));
export const pid: DrawArg = drawn => {
  const { draw } = drawn;
  if (draw.once(10)) return draw.of([0, -1, 1, 2, 99_999]);
  if (draw.once(6)) return resultOf(['fork', 'clone'], drawn);
  return { pid: draw.below(TASKS) };
};
export const segment: DrawArg = drawn => (drawn.draw.once(3) ? resultOf(['shmget'], drawn) : { area: AREAS, page: 0, plus: 0 });
export const path: DrawArg = ({ draw }) => ({ path: draw.of(PATHS) });
export const disk: DrawArg = ({ draw }) => ({ disk: draw.of(DISKS) });

const NODES = [0, 1, 2] as const;
const someNodes = ({ draw }: Drawn): number[] => NODES.filter(() => draw.once(2));
export const mask: DrawArg = drawn => (drawn.draw.once(12) ? drawn.draw.of(['null', 'bad'] as const) : { mask: drawn.draw.once(20) ? [...someNodes(drawn), 200] : someNodes(drawn) });
/** For migrate_pages(): node ids, a good many of them such as make sense together. */
export const nodes = (which: 'old' | 'new'): DrawArg => drawn => {
  const { draw } = drawn;
  if (draw.once(24)) return draw.of(['null', 'bad'] as const);
  const first = draw.below(NODES.length);
  if (draw.once(10)) return { u32: [first, draw.of([0, 1, 2, 3, 255, 256, 2 ** 31, 2 ** 32 - 1])] };
  return { u32: which === 'old' ? [first, draw.below(NODES.length)] : [draw.below(NODES.length), draw.below(NODES.length)] };
};
export const flags = (...bits: readonly number[]): DrawArg => drawn =>
  (drawn.draw.once(ONCE_ODD) ? odd(drawn) : bits.reduce((all, bit) => (drawn.draw.once(3) ? all | bit : all), drawn.draw.of(bits)));
