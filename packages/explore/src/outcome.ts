/** How an execution ended: what each task came to, what its calls returned, and what the kernel, or the race's condition, complains of. */
import { residentPage, timeoutOf, waitInWords, type Task } from '@pmkit/mm-core';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { check_invariants } from '@pmkit/mm-core/testing';
import { ScenarioError, sumOf } from '@pmkit/series/scenario';
import type { Condition, Proposition, TaskState } from './condition.js';
import { heldByFaults } from './faults/step.js';
import type { TaskActor } from './world/actor.js';
import type { RaceWorld } from './world/create.js';

export interface Outcome {
  /** What is observed of each task, `job: killed by signal 9 | batchd: 1`; equal for executions that end alike. */
  readonly text: string;
  /** What went wrong, each with its numbers taken out, so that it can be compared: `VM: killing process job`. Empty: nothing. */
  readonly failures: readonly string[];
  /** What the race's `exists` asks for is so in this one; absent when it is not, and for other conditions. */
  readonly witness?: true;
}

export interface LookOptions {
  /** The execution was cut off: what is unfinished is no deadlock, and the text says so. */
  readonly cut?: boolean;
  /** Also count everything anew (check_invariants()); takes as long as some dozen executions. */
  readonly invariants?: boolean;
}

/** Lines of the kernel log that say that something went wrong. */
const COMPLAINTS = [
  /^kernel BUG at/, /^VM: killing process/, /^Out of Memory: Killed/, /soft lockup/, /^scheduling while atomic/, /^Badness in/, /^Bad page state/, /^Kernel panic/,
  /^Bad rss-counter/, /^swap_free:/, /^swap_dup:/, /^possible circular locking/,
];

/** What has come of the race in the state in which the world is. */
export function look(world: RaceWorld, { cut = false, invariants = false }: LookOptions = {}): Outcome {
  const tasks = world.actors.filter(actor => actor.kind === 'task');
  const failures = new Set<string>();
  for (let i = world.logged; i < world.k.m.log.length; i++) {
    const { text } = world.k.m.log[i]!;
    if (COMPLAINTS.some(pattern => pattern.test(text))) failures.add(signature(text));
  }
  if (!cut) for (const actor of tasks) addDeadlock(failures, actor);
  for (const text of world.lost) failures.add(signature(text));
  if (invariants) for (const text of check_invariants(world.k, { pins: heldByFaults(world.actors) })) failures.add(signature(text));
  return { text: `${cut ? 'cut off: ' : ''}${tasks.map(actor => `${actor.name}: ${taskText(actor)}`).join(' | ')}`, failures: [...failures].sort() };
}

/** look() with everything counted anew, and the race's condition. Takes as long as some dozen executions. Where an execution was cut off things are in flight, and the end that the condition speaks of has not come. */
export function judge(world: RaceWorld, cut: boolean): Outcome {
  const { condition } = world.race;
  const seen = look(world, { cut, invariants: !cut });
  if (cut || condition === null) return seen;
  if (condition.quantifier === 'exists') return holds(world, condition.that) ? { ...seen, witness: true } : seen;
  return violates(world, condition) ? { ...seen, failures: [...seen.failures, `not so: ${condition.text}`].sort() } : seen;
}

function addDeadlock(failures: Set<string>, { name, path }: TaskActor): void {
  const wait = path?.wait ?? null;
  if (wait === null || wait.kind === 'child' || wait.kind === 'wakeup' || timeoutOf(wait) !== Infinity) return;
  failures.add(signature(`deadlock: ${name} waits for ${waitInWords(wait)}`));
}

/** Numbers differ with the run, and which page it was does not matter. A place in a file of the kernel stays. */
export const signature = (text: string): string => text.replaceAll(/\b0x[0-9a-f]+\b|(?<![\w/.-])\d+\b/g, 'N');

/** What a task is in the end. */
export function stateOf({ task, path }: TaskActor): TaskState {
  if (task.state === 'H') return 'hangs';
  if (task.state === 'T') return 'stopped';
  if (task.state === 'Z' || task.state === 'X') return (task.exit_code & 0x7f) === 0 ? 'exited' : 'killed';
  return path === null ? 'running' : 'asleep';
}

function taskText(actor: TaskActor): string {
  const state = stateOf(actor);
  const results = actor.results.map(errnoName).join(' ');
  if (state === 'running') return results;
  const how = state === 'killed' ? `killed by ${signalName(actor.task)}` : state === 'exited' ? `exited with ${actor.task.exit_code >> 8}` : state;
  return results === '' ? how : `${results}, ${how}`;
}
const signalName = ({ exit_code }: Task): string => ((exit_code & 0x7f) === SIGKILL ? 'SIGKILL' : `signal ${exit_code & 0x7f}`);

/** Whether the proposition of a condition holds in the state in which the world is. @throws {ScenarioError} for a name that nothing has. */
export function holds(world: RaceWorld, that: Proposition): boolean {
  switch (that.kind) {
    case 'not': return !holds(world, that.of);
    case 'and': return that.of.every(part => holds(world, part));
    case 'or': return that.of.some(part => holds(world, part));
    case 'log': return world.k.m.log.slice(world.logged).some(line => line.text.includes(that.text));
    case 'result': return world.stage.results.get(that.name) === that.is;
    case 'state': return stateOfTask(world, that.task) === that.is;
    case 'node': return nodeAt(world, that) === that.is;
  }
}

function stateOfTask({ actors, stage }: RaceWorld, name: string): TaskState {
  const actor = actors.find(candidate => candidate.kind === 'task' && candidate.name === name) as TaskActor | undefined;
  const task = actor?.task ?? stage.tasks.get(name);
  if (task === undefined) throw new ScenarioError(`finally: nothing is called '${name}', expected one of the tasks ${[...stage.tasks.keys()].join(', ')}`);
  return stateOf(actor ?? ({ task, path: null } as TaskActor));
}

function nodeAt(world: RaceWorld, { task: name, address }: Extract<Proposition, { kind: 'node' }>): number {
  const task = world.stage.tasks.get(name);
  if (task === undefined || address.kind !== 'sum') throw new ScenarioError(`finally: expected a task and an address, found ${name}`);
  const { m } = world.k;
  const page = residentPage(m, task, sumOf(world.stage, address));
  return page === 0 ? -1 : page_to_nid(m, page);
}

/** Whether this one execution decides against the condition: an `exists` is never decided by one. */
const violates = (world: RaceWorld, { quantifier, that }: Condition): boolean =>
  quantifier !== 'exists' && holds(world, that) !== (quantifier === 'forall');
