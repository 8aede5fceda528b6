/**
 * The machine of a race, with everybody who can take a step on it. A world can be taken back to the beginning of the race again and
 * again; it steps whom it is told, and chooses nobody.
 */
import {
  enterSyscall, isrOf, newPath, nextIoDue, passTime, returnToUser, stepPath, timeoutOf, tryAccess, waitIsOver, type KernelPath,
} from '@pmkit/mm-core';
import { EINTR } from '@pmkit/mm-core/include/linux/errno';
import type { AnyKernel } from '@pmkit/series/levels';
import { argumentsOf, callOf, type Stage } from '@pmkit/series/scenario';
import { canFault, stepFault } from '../faults/step.js';
import type { Actor, TaskActor } from './actor.js';

/** What a world knows besides the machine. */
export interface World {
  readonly k: AnyKernel;
  readonly stage: Stage;
  /** Tasks in the order of the race, kernel threads, the clock. */
  readonly actors: readonly Actor[];
  /** What somebody has found in his memory that he had not written, and what was done with a task that was freed. */
  readonly lost: string[];
}

/** Whether the actor could take a step now. */
export function canStep(world: World, actor: Actor): boolean {
  const { k, actors } = world;
  const { m } = k;
  if (m.panicked) return false;
  if (actor.kind === 'clock') return nextDue(k, actors) !== Infinity;
  if (actor.kind === 'thread') return actor.path.state === 'running' && waitIsOver(m, actor.path);
  if (actor.kind === 'fault') return canFault(world, actor);
  if (actor.path !== null) return actor.path.state !== 'running' || waitIsOver(m, actor.path);
  return actor.next < actor.ops.length && actor.task.state === 'R';
}

/** Whether it is in the middle of something that it could go on with: who goes on without it preempts it. */
export function isRunnable(actor: Actor): boolean {
  if (actor.kind === 'clock' || actor.kind === 'thread') return false;
  if (actor.path === null) return actor.kind === 'task';
  return actor.path.wait === null || actor.path.wait.kind === 'preempt';
}

/** The actor takes one step. It must be able to. */
export function step(world: World, actor: Actor): void {
  const { k, actors } = world;
  if (actor.kind === 'clock') passTime(k, nextDue(k, actors));
  else if (actor.kind === 'thread') {
    actor.ran = true;
    stepPath(k, actor.path);
  } else if (actor.kind === 'fault') stepFault(world, actor);
  else stepTask(world, actor);
  // who is in user mode acts on what the OOM killer has sent him from the middle of somebody's way through the kernel
  if (k.m.sigpending.size > 0) returnToUser(k, k.m.init_task);
}

function nextDue(k: AnyKernel, actors: readonly Actor[]): number {
  let next = nextIoDue(k.m);
  for (const actor of actors) {
    if (actor.kind !== 'clock' && actor.path !== null) next = Math.min(next, timeoutOf(actor.path.wait));
  }
  return next;
}

/** A task's step. */
export function stepTask(world: World, actor: TaskActor): void {
  const { m } = world.k;
  const { content_token } = m;
  m.content_token = actor.token;
  if (actor.path === null) begin(world, actor);
  else if (actor.path.state === 'running') stepPath(world.k, actor.path);
  if (actor.path !== null && actor.path.state !== 'running') leaveKernel(world, actor, actor.path);
  actor.token = m.content_token;
  m.content_token = content_token;
}

function begin(world: World, actor: TaskActor): void {
  const { k, stage } = world;
  const { step: text, access, enter: body } = actor.ops[actor.next]!;
  if (access !== null) {
    const { address, pages } = access();
    accessPage(world, actor, address + actor.done * k.m.PAGE_SIZE, text.name === 'store', pages);
    return;
  }
  enter(k, actor, newPath(actor.task, body === undefined ? enterSyscall(k, callOf(text), argumentsOf(stage, text)) : body()));
}

function enter(k: AnyKernel, actor: TaskActor, path: KernelPath): void {
  actor.path = path;
  stepPath(k, path);
}

/** The access succeeds, or the task is in the kernel for its fault; it is tried again afterwards. */
function accessPage(world: World, actor: TaskActor, address: number, write: boolean, pages: number): void {
  const { k } = world;
  const page = tryAccess(k.m, actor.task, address, write);
  if (page === 0) {
    enter(k, actor, newPath(actor.task, k.ia64_do_page_fault(address, isrOf(write))));
    return;
  }
  if (write) {
    if (actor.contents.has(address)) actor.contents.set(address, k.m.content_token);
  } else checkContents(world, actor, address, k.m.mem_map.content[page]!);
  if (++actor.done >= pages) finishOp(actor, pages);
}

function checkContents({ lost }: World, { name, contents }: TaskActor, address: number, found: number): void {
  const expected = contents.get(address);
  if (expected !== undefined && expected !== found) lost.push(`${name} found other contents at 0x${address.toString(16)} than it had written`);
}

function finishOp(actor: TaskActor, result: number): void {
  actor.results.push(result);
  actor.next++;
  actor.done = 0;
}

/** Calls after which the task's memory is no longer what it was. */
const CHANGES_MEMORY = new Set(['mmap', 'munmap', 'mremap', 'brk', 'execve', 'shmat', 'shmdt', 'madvise', 'mprotect', 'exit', 'exit_group']);

/** The path is at its end: back to user mode, where signals are acted on. */
function leaveKernel({ k, stage }: World, actor: TaskActor, path: KernelPath): void {
  actor.path = null;
  const { step: text, access } = actor.ops[actor.next]!;
  if (path.state === 'returned' && access === null) {
    const result = path.value === undefined ? -EINTR : (path.value as number);
    if (text.as !== null) stage.results.set(text.as, result);
    if (CHANGES_MEMORY.has(text.name)) actor.contents.clear();
    finishOp(actor, result);
  }
  if (path.state !== 'locked-up') returnToUser(k, actor.task);
}
