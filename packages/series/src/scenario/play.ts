/** Plays a scenario file in a lab. */
import { BAD_POINTER } from '@pmkit/mm-core';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import type { Task } from '@pmkit/mm-core';
import { MIGRATE_PAGES, type Lab } from '../catalogue/lab.js';
import type { Argument, Sum } from './call.js';
import { ScenarioError, type ScenarioFile, type ScenarioStep } from './file.js';

interface Stage { readonly lab: Lab; readonly tasks: ReadonlyMap<string, Task>; readonly results: Map<string, number> }

/**
 * The scenario as the catalogue has them: it sets everything up, plays the steps and says what the last one returned. A call that fails is part of the
 * scenario; so is a task that is dead or stopped, which does nothing any more.
 * @throws {ScenarioError} from the returned function, for a name that nothing has or a node that the machine does not have.
 */
export function playScenario(scenario: ScenarioFile): (lab: Lab) => string {
  return lab => {
    const { nodes, pages, cpus, swap } = scenario.machine;
    lab.boot({
      machine: { nodes: Array.from({ length: nodes }, (_, id) => ({ id, pages, cpus: Array.from({ length: cpus }, (_unused, i) => id * cpus + i) })) }, swap,
    });
    for (const [path, length] of Object.entries(scenario.files)) lab.file(path, length);
    const tasks = new Map<string, Task>([['batchd', lab.batchd]]);
    for (const [comm, { node, uid }] of Object.entries(scenario.tasks)) {
      if (node >= nodes) throw new ScenarioError(`tasks.${comm}.node: expected one of the machine's nodes 0 to ${nodes - 1}, found ${node}`);
      tasks.set(comm, lab.job({ comm, node, uid }));
    }
    const stage: Stage = { lab, tasks, results: new Map() };
    let seen = '';
    for (const step of scenario.steps) seen = playStep(stage, step);
    return seen;
  };
}

function playStep(stage: Stage, step: ScenarioStep): string {
  const { lab } = stage;
  const task = stage.tasks.get(step.task)!;
  if (task.state !== 'R') {
    const why = task.state === 'T' ? 'is stopped' : task.state === 'S' ? 'is asleep' : 'is dead';
    return lab.note(task, step.text, why);
  }
  if (step.name === 'load' || step.name === 'store') {
    const [where, pages] = step.args;
    if (step.args.length !== 2 || where?.kind !== 'sum' || pages?.kind !== 'sum') throw misuse(step, `expected ${step.name}(address, pages)`);
    const mapping = { task, address: sum(stage, step, where), pages: pages.pages + sum(stage, step, { ...pages, pages: 0 }) };
    return String(lab.touch(mapping, step.name === 'load' ? 'read' : 'write'));
  }
  const result = lab.call(task, step.name === 'migrate_pages' ? MIGRATE_PAGES : step.name, ...step.args.map(argument => valueOf(stage, step, argument)));
  if (step.as !== null) stage.results.set(step.as, result);
  return lab.result(result);
}

const misuse = (step: ScenarioStep, message: string): ScenarioError => new ScenarioError(`line ${step.line}: ${step.text}: ${message}`);

function sum({ lab, tasks, results }: Stage, step: ScenarioStep, { pages, bytes, names }: Sum): number {
  let total = pages * lab.k.m.PAGE_SIZE + bytes;
  for (const name of names) {
    const value = results.get(name) ?? tasks.get(name)?.pid;
    if (value === undefined) throw misuse(step, `nothing is called '${name}': expected a task, or the result of an earlier step`);
    total += value;
  }
  return total;
}

function valueOf(stage: Stage, step: ScenarioStep, argument: Argument): unknown {
  switch (argument.kind) {
    case 'sum': return sum(stage, step, argument);
    case 'array': return Uint32Array.from(argument.values);
    case 'mask': return nodemask_of(...argument.nodes);
    case 'path': return argument.path;
    case 'pointer': return argument.to === 'null' ? null : argument.to === 'bad' ? BAD_POINTER : { value: 0 };
  }
}
