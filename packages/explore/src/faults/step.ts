/** The steps of a fault. */
import { newPath, returnToUser, stepPath, waitIsOver } from '@pmkit/mm-core';
import type { Actor, FaultActor } from '../world/actor.js';
import type { World } from '../world/world.js';

/** Whether anybody has something left to do that a fault could get in the way of. */
const isGoingOn = (actors: readonly Actor[]): boolean =>
  actors.some(actor => actor.kind === 'task' && (actor.path !== null || (actor.next < actor.ops.length && actor.task.state === 'R')));

/** What has begun comes to its end; what has not need not begin. */
export function canFault({ k, actors }: World, actor: FaultActor): boolean {
  if (actor.path !== null) return waitIsOver(k.m, actor.path);
  return actor.open || (actor.fired < actor.times && isGoingOn(actors) && actor.fault.can());
}

export function stepFault(world: World, actor: FaultActor): void {
  if (actor.path !== null) goOn(world, actor);
  else if (actor.open) {
    actor.open = false;
    actor.fault.end!();
  } else begin(world, actor);
}

function begin(world: World, actor: FaultActor): void {
  const { fault } = actor;
  actor.fired++;
  const body = fault.begin(world);
  actor.open = fault.end !== undefined;
  if (body === undefined) return;
  actor.path = newPath(fault.who!, body);
  goOn(world, actor);
}

function goOn({ k }: World, actor: FaultActor): void {
  const path = actor.path!;
  stepPath(k, path);
  if (path.state === 'running') return;
  actor.path = null;
  if (path.state !== 'locked-up') returnToUser(k, path.task);
}

/** As it was before the race began. */
export function resetFault(actor: FaultActor): void {
  actor.fired = 0;
  actor.open = false;
  actor.path = null;
  actor.fault.pages.length = 0;
  actor.fault.left = 0;
}

/** References that faults hold at the moment, by page. */
export function heldByFaults(actors: readonly Actor[]): Map<number, number> {
  const held = new Map<number, number>();
  for (const actor of actors) {
    if (actor.kind === 'fault') for (const page of actor.fault.pages) held.set(page, (held.get(page) ?? 0) + 1);
  }
  return held;
}
