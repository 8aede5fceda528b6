/** An order of steps, and which of two is smaller: fewer preemptions first, then fewer steps. */
export interface Schedule {
  /** Who takes each step, by index. */
  readonly steps: readonly number[];
  readonly preemptions: number;
}

export const isSmaller = (preemptions: number, steps: number, than: Schedule): boolean =>
  preemptions < than.preemptions || (preemptions === than.preemptions && steps < than.steps.length);
