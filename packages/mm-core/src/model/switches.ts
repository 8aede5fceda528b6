/** Whether somebody has slept meanwhile, for code that goes by whether a call came back at once. */

let switches = 0;

/** A driver says that a task goes to sleep. */
export function countSwitch(): void {
  switches++;
}

/** How often anybody has gone to sleep, on whatever machine: who finds the same number after a call knows that nobody slept in it. */
export const switchCount = (): number => switches;
