/** Steps of two tasks that share nothing can be taken in either order: the machine is the same afterwards. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { KernelPath, Task } from '@pmkit/mm-core';
import { IA64_ISR_W } from '@pmkit/mm-core/include/asm-ia64/kregs';
import { overlaps, type Footprint } from '../../src/record/footprint.js';
import { recordedInstance, type Recorded } from './bundle.js';
import { newWorld, randomCall, randomNumbers, type World } from './scenario.js';

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordedInstance();
});

interface Duel { readonly world: World; readonly a: KernelPath; readonly b: KernelPath }

/** What a task may be in the middle of. */
function begin(world: World, task: Task, other: Task, random: (below: number) => number): KernelPath {
  const { k, areas } = world;
  const all = areas.get(task)!;
  const area = all[random(all.length)];
  const bytes = (area?.pages ?? 1) * k.m.PAGE_SIZE;
  const address = area?.address ?? 0;
  const calls: readonly (readonly [string | number, ...unknown[]])[] = [
    ['mmap', 0, bytes, 3, 0x22, -1, 0], ['munmap', address, bytes], ['fork'], ['exit', 0], ['mbind', address, bytes, 2, recorded.mask(random(2)), recorded.MAXNODE, 0],
    [1279, other.pid, 2, recorded.nodes(0, 1), recorded.nodes(1, 0)], ['mprotect', address, bytes, 1], ['open', '/data', 0, 0], ['mlock', address, bytes],
  ];
  const kind = random(2 * calls.length);
  if (kind >= calls.length && area !== undefined) return recorded.newPath(task, k.ia64_do_page_fault(address + random(area.pages) * k.m.PAGE_SIZE, IA64_ISR_W));
  const [call, ...args] = calls[kind % calls.length]!;
  return recorded.newPath(task, recorded.enterSyscall(k, call, args));
}

const canStep = ({ k }: World, path: KernelPath): boolean => path.state === 'running' && path.task.state !== 'Z' && recorded.waitIsOver(k.m, path);

/** A child that shares what its parent has. */
function forked({ k, areas }: World, parent: Task): Task {
  const child = k.m.tasks.get(recorded.must(k, parent, 'fork'))!;
  areas.set(child, areas.get(parent)!);
  return child;
}

/** Two tasks, each at the beginning of a call or some steps into it, always the same for a seed; null when one of them has no next step. */
function duel(seed: number): Duel | null {
  const random = randomNumbers(seed);
  const world = newWorld(recorded);
  const { k, jobs, areas } = world;
  for (let n = 0; n < 8; n++) randomCall(recorded, world, random);
  const first = jobs[0]!;
  areas.get(first)!.push({ address: recorded.anonymous(k, first, 8), pages: 8 }, { address: recorded.mapMemory(k, first, 8), pages: 8 });
  const second = random(3) === 0 ? recorded.spawn(k, { comm: 'job', cpu: 1 }) : forked(world, first);
  if (!areas.has(second)) areas.set(second, [{ address: recorded.anonymous(k, second, 8), pages: 8 }]);
  const pair = [first, second];
  if (pair.some(job => job.state !== 'R')) return null;
  if (random(2) === 0) second.cpu = first.cpu;
  k.m.preemptible = true;
  for (const field of ['current', 'preempt_count']) recorded.recorder.ignore(k.m, field);
  recorded.recorder.ignore(k.m.paths);
  const [a, b] = [begin(world, first, second, random), begin(world, second, first, random)];
  for (const path of [a, b]) k.m.paths.set(path.task, path); // from the start, so that who is in it first is the same in both orders
  for (const path of [a, b]) for (let n = random(3); n > 0; n--) if (canStep(world, path)) recorded.stepPath(k, path);
  return canStep(world, a) && canStep(world, b) ? { world, a, b } : null;
}

/** Takes one step of each in this order. */
function take(seed: number, order: readonly ('a' | 'b')[]): { hash: string; footprints: [Footprint, Footprint] } | null {
  const made = duel(seed);
  if (made === null) return null;
  const { k } = made.world;
  recorded.recorder.nameAll(k.m);
  const footprints = order.map(who => {
    const path = who === 'a' ? made.a : made.b;
    recorded.recorder.begin(who === 'a' ? 1 : 2, 0);
    if (canStep(made.world, path)) recorded.stepPath(k, path);
    return recorded.recorder.end();
  }) as [Footprint, Footprint];
  return { hash: recorded.stateHash(k), footprints };
}

describe('steps that do not overlap', () => {
  it('lead to the same machine in both orders', () => {
    let independent = 0;
    let dependent = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const first = take(seed, ['a', 'b']);
      if (first === null) continue;
      if (overlaps(...first.footprints)) {
        dependent++;
        continue;
      }
      independent++;
      const second = take(seed, ['b', 'a'])!;
      expect(second.hash, `seed ${seed}`).toBe(first.hash);
      expect(new Set(second.footprints[1].writeLoc), `seed ${seed}`).toEqual(new Set(first.footprints[0].writeLoc));
    }
    expect(independent).toBeGreaterThan(20);
    expect(dependent).toBeGreaterThan(2);
  });
});
