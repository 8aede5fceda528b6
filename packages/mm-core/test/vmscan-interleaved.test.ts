/** Reclaim that may be interrupted between any two of its critical sections, by programs, by other reclaim and by the end of I/O. */
import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { expect, it } from 'vitest';
import { IA64_ISR_R, IA64_ISR_W } from '../src/include/asm-ia64/kregs.js';
import { MAP_SHARED } from '../src/include/asm-ia64/mman.js';
import { _PAGE_A, _PAGE_AR_W, _PAGE_D, _PAGE_P, pte_offset, pte_page } from '../src/include/asm-ia64/pgtable.js';
import { KERN_ERR } from '../src/include/linux/kernel.js';
import { SIGCHLD } from '../src/include/linux/sched.js';
import type { Pte } from '../src/include/linux/types.js';
import { PREEMPT, type MaySleep } from '../src/include/linux/wait.js';
import { advanceTime, newPath, runKernel, settle, spawn, stepPath, waitIsOver, type Kernel, type Task } from '../src/index.js';
import { nextContentToken, type KernelPath } from '../src/machine.js';
import { check_invariants } from '../src/testing.js';
import { PAGE } from './files.js';
import { addSwap, bootSmall, mapAnonymous, mapFile, newFile, scan, zoneOf } from './reclaim.js';

const AREA = 60;
const ACCESSES = 150;
type Chance = (n: number) => number;

/** A number from 0 to n - 1 (a linear congruential generator). */
function chance(seed: number): Chance {
  let state = seed >>> 0;
  return n => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
}

/** What a program does: loads and stores in its two areas; each load must find what `contents` says. */
function* program(k: Kernel, task: Task, areas: readonly { start: number; contents: Map<number, number> }[], random: Chance): MaySleep<number> {
  const { m } = k;
  for (let n = 0; n < ACCESSES; n++) {
    const { start, contents } = areas[random(areas.length)]!;
    const index = random(AREA);
    const write = random(2) === 0;
    const address = start + index * PAGE;
    const need = write ? _PAGE_P | _PAGE_AR_W : _PAGE_P;
    let ptep = pte_offset(m, task.mm!, address);
    while (ptep === 0 || (m.ptes[ptep]! & need) !== need) {
      strictEqual(yield* k.ia64_do_page_fault(address, write ? IA64_ISR_W : IA64_ISR_R), 0);
      ptep = pte_offset(m, task.mm!, address);
    }
    m.ptes[ptep] = (m.ptes[ptep]! | _PAGE_A | (write ? _PAGE_D : 0)) >>> 0;
    const page = pte_page(m.ptes[ptep]! as Pte);
    if (write) contents.set(index, (m.mem_map.content[page] = nextContentToken(m)));
    else if (contents.has(index)) strictEqual(m.mem_map.content[page], contents.get(index));
    yield PREEMPT;
  }
  return 0;
}

/** Direct reclaim that never has enough. */
function* reclaimer(k: Kernel, random: Chance): MaySleep<number> {
  for (let n = 0; n < ACCESSES / 2; n++) {
    zoneOf(k).prev_priority = random(3);
    yield* k.shrink_zone(zoneOf(k), scan({ priority: random(3), nr_mapped: k.m.page_state.nr_mapped }));
    yield PREEMPT;
  }
  return 0;
}

/** Steps paths in an order that `random` says, kernel threads among them, until those given have ended. */
function interleave(k: Kernel, paths: readonly KernelPath[], random: Chance): void {
  const { m } = k;
  m.preemptible = true;
  while (paths.some(path => path.state === 'running')) {
    const sleeping = [...m.paths.values()].filter(path => !paths.includes(path));
    const starting = m.kthreads.filter(thread => thread.wake.woken && !m.paths.has(thread.task)).map(thread => newPath(thread.task, thread.main()));
    const ready = [...paths, ...sleeping, ...starting].filter(path => path.state === 'running' && waitIsOver(m, path));
    if (ready.length === 0 || random(40) === 0) advanceTime(k);
    else stepPath(k, ready[random(ready.length)]!);
  }
  m.preemptible = false;
}

it('programs read what they wrote while their memory is reclaimed, whoever is interrupted when', () => {
  let swapped = 0;
  fc.assert(fc.property(fc.constantFrom('ext2', 'ext3', 'xfs', 'tmpfs'), fc.nat(), (fstype, seed) => {
    const random = chance(seed);
    const f = bootSmall(fstype, 150);
    const { k, task } = f;
    addSwap(k, 600);
    newFile(f, '/data/file', AREA);
    const anonymous = mapAnonymous(k, task, AREA);
    const shared = { start: mapFile(f, '/data/file', AREA, MAP_SHARED), contents: new Map<number, number>() };
    const child = k.m.tasks.get(runKernel(k, task, k.do_fork(SIGCHLD)))!;
    const run = (who: Task): KernelPath => newPath(who, program(k, who, [{ start: anonymous, contents: new Map() }, shared], random));
    const paths = [run(task), run(child), newPath(spawn(k, { comm: 'reclaimer' }), reclaimer(k, random))];
    interleave(k, paths, random);
    expect(paths.map(path => path.state)).toEqual(['returned', 'returned', 'returned']);
    settle(k);
    expect(k.m.log.filter(line => line.level <= KERN_ERR)).toEqual([]);
    expect(check_invariants(k)).toEqual([]);
    swapped += k.m.page_state.pswpout;
  }), { numRuns: 20 });
  expect(swapped).toBeGreaterThan(0);
});
