/** Where a fault is going to happen, and what its kind makes of that. */
import { residentPage, type MaySleep, type Page } from '@pmkit/mm-core';
import { parseArgument, ScenarioError, sumOf, type Stage } from '@pmkit/series/scenario';
import type { Tree } from '@pmkit/series/catalogue';
import type { AnyKernel } from '@pmkit/series/levels';
import { spawn, type Task } from '@pmkit/mm-core';
import type { Armed, TaskActor } from '../world/actor.js';
import type { Fault } from './syntax.js';

export interface Site {
  readonly k: AnyKernel;
  readonly stage: Stage;
  readonly tree: Tree;
  readonly fault: Fault;
  /** Those who run in the race. */
  readonly tasks: readonly TaskActor[];
}

/** What a kind of fault does at a site: before the race what must be done then, and later at its step. Null: nothing is left to be done in the race. */
export type Arm = (site: Site) => Armed | null;

export const refuse = ({ fault }: Site, message: string): never => {
  throw new ScenarioError(`faults: ${fault.text}: ${message}`);
};

/** A task of the race's file. @throws {ScenarioError} */
export function taskOf(site: Site, name: string): Task {
  return site.stage.tasks.get(name) ?? refuse(site, `expected one of the tasks ${[...site.stage.tasks.keys()].join(', ')}`);
}
/** A task that does something in the race. @throws {ScenarioError} */
export function actorOf(site: Site, name: string): TaskActor {
  taskOf(site, name);
  return site.tasks.find(actor => actor.name === name) ?? refuse(site, `expected a task that does something in the race (${site.tasks.map(actor => actor.name).join(', ')})`);
}
/** @throws {ScenarioError} */
export function nodeOf(site: Site, text: string): number {
  const node = Number(text);
  const { node_ids } = site.k.m;
  return node_ids.includes(node) ? node : refuse(site, `expected one of the nodes ${node_ids.join(', ')}`);
}

/** Somebody with all rights, no memory to speak of and nothing to do but what the fault has him do. */
export const somebody = ({ k, fault }: Site): Task => spawn(k, { comm: fault.name, cpu: k.m.cpus[0]! });

/** Address of a task, as far as the names in it have values by now; null until then. */
function addressIn({ stage }: Site, text: string): () => number | null {
  const argument = parseArgument(text);
  if (argument.kind !== 'sum') return () => null;
  return () => (argument.names.every(name => stage.results.has(name) || stage.tasks.has(name)) ? sumOf(stage, argument) : null);
}
/** The page behind an address of a task; 0 while there is none, and for the zero page, which is everybody's. */
export function pageAt(site: Site, task: Task, text: string): () => Page {
  const address = addressIn(site, text);
  const { m } = site.k;
  return () => {
    const at = address();
    const page = at === null || task.mm === null ? 0 : residentPage(m, task, at);
    return (page === m.zero_page ? 0 : page) as Page;
  };
}

/** A plain function of the kernel as a way through it. */
// oxlint-disable-next-line require-yield -- a path is a generator, also one that does not sleep
export function* wayThrough(action: () => unknown): MaySleep<unknown> {
  return action();
}
