/** Two runs of one scenario, at two levels, held beside each other. */
import { expected, record, type Behaviour, type Recording, type State, type Step, type TaskState, type Tree, type VmaState } from '../catalogue/index.js';

/** Something that is one way in the first run and another in the second; `null` where a run has nothing of the kind. */
export interface Difference {
  readonly kind: 'result' | 'log' | 'call' | 'task' | 'policy' | 'pages' | 'mapping';
  /** `batchd[3]: migrate_pages(…)`, `job[4] 2000…-2000… rw-p (anonymous)`. */
  readonly where: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** The first step after which the two runs are not the same any more. */
export interface Parting { /** Counted from 1. */ readonly step: number; readonly differences: readonly Difference[] }

export interface RunDiff {
  /** What the scenario showed. */
  readonly seenA: string;
  readonly seenB: string;
  readonly parting: Parting | null;
  /** System calls and accesses with other results, and their log lines. */
  readonly steps: readonly Difference[];
  /** Placement, policies and state of the tasks at the end. */
  readonly end: readonly Difference[];
}

export const isSame = ({ seenA, seenB, parting, steps, end }: RunDiff): boolean => seenA === seenB && parting === null && steps.length === 0 && end.length === 0;

const stepText = (step: Step): string => `${step.who}: ${step.call}`;

function stepDifferences(a: Step | undefined, b: Step | undefined): Difference[] {
  if (a === undefined || b === undefined || stepText(a) !== stepText(b)) {
    return [{ kind: 'call', where: 'call', a: a === undefined ? null : `${stepText(a)} = ${a.result}`, b: b === undefined ? null : `${stepText(b)} = ${b.result}` }];
  }
  const differences: Difference[] = [];
  if (a.result !== b.result) differences.push({ kind: 'result', where: stepText(a), a: a.result, b: b.result });
  if (a.log.join('\n') !== b.log.join('\n')) differences.push({ kind: 'log', where: stepText(a), a: a.log.join('\n') || null, b: b.log.join('\n') || null });
  return differences;
}

function vmaDifferences(task: string, a: VmaState | undefined, b: VmaState | undefined): Difference[] {
  const where = `${task} ${(a ?? b)!.range} ${(a ?? b)!.what}`;
  if (a === undefined || b === undefined || a.what !== b.what) return [{ kind: 'mapping', where, a: a?.what ?? null, b: b?.what ?? null }];
  const differences: Difference[] = [];
  if (a.pages !== b.pages) differences.push({ kind: 'pages', where, a: a.pages, b: b.pages });
  if (a.policy !== b.policy) differences.push({ kind: 'policy', where, a: a.policy, b: b.policy });
  return differences;
}

function taskDifferences(a: TaskState | undefined, b: TaskState | undefined): Difference[] {
  const where = (a ?? b)!.task;
  if (a === undefined || b === undefined) return [{ kind: 'task', where, a: a === undefined ? null : 'there', b: b === undefined ? null : 'there' }];
  const differences: Difference[] = [];
  if (a.state !== b.state) differences.push({ kind: 'task', where, a: `state ${a.state}`, b: `state ${b.state}` });
  if (a.policy !== b.policy) differences.push({ kind: 'policy', where, a: a.policy, b: b.policy });
  for (const [vmaOfA, vmaOfB] of paired(a.vmas, b.vmas, vma => vma.range)) differences.push(...vmaDifferences(where, vmaOfA, vmaOfB));
  return differences;
}

/** Elements with the same key side by side, in the order of the first list, then what only the second has. */
function paired<T>(a: readonly T[], b: readonly T[], keyOf: (element: T) => string): [T | undefined, T | undefined][] {
  const rest = new Map(b.map(element => [keyOf(element), element]));
  const pairs: [T | undefined, T | undefined][] = a.map(element => {
    const other = rest.get(keyOf(element));
    rest.delete(keyOf(element));
    return [element, other];
  });
  return [...pairs, ...[...rest.values()].map((element): [undefined, T] => [undefined, element])];
}

function stateDifferences(a: State, b: State): Difference[] {
  return paired(a.tasks, b.tasks, task => task.task).flatMap(([taskOfA, taskOfB]) => taskDifferences(taskOfA, taskOfB));
}

/** Compares two recordings; the point where they part is exact when both have the state after every step. */
export function compareRecordings(a: Recording, b: Recording): RunDiff {
  const steps: Difference[] = [];
  let parting: Parting | null = null;
  for (let i = 0; i < Math.max(a.steps.length, b.steps.length); i++) {
    const [stepOfA, stepOfB] = [a.steps[i], b.steps[i]];
    const differences = stepDifferences(stepOfA, stepOfB);
    steps.push(...differences);
    if (parting !== null) continue;
    const states = stepOfA?.state === undefined || stepOfB?.state === undefined ? [] : stateDifferences(stepOfA.state, stepOfB.state);
    if (differences.length + states.length > 0) parting = { step: i + 1, differences: [...differences, ...states] };
  }
  return { seenA: a.seen, seenB: b.seen, parting, steps, end: stateDifferences(a.end, b.end) };
}

/** Runs a scenario in two trees and compares everything that was recorded. */
export function compareScenario(scenario: Behaviour['scenario'], a: Tree, b: Tree): RunDiff {
  const options = { everyState: true };
  return compareRecordings(record(scenario, a, options), record(scenario, b, options));
}

/** A behaviour that is not the same in two trees. */
export interface BehaviourDiff {
  readonly behaviour: Behaviour;
  readonly diff: RunDiff;
  /** Whether each run showed what the catalogue expects. */
  readonly asExpected: boolean;
}

/** The behaviours that differ between two trees: in what they show, or in anything that was recorded on the way. */
export function* compareBehaviours(behaviours: Iterable<Behaviour>, a: Tree, b: Tree): Generator<BehaviourDiff> {
  for (const behaviour of behaviours) {
    const diff = compareScenario(behaviour.scenario, a, b);
    if (!isSame(diff)) yield { behaviour, diff, asExpected: diff.seenA === expected(behaviour, a) && diff.seenB === expected(behaviour, b) };
  }
}
