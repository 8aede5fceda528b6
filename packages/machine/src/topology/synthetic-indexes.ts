/**
 * `indexes=` of a synthetic description: which number the operating system gives to each object of a level
 * (hwloc_synthetic_process_indexes() in hwloc/topology-synthetic.c). A list (`0,2,1,3`), or how the numbers interleave, as loops of step
 * and number (`4*2:1*4`) or by the levels above (`node:core`).
 */
import { show } from './error.js';

/** What loops by the name of a level need to know of the level; undefined when there is no such level above. */
export type WidthOf = (type: string) => { readonly depth: number; readonly width: number } | undefined;

export type Indexes = { readonly numbers: readonly number[] } | { readonly found: string; readonly expected: string };

interface Loop { readonly step: number; readonly nb: number }

/** @param total objects of the level */
export function parseIndexes(text: string, total: number, widthOf: WidthOf): Indexes {
  if (/^[\d,]*$/.test(text)) return fromList(text, total);
  const loops = /^\d/.test(text) ? numericLoops(text) : namedLoops(text, total, widthOf);
  if ('found' in loops) return loops;
  return interleave(text, loops, total);
}

function fromList(text: string, total: number): Indexes {
  const numbers = text.split(',').map((word) => (/^\d{1,9}$/.test(word) ? Number(word) : Number.NaN));
  if (numbers.length !== total || numbers.some(Number.isNaN)) return { found: show(text), expected: `${total} numbers with commas between` };
  if (new Set(numbers).size !== total) return { found: show(text), expected: 'each number once' };
  return { numbers };
}

function numericLoops(text: string): Loop[] | { found: string; expected: string } {
  const loops: Loop[] = [];
  for (const part of text.split(':')) {
    const match = /^(\d{1,9})\*(\d{1,9})$/.exec(part);
    const [step, nb] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || step === 0 || nb === 0) return { found: show(part), expected: 'a loop such as 4*2, step times number' };
    loops.push({ step, nb });
  }
  return loops;
}

/** The step of a level is the number of our objects below one of its own, its number how many it has within the next level named above it. */
function namedLoops(text: string, total: number, widthOf: WidthOf): Loop[] | { found: string; expected: string } {
  const levels: { depth: number; width: number }[] = [];
  for (const part of text.split(':')) {
    const level = widthOf(part);
    if (level === undefined) return { found: show(part), expected: 'the type of a level above this one' };
    if (levels.some(({ depth }) => depth === level.depth)) return { found: `${show(part)} twice`, expected: 'each level once' };
    levels.push(level);
  }
  return levels.map(({ depth, width }) => {
    const above = levels.filter((other) => other.depth < depth).reduce((nearest, other) => Math.max(nearest, other.width), 1);
    return { step: total / width, nb: width / above };
  });
}

function interleave(text: string, loops: readonly Loop[], total: number): Indexes {
  const expected = `loops that number ${total} objects`;
  const product = loops.reduce((sum, { nb }) => sum * nb, 1);
  const all = [...loops];
  if (product !== total) {
    // the innermost loop may be left out
    if (Math.min(total, ...loops.map(({ step }) => step)) !== total / product) return { found: show(text), expected };
    all.push({ step: 1, nb: total / product });
  }
  const numbers = Array<number>(total).fill(0);
  let factor = 1;
  for (const { step, nb } of all) {
    for (let at = 0; at < total; at++) numbers[at] = (numbers[at] ?? 0) + (Math.floor(at / step) % nb) * factor;
    factor *= nb;
  }
  const valid = new Set(numbers).size === total && numbers.every((number) => number < total);
  return valid ? { numbers } : { found: show(text), expected };
}
