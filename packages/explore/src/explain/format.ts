/** An explanation as text. */
import { treeName } from '@pmkit/series/catalogue';
import type { CriticalPair, Explanation } from './explain.js';
import { laneLines } from './lanes.js';
import { wrap } from './wrap.js';
import type { PointOfNoReturn } from './decide.js';
import { stepText } from './words.js';

/** Lines of at most `width` columns for two or three actors; plain text. */
export function formatExplanation(explanation: Explanation, width = 110): string[] {
  const { race, tree, signature, ending, steps, preemptions, pointOfNoReturn, pair } = explanation;
  const marks = new Map<number, string>();
  if (pair !== null) {
    marks.set(pointOfNoReturn.step, 'X');
    if (pair.comesAt !== null) marks.set(pair.comesAt, 'Y');
  }
  const notes = pointOfNoReturn.step === 0 ? new Map<number, string>() : new Map([[pointOfNoReturn.step, `point of no return: from here on ${everyWay(pointOfNoReturn)}`]]);
  const head = [
    `${race} at level ${treeName(tree)}: ${signature.join('; ')}`,
    `ends with  ${ending.text}`,
    `in ${count(steps.length, 'step')}, ${count(preemptions, 'preemption')}`,
    '',
    ...(pair === null ? [undecided(pointOfNoReturn)] : pairLines(pair, pointOfNoReturn)),
  ];
  return [
    ...head.flatMap(line => wrap(line, width, 8)),
    '',
    ...laneLines(steps, { width, marks, notes }),
    '',
    ...wrap('Functions are of the base tree unless a patch stands behind them; a file is that of the function where the step ends.', width, 0),
  ];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** `every way to go on fails (all 7)` */
const everyWay = ({ ways, complete }: PointOfNoReturn): string =>
  complete ? `every way to go on fails (${ways === 1n ? 'there is one' : `all ${ways}`})` : `no way to go on that does not fail within ${ways} executions`;

const undecided = (point: PointOfNoReturn): string =>
  point.step === 0
    ? point.complete ? `Every schedule fails (all ${point.ways}).` : `No schedule that does not fail within ${point.ways} executions.`
    : `Step ${point.step} decides: ${everyWay(point)}. No other step there was found that leads away from it.`;

function pairLines({ first, second, comesAt, otherwise }: CriticalPair, point: PointOfNoReturn): string[] {
  const here = comesAt === null ? 'here it never comes' : `here it comes as step ${comesAt}`;
  return [
    `The order of two steps decides, at step ${point.step}:`,
    `  X  ${stepText(first)}`,
    `     taken first, as here: ${everyWay(point)}`,
    `  Y  ${stepText(second)}`,
    `     taken first (${here}): it can end with  ${otherwise.text}${otherwise.failures.length === 0 ? '' : ` (${otherwise.failures.join('; ')})`}`,
  ];
}

