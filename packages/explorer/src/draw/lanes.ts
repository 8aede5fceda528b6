/** Swim lanes of a race: a lane a task, time downwards, a step a row; geometry only. */
import type { RaceView } from '../protocol.js';

export interface LaneStep { readonly number: number; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly label: string; readonly isCritical: boolean; readonly waits: boolean; readonly lane: number }
export interface Lanes {
  readonly width: number;
  readonly height: number;
  readonly heads: readonly { readonly name: string; readonly x: number; readonly width: number }[];
  readonly steps: readonly LaneStep[];
  /** From the end of a step to the beginning of the next, where another task goes on. */
  readonly switches: readonly { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }[];
}

const ROW = 26;
const HEAD = 24;
const INSET = 6;

/** Steps of which the order decides: X and Y in the order that is shown. */
export function criticalSteps({ pair }: RaceView): ReadonlySet<number> {
  if (pair === null) return new Set();
  return new Set([pair.point, ...(pair.comesAt === null ? [] : [pair.comesAt])]);
}

/** @param width pixels for all lanes */
export function lanesOf(view: RaceView, width: number): Lanes {
  // kernel threads that nothing woke have none
  const actors = view.actors.map((name, actor) => ({ name, actor })).filter(({ actor }) => view.steps.some(step => step.actor === actor));
  const laneOf = new Map(actors.map(({ actor }, i) => [actor, i]));
  const lane = width / Math.max(1, actors.length);
  const critical = criticalSteps(view);
  const letters = Math.floor((lane - 2 * INSET) / 7);
  const steps = view.steps.map(({ number, actor, from, at, call, begins, waitsFor }, row): LaneStep => {
    const words = begins && call !== null ? call : from === at ? at : `${from} → ${at}`;
    return {
      number, lane: laneOf.get(actor)!, x: laneOf.get(actor)! * lane + INSET, y: HEAD + row * ROW + 3, width: lane - 2 * INSET, height: ROW - 6,
      label: words.length > letters ? `${words.slice(0, Math.max(1, letters - 1))}…` : words, isCritical: critical.has(number), waits: waitsFor !== null,
    };
  });
  const switches = steps.slice(1).flatMap((step, i) => {
    const before = steps[i]!;
    return before.lane === step.lane ? [] : [{ x1: before.x + before.width / 2, y1: before.y + before.height, x2: step.x + step.width / 2, y2: step.y }];
  });
  return { width, height: HEAD + steps.length * ROW + 4, heads: actors.map(({ name }, i) => ({ name, x: i * lane, width: lane })), steps, switches };
}
