/** A race as plain data, as race() takes it, with every field said. */
import type { Race, RaceText } from './race.js';

export type WholeRace = Required<Omit<RaceText, 'finally' | 'machine'>> & Pick<RaceText, 'finally'> & { readonly machine: Race['machine'] };

/** race() of it is the same race. */
export function raceText({ name, machine, files, tasks, before, together, faults, condition }: Race): WholeRace {
  return {
    name, machine, files, tasks,
    before: before.map(({ task, text }) => `${task}: ${text}`),
    together: Object.fromEntries([...together].map(([task, steps]) => [task, steps.map(({ text }) => text)])),
    faults: faults.map(({ text }) => text),
    ...(condition === null ? {} : { finally: condition.text }),
  };
}
