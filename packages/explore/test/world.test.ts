/** A world at its beginning is the same each time, whatever was left unfinished before. */
import { describe, expect, it } from 'vitest';
import { race } from '@pmkit/explore';
import { stateHash } from '@pmkit/mm-core/testing';
import { canStep, step } from '../src/world/world.js';
import { createWorld, type RaceWorld } from '../src/world/create.js';
import { at } from './rig.js';

/** kswapd has a lot to do here. */
const TIGHT = race({
  name: 'tight', tasks: { job: { node: 1 } }, machine: { nodes: 3, pages: 64, cpus: 1, swap: 24 },
  before: ['job: a = mmap(0, 160P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)'], together: { job: ['store(a, 160)'] },
});

/** Wakes kswapd, lets it go on for so many steps, and leaves it there. @returns the state of the machine after each. */
function reclaim(world: RaceWorld, steps: number): string[] {
  const { actors, k } = world;
  const job = actors.find(({ kind }) => kind === 'task')!;
  const threads = actors.filter(actor => actor.kind === 'thread' && actor.name.startsWith('kswapd'));
  const woken = (): (typeof threads)[number] | undefined => threads.find(actor => canStep(world, actor));
  while (woken() === undefined) step(world, job);
  return Array.from({ length: steps }, () => {
    step(world, woken()!);
    return stateHash(k);
  });
}

describe('a world that is taken back', () => {
  it('has threads that have never run, also after an execution in which they did not', () => {
    const world = createWorld(TIGHT, at(10));
    world.reset();
    const states = reclaim(world, 8);
    expect(world.actors.some(actor => actor.kind === 'thread' && actor.path.wait?.kind === 'preempt')).toBe(true); // cut off in the middle
    for (let i = 0; i < 2; i++) {
      world.reset();
      world.reset(); // after an execution of no steps
      expect(reclaim(world, 8)).toEqual(states);
    }
  });
});
