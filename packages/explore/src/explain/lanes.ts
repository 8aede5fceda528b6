/** A run as swim lanes: a column for each actor, a row for each step. */
import type { SeenStep } from './observe.js';
import { likenessOf, repeatedRounds } from './rounds.js';
import { wrap } from './wrap.js';
import { sourceText, stepLines } from './words.js';

export interface LaneOptions {
  /** Columns of the terminal; default 110. */
  readonly width?: number;
  /** Number of a step, from 1 on → a word that stands before it in its lane. */
  readonly marks?: ReadonlyMap<number, string>;
  /** Number of a step → a line across all lanes below it. */
  readonly notes?: ReadonlyMap<number, string>;
}

const NUMBER = 4;
const GAP = '  ';
const LEAST_LANE = 24;

/** Lines of the picture; only actors that take a step have a lane. */
export function laneLines(steps: readonly SeenStep[], { width = 110, marks = new Map(), notes = new Map() }: LaneOptions = {}): string[] {
  const lanes = [...new Set(steps.map(({ actor }) => actor))].sort((a, b) => a - b);
  const room = Math.max(Math.floor((width - NUMBER) / Math.max(lanes.length, 1)) - GAP.length, LEAST_LANE);
  const row = (number: string, cells: readonly (readonly string[])[]): string[] => {
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, i) =>
      `${(i === 0 ? number : '').padStart(NUMBER)}${cells.map(lines => `${GAP}${(lines[i] ?? '').padEnd(room)}`).join('')}`.trimEnd());
  };
  const nameOf = (lane: number): string => steps.find(({ actor }) => actor === lane)!.name;
  const lines = [...row('', lanes.map(lane => [nameOf(lane)])), ...row('-'.repeat(NUMBER), lanes.map(() => ['-'.repeat(room)]))];
  const alike = likenessOf(steps, number => marks.has(number) || notes.has(number));
  for (let i = 0; i < steps.length; i++) {
    const again = repeatedRounds(alike, i);
    if (again !== null) {
      const { period, rounds } = again;
      i += period * rounds - 1;
      lines.push(`${' '.repeat(NUMBER)}${GAP}... ${period === 1 ? 'the same' : `these ${period} steps`} ${rounds} times more, to step ${i + 1}`);
      continue;
    }
    const step = steps[i]!;
    lines.push(...row(String(i + 1), lanes.map(lane => (lane === step.actor ? cellLines(step, room, marks.get(i + 1)) : isPreempted(step, steps[i - 1], lane) ? ['~ preempted'] : []))));
    for (const text of step.log) lines.push(...wrap(`kernel: ${text}`, width - NUMBER - GAP.length).map(line => `${' '.repeat(NUMBER)}${GAP}${line}`));
    const note = notes.get(i + 1);
    if (note !== undefined) lines.push(...wrap(`=== ${note} ===`, width - GAP.length));
  }
  return lines;
}

const isPreempted = ({ preempted }: SeenStep, before: SeenStep | undefined, lane: number): boolean => preempted !== null && before?.actor === lane;

function cellLines(step: SeenStep, room: number, mark: string | undefined): string[] {
  const { op } = step;
  const head = [...(mark === undefined ? [] : [`[${mark}]`]), ...(op?.begins === true ? [op.text] : [])].join(' ');
  const source = sourceText(step);
  return [...(head === '' ? [] : [head]), ...stepLines(step), ...(source === '' ? [] : [source])].flatMap(line => wrap(line, room));
}
