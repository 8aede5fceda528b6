/**
 * A race: what is done before, on a machine that is then remembered, and what several tasks do at once after it. It is data, as a
 * scenario is (docs/scenarios.md), and steps are written in the same way.
 */
import { parseCall, type ScenarioFile, type ScenarioStep } from '@pmkit/series/scenario';
import { parseCondition, type Condition } from './condition.js';
import { parseFault, type Fault } from './faults/syntax.js';

export interface Race extends Pick<ScenarioFile, 'machine' | 'files' | 'tasks'> {
  /** For messages: an id, or the name of a file. */
  readonly name: string;
  /** One after another, each to its end. */
  readonly before: readonly ScenarioStep[];
  /** By task: what it does, in its own order. The tasks run at once. */
  readonly together: ReadonlyMap<string, readonly ScenarioStep[]>;
  /** What may go wrong on the way: faults/index.ts. */
  readonly faults: readonly Fault[];
  /** What must hold at the end, or null: then only what the kernel itself complains of is a failure. */
  readonly condition: Condition | null;
}

/** What a race in TypeScript says; the rest is as in a file. Steps before are `task: call`. */
export interface RaceText {
  readonly name: string;
  readonly machine?: Partial<ScenarioFile['machine']>;
  readonly files?: ScenarioFile['files'];
  readonly tasks?: Readonly<Record<string, { readonly node?: number; readonly uid?: number }>>;
  readonly before?: readonly string[];
  readonly together: Readonly<Record<string, readonly string[]>>;
  readonly faults?: readonly string[];
  readonly finally?: string;
}

/** The machine of a race, unless it says otherwise: small, because everything that can be seen on it is seen sooner. */
export const RACE_MACHINE: ScenarioFile['machine'] = { nodes: 3, pages: 64, cpus: 1, swap: 32 };

/** @throws {CallSyntaxError} for a step, {FaultError} for a fault, {ConditionError} for a condition that cannot be read. */
export function race({ name, machine = {}, files = {}, tasks = {}, before = [], together, faults = [], finally: end }: RaceText): Race {
  return {
    name, machine: { ...RACE_MACHINE, ...machine }, files, faults: faults.map(parseFault), condition: end === undefined ? null : parseCondition(end),
    tasks: Object.fromEntries(Object.entries(tasks).map(([task, { node = 0, uid = 0 }]) => [task, { node, uid }])),
    before: before.map((text, i) => {
      const colon = text.indexOf(':');
      return stepOf(text.slice(0, colon).trim(), text.slice(colon + 1).trim(), i + 1);
    }),
    together: new Map(Object.entries(together).map(([task, steps]) => [task, steps.map((text, i) => stepOf(task, text, i + 1))])),
  };
}

const stepOf = (task: string, text: string, line: number): ScenarioStep => ({ ...parseCall(text), task, line, text });
