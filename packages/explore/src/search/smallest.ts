/**
 * The smallest schedule to each ending of a state graph: fewest preemptions, and of those fewest steps. Whether a step preempts depends on
 * who took the one before, so the search goes over pairs of a state and an actor.
 */
import type { Outlook } from './state-graph.js';
import type { State } from './state-space.js';

interface Visit { readonly state: State; readonly last: number; readonly steps: number; readonly before: Visit | null }

/** Sets the schedule of every ending that can be reached from a state. */
export function smallestSchedules(begin: State, outlooks: ReadonlyMap<State, Outlook>, actors: number): void {
  const seen = new Map<State, number>();
  const left = new Set(outlooks.get(begin)!.counts.keys());
  let level: Visit[][] = [[{ state: begin, last: -1, steps: 0, before: null }]];
  for (let preemptions = 0; left.size > 0 && level.length > 0; preemptions++) {
    const next: Visit[][] = [];
    for (let steps = 0; steps < level.length; steps++) {
      for (const visit of level[steps] ?? []) {
        if (wasSeen(seen, visit, actors)) continue;
        const { ending } = outlooks.get(visit.state)!;
        if (ending !== null && left.delete(ending)) ending.schedule = { steps: stepsOf(visit), preemptions };
        for (const { actor, to } of visit.state.next) {
          const preempts = isPreempted(visit, actor);
          ((preempts ? next : level)[steps + 1] ??= []).push({ state: to, last: actor, steps: steps + 1, before: visit });
        }
      }
    }
    level = next;
  }
}

/** Marks a pair of state and last actor. The first visit is the smallest. */
function wasSeen(seen: Map<State, number>, { state, last }: Visit, actors: number): boolean {
  const bit = 1 << (last < 0 ? actors : last);
  const bits = seen.get(state) ?? 0;
  seen.set(state, bits | bit);
  return (bits & bit) !== 0;
}

/** Whether a step of `actor` takes the one before it off the CPU, who could go on. */
const isPreempted = ({ state, last }: Visit, actor: number): boolean =>
  last >= 0 && actor !== last && state.positions[last]!.runnable && state.able!.includes(last);

function stepsOf(end: Visit): number[] {
  const steps: number[] = [];
  for (let visit: Visit | null = end; visit !== null && visit.last >= 0; visit = visit.before) steps.push(visit.last);
  return steps.reverse();
}
