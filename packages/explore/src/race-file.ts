/**
 * A race as a YAML file (docs/races.md). Data, as scenarios are: all it can do is make system calls and access memory on the simulated machine.
 *
 *     tasks:    { job: { node: 1 } }
 *     before:
 *       - job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
 *       - job: store(a, 1)
 *     together:
 *       job:    ["load(a, 1)"]
 *       batchd: ["r = migrate_pages(job, 1, {1}, {2})"]
 *     # also a thread or child that was made before, by the name of its pid: job: t = clone(0x10f00)
 *     faults: ["page-held:job:a"]
 *     finally: ~exists (job.state = killed)
 */
import { machineFields, ScenarioSource } from '@pmkit/series/scenario/file';
import { z } from 'zod';
import { ConditionError, parseCondition, type Condition } from './condition.js';
import { FaultError, parseFault, type Fault } from './faults/syntax.js';
import { RACE_MACHINE, type Race } from './race.js';

/** Tasks that run at once, operations of one of them, faults. */
export const MAX_TASKS = 8;
export const MAX_STEPS = 1000;
export const MAX_FAULTS = 16;

const schema = z.strictObject({
  ...machineFields,
  machine: z.preprocess(value => ({ ...RACE_MACHINE, ...(value as object | undefined) }), machineFields.machine),
  before: z.array(z.record(z.string(), z.string())).max(MAX_STEPS).default([]),
  together: z.record(z.string(), z.array(z.string()).min(1).max(MAX_STEPS))
    .refine(tasks => Object.keys(tasks).length >= 1 && Object.keys(tasks).length <= MAX_TASKS, `expected 1 to ${MAX_TASKS} tasks`),
  faults: z.array(z.string()).max(MAX_FAULTS).default([]),
  finally: z.string().optional(),
});

/**
 * Reads a race.
 * @param file name for messages.
 * @throws {ScenarioError} naming file, line, column, field and what was expected.
 */
export function parseRace(text: string, file: string): Race {
  const source = new ScenarioSource(text, file);
  const { machine, files, tasks, before, together, faults, finally: end } = source.read(schema);
  const played = before.map((step, i) => source.step(step, ['before', i], tasks));
  const children = new Set(played.flatMap(({ name, as }) => (as !== null && (name === 'fork' || name === 'clone') ? [as] : [])));
  return {
    name: file, machine, files, tasks,
    before: played,
    together: new Map(Object.entries(together).map(([task, steps]) => {
      if (task !== 'batchd' && !(task in tasks) && !children.has(task)) throw source.error(['together', task], `expected batchd or one of the tasks (${Object.keys(tasks).join(', ')})`);
      return [task, steps.map((step, i) => source.call(task, step, ['together', task, i]))];
    })),
    faults: faults.map((fault, i) => faultOf(source, fault, i)),
    condition: end === undefined ? null : conditionOf(source, end),
  };
}

function faultOf(source: ScenarioSource, text: string, index: number): Fault {
  try {
    return parseFault(text);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw source.error(['faults', index], error.message, 0, error);
  }
}

function conditionOf(source: ScenarioSource, text: string): Condition {
  try {
    return parseCondition(text);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    throw source.error(['finally'], error.message, error.at, error);
  }
}
