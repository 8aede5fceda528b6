/** From a race to a world at its beginning. */
import { residentPage, settle } from '@pmkit/mm-core';
import { VM_SHARED } from '@pmkit/mm-core/include/linux/mm_types';
import { Lab, type Tree } from '@pmkit/series/catalogue';
import { accessOf, playStep, ScenarioError, setStage, type ScenarioStep, type Stage } from '@pmkit/series/scenario';
import { checkpoint } from '../checkpoint.js';
import { armFaults } from '../faults/arm.js';
import { resetFault } from '../faults/step.js';
import type { Race } from '../race.js';
import type { Access, Actor, Op, TaskActor } from './actor.js';
import { FreedTasks } from './freed.js';
import { renew, threadActors } from './threads.js';
import type { World } from './world.js';

/** A world that can be taken back to its beginning. */
export interface RaceWorld extends World {
  readonly race: Race;
  readonly tree: Tree;
  /** Lines of the log at the beginning. */
  readonly logged: number;
  reset(): void;
}

/** Small pages and short lists of free blocks: the less there is, the sooner it is back where it was. */
const DETAILS = { pageSize: 4096, maxOrder: 6 } as const;

/**
 * Boots the machine, plays what is done before and stops where the race begins.
 * @param options.recorded on the kernel that tells what it reads and writes: nothing is then looked at only when there is cause to.
 * @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not.
 */
export function createWorld(race: Race, tree: Tree, { recorded = false }: { readonly recorded?: boolean } = {}): RaceWorld {
  const stage = setStage(race, new Lab(tree), DETAILS);
  for (const text of race.before) playStep(stage, text);
  const { k } = stage.lab;
  settle(k);
  const { m } = k;
  const actors: Actor[] = [];
  for (const [name, steps] of race.together) actors.push(taskActor(stage, name, steps, actors.length));
  const faults = armFaults(stage, tree, race.faults, actors.filter(actor => actor.kind === 'task'));
  settle(k);
  const threads = threadActors(k);
  actors.push(...threads);
  actors.push({ kind: 'clock', name: 'clock' });
  actors.push(...faults);
  m.preemptible = true;
  const begin = checkpoint(m);
  const bodies = threads.map(({ path }) => path.body); // of each its newest: what the checkpoint has is used up by the first execution in which it runs
  const tasks = actors.filter(actor => actor.kind === 'task').map(actor => ({ actor, ops: actor.ops, token: actor.token, contents: [...actor.contents] }));
  const results = [...stage.results];
  const lost: string[] = [];
  const freed = new FreedTasks(k, lost, recorded);
  return {
    k, stage, actors, lost, race, tree, logged: m.log.length,
    reset() {
      if (threads.some(({ ran }) => ran)) {
        begin.restore(); // a thread finds its way to where it waits on the machine as it was, and changes that once more
        threads.forEach((thread, i) => { if (thread.ran) bodies[i] = renew(k, thread); });
      }
      begin.restore();
      threads.forEach((thread, i) => {
        thread.path.body = bodies[i]!;
        thread.ran = false;
      });
      for (const { actor, ops, token, contents } of tasks) resetTask(actor, ops, token, contents);
      for (const fault of faults) resetFault(fault);
      if (stage.results.size !== results.length) stage.results.clear();
      for (const [name, value] of results) stage.results.set(name, value);
      lost.length = 0;
      freed.reset();
    },
  };
}

function taskActor(stage: Stage, name: string, steps: readonly ScenarioStep[], index: number): TaskActor {
  const task = stage.tasks.get(name) ?? stage.lab.k.m.tasks.get(stage.results.get(name) ?? -1); // a child, or a thread, by the name of its pid
  if (task === undefined) throw new ScenarioError(`together.${name}: expected one of the tasks ${[...stage.tasks.keys()].join(', ')}`);
  if (task.state !== 'R' && task.state !== 'T') throw new ScenarioError(`together.${name}: the task is dead before the race begins`);
  const ops = steps.map(step => opOf(stage, step));
  const actor: TaskActor = { kind: 'task', name, task, ops, next: 0, done: 0, path: null, results: [], token: (index + 1) * 0x1000_0000, contents: new Map() };
  for (const { access, step } of ops) if (access !== null && isKnown(stage, step)) rememberContents(stage, actor, access());
  return actor;
}

/** Whether all names in the address of an access have a value before the race begins. */
const isKnown = ({ results }: Stage, { args }: ScenarioStep): boolean =>
  args.every(argument => argument.kind !== 'sum' || argument.names.every(name => results.has(name)));

function opOf(stage: Stage, step: ScenarioStep): Op {
  if (step.name !== 'load' && step.name !== 'store') return { step, access: null };
  if (!isKnown(stage, step)) return { step, access: () => accessOf(stage, step)! };
  const access = accessOf(stage, step)!;
  return { step, access: () => access };
}

/** What the task must find where it is going to look, as far as the memory is its own and in memory now. */
function rememberContents({ lab: { k } }: Stage, { task, contents }: TaskActor, { address, pages }: Access): void {
  for (let i = 0, at = address; i < pages; i++, at += k.m.PAGE_SIZE) {
    const page = residentPage(k.m, task, at);
    let vma = task.mm?.mmap ?? null;
    while (vma !== null && vma.vm_end <= at) vma = vma.vm_next;
    if (page !== 0 && vma !== null && (vma.vm_flags & VM_SHARED) === 0) contents.set(at, k.m.mem_map.content[page]!);
  }
}

function resetTask(actor: TaskActor, ops: readonly Op[], token: number, contents: readonly (readonly [number, number])[]): void {
  actor.ops = ops;
  actor.next = 0;
  actor.done = 0;
  actor.path = null;
  actor.results.length = 0;
  actor.token = token;
  for (const [address, value] of contents) actor.contents.set(address, value);
}
