/** Rounds of a loop in a run: who waits for long takes the same steps hundreds of times. */
import { signature } from '../outcome.js';
import type { SeenStep } from './observe.js';
import { stepLines } from './words.js';

/** Steps of a round at most. */
const MAX_PERIOD = 4;

/** Equal for steps that do the same, but for numbers; null for a step that is like no other. */
export type Likeness = string | null;

/** @param apart whether a step, counted from 1, must be shown. */
export const likenessOf = (steps: readonly SeenStep[], apart: (number: number) => boolean): Likeness[] =>
  steps.map((step, i) => (apart(i + 1) || step.log.length > 0 ? null : [step.actor, step.preempted ?? '', signature(stepLines(step).join('\n'))].join('\n')));

/** Steps from `at` on that only repeat the round before it, at least twice; null: none. */
export function repeatedRounds(steps: readonly Likeness[], at: number): { readonly period: number; readonly rounds: number } | null {
  for (let period = 1; period <= Math.min(MAX_PERIOD, at); period++) {
    let length = 0;
    while (at + length < steps.length && steps[at + length] !== null && steps[at + length] === steps[at + length - period]) length++;
    const rounds = Math.floor(length / period);
    if (rounds >= 2) return { period, rounds };
  }
  return null;
}
