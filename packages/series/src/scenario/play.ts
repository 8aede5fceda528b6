/** Plays a scenario file in a lab. */
import { BAD_POINTER } from '@pmkit/mm-core';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import type { MachineConfig, Task } from '@pmkit/mm-core';
import { MIGRATE_PAGES, type Lab } from '../catalogue/lab.js';
import type { Argument, Sum } from './call.js';
import { ScenarioError } from './error.js';
import type { ScenarioFile, ScenarioStep } from './file.js';

/** A machine that is set up for a scenario, its tasks by name, and what named calls have returned so far. */
export interface Stage { readonly lab: Lab; readonly tasks: ReadonlyMap<string, Task>; readonly results: Map<string, number> }

/**
 * The scenario as the catalogue has them: it sets everything up, plays the steps and says what the last one returned. A call that fails is part of the
 * scenario; so is a task that is dead or stopped, which does nothing any more.
 * @throws {ScenarioError} from the returned function, for a name that nothing has or a node that the machine does not have.
 */
export function playScenario(scenario: ScenarioFile): (lab: Lab) => string {
  return lab => {
    const stage = setStage(scenario, lab);
    let seen = '';
    for (const step of scenario.steps) seen = playStep(stage, step);
    return seen;
  };
}

/**
 * Boots the machine of a scenario and makes its files and tasks.
 * @param details of the machine that a scenario does not speak of.
 * @throws {ScenarioError} for a node that the machine does not have.
 */
export function setStage({ machine, files, tasks }: Pick<ScenarioFile, 'machine' | 'files' | 'tasks'>, lab: Lab, details: Partial<MachineConfig> = {}): Stage {
  const { nodes, pages, cpus, swap } = machine;
  lab.boot({
    machine: { ...details, nodes: Array.from({ length: nodes }, (_, id) => ({ id, pages, cpus: Array.from({ length: cpus }, (_unused, i) => id * cpus + i) })) }, swap,
  });
  for (const [path, length] of Object.entries(files)) lab.file(path, length);
  const made = new Map<string, Task>([['batchd', lab.batchd]]);
  for (const [comm, { node, uid }] of Object.entries(tasks)) {
    if (node >= nodes) throw new ScenarioError(`tasks.${comm}.node: expected one of the machine's nodes 0 to ${nodes - 1}, found ${node}`);
    made.set(comm, lab.job({ comm, node, uid }));
  }
  return { lab, tasks: made, results: new Map() };
}

/** Plays one step. @returns what it returned, or why it was passed over. @throws {ScenarioError} for a name that nothing has. */
export function playStep(stage: Stage, step: ScenarioStep): string {
  const { lab } = stage;
  const task = stage.tasks.get(step.task)!;
  if (task.state !== 'R') {
    const why = task.state === 'T' ? 'is stopped' : task.state === 'S' ? 'is asleep' : 'is dead';
    return lab.note(task, step.text, why);
  }
  const access = accessOf(stage, step);
  if (access !== null) return String(lab.touch({ task, ...access }, step.name === 'load' ? 'read' : 'write'));
  const result = lab.call(task, callOf(step), ...argumentsOf(stage, step));
  if (step.as !== null) stage.results.set(step.as, result);
  return lab.result(result);
}

/** Address in bytes and length in pages of a step that accesses memory; null when it is a system call. @throws {ScenarioError} */
export function accessOf(stage: Stage, step: ScenarioStep): { readonly address: number; readonly pages: number } | null {
  if (step.name !== 'load' && step.name !== 'store') return null;
  const [where, pages] = step.args;
  if (step.args.length !== 2 || where?.kind !== 'sum' || pages?.kind !== 'sum') throw misuse(step, `expected ${step.name}(address, pages)`);
  return { address: sum(stage, step, where), pages: pages.pages + sum(stage, step, { ...pages, pages: 0 }) };
}

/** The call's number where the kernels of some levels have no such name, else its name. */
export const callOf = (step: ScenarioStep): number | string => (step.name === 'migrate_pages' ? MIGRATE_PAGES : step.name);

/** The arguments of a step's system call; arrays are new ones. @throws {ScenarioError} for a name that nothing has. */
export const argumentsOf = (stage: Stage, step: ScenarioStep): unknown[] => step.args.map(argument => valueOf(stage, step, argument));

const misuse = (step: ScenarioStep, message: string): ScenarioError => new ScenarioError(`line ${step.line}: ${step.text}: ${message}`);

/** The value of a sum. @throws {ScenarioError} for a name that nothing has. */
export function sumOf({ lab, tasks, results }: Stage, { pages, bytes, names }: Sum, fail = (message: string) => new ScenarioError(message)): number {
  let total = pages * lab.k.m.PAGE_SIZE + bytes;
  for (const name of names) {
    const value = results.get(name) ?? tasks.get(name)?.pid;
    if (value === undefined) throw fail(`nothing is called '${name}': expected a task, or the result of an earlier step`);
    total += value;
  }
  return total;
}

const sum = (stage: Stage, step: ScenarioStep, terms: Sum): number => sumOf(stage, terms, message => misuse(step, message));

function valueOf(stage: Stage, step: ScenarioStep, argument: Argument): unknown {
  switch (argument.kind) {
    case 'sum': return sum(stage, step, argument);
    case 'array': return Uint32Array.from(argument.values);
    case 'mask': return nodemask_of(...argument.nodes);
    case 'path': return argument.path;
    case 'pointer': return argument.to === 'null' ? null : argument.to === 'bad' ? BAD_POINTER : { value: 0 };
  }
}
