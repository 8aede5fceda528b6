import { beforeEach, describe, expect, it } from 'vitest';
import { GFP_ATOMIC, GFP_KERNEL } from '../src/include/linux/gfp.js';
import {
  CAP_SYS_ADMIN, CAP_SYS_RAWIO, CLONE_VM, OOM_DISABLE, PF_DEAD, PF_EXITING, PF_MEMDIE, PF_SWAPOFF, SIGCHLD, SIGKILL,
} from '../src/include/linux/sched.js';
import { residentPage, run, runKernel, settle, spawn, syscall, touch, type Kernel, type Task } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { PAGE, type Fixture } from './files.js';
import { bootSmall, mapAnonymous, writtenMemory } from './reclaim.js';

const ALL_CAPS = (1 << 29) - 1;
const USER = 1000;
const HOURS = 3600 * 1000;

let f: Fixture;
let k: Kernel;
beforeEach(() => {
  f = bootSmall();
  k = f.k;
});

/** An ordinary user's process with so many pages of address space, none of them touched. */
function process(comm: string, pages: number, parent?: Task): Task {
  const task = spawn(k, { comm, uid: USER, ...(parent === undefined ? {} : { parent }) });
  if (pages > 0) mapAnonymous(k, task, pages);
  return task;
}
/** A second task in another thread group that shares the memory of `task`. */
function sharer(task: Task): Task {
  const pid = runKernel(k, task, k.do_fork(CLONE_VM | SIGCHLD));
  return k.m.tasks.get(pid)!;
}
const killed = (): string[] => k.m.log.filter(line => line.text.startsWith('Out of Memory')).map(line => line.text);
const line = (task: Task): string => `Out of Memory: Killed process ${task.pid} (${task.comm}).`;
/** out_of_memory() as an allocation of `caller` calls it, signals acted upon. */
function outOfMemory(caller: Task = f.task): void {
  runKernel(k, caller, (function* () { k.out_of_memory(GFP_KERNEL); })());
}

describe('badness()', () => {
  it('is the size of the address space, touched or not', () => {
    const task = process('job', 100);
    expect(k.badness(task)).toBe(100);
    touch(k, task, task.mm!.mmap!.vm_start, 50, 'write');
    expect(k.badness(task)).toBe(100);
  });

  it('counts what the children have, but not twice what they share', () => {
    const parent = process('server', 10);
    process('worker', 30, parent);
    process('worker', 30, parent);
    sharer(parent);
    expect(k.badness(parent)).toBe(70);
  });

  it('is nothing for a task without memory of its own', () => {
    expect(k.badness(k.m.kthreads[0]!.task)).toBe(0);
  });

  it('takes a quarter for root, and for who has its powers, and again for who drives hardware', () => {
    const task = process('job', 103);
    for (const [identity, points] of [
      [{ uid: 0 }, 25], [{ euid: 0 }, 25], [{ cap_effective: 1 << CAP_SYS_ADMIN }, 25], [{ cap_effective: 1 << CAP_SYS_RAWIO }, 25],
      [{ uid: 0, cap_effective: ALL_CAPS }, 6], [{ suid: 0 }, 103],
    ] as const) {
      Object.assign(task, { uid: USER, euid: USER, suid: USER, cap_effective: 0 }, identity);
      expect(k.badness(task)).toBe(points);
    }
  });

  it('shifts by oomkilladj', () => {
    const task = process('job', 103);
    task.oomkilladj = 3;
    expect(k.badness(task)).toBe(824);
    task.oomkilladj = -3;
    expect(k.badness(task)).toBe(12);
  });

  it('forgives what has run for long: the fourth root of its age', () => {
    const task = process('job', 120);
    k.m.now += 4 * HOURS;
    expect(k.badness(task)).toBe(120);
    k.m.now += HOURS; // 16 * 1024 s
    expect(k.badness(task)).toBe(60);
    k.m.now = task.start_time + 81 * 1024 * 1000;
    expect(k.badness(task)).toBe(40);
  });
});

describe('out_of_memory()', () => {
  it('kills the largest process and says so', () => {
    process('small', 10);
    const large = process('large', 100);
    process('middle', 50);
    outOfMemory();
    expect(killed()).toEqual([line(large)]);
    expect(k.m.log.map(entry => entry.text)).toContain('oom-killer: gfp_mask=0xd0');
    expect(large.state).toBe('Z');
    expect(large.exit_code).toBe(SIGKILL);
    expect(check_invariants(k)).toEqual([]);
  });

  it('takes the older of two that are equally bad', () => {
    const [older] = [process('twin', 20), process('twin', 20)];
    outOfMemory();
    expect(killed()).toEqual([line(older)]);
  });

  it('kills a child for its parent', () => {
    const parent = process('server', 100);
    const child = process('worker', 5, parent);
    process('worker', 50, parent);
    outOfMemory();
    expect(killed()).toEqual([line(child)]);
    expect(parent.state).toBe('R');
  });

  it('kills the parent when its children have no memory of their own, and them with it', () => {
    const parent = process('server', 100);
    const other = sharer(parent);
    outOfMemory();
    expect(killed()).toEqual([line(parent), line(other)]);
    expect([parent.state, other.state]).toEqual(['Z', 'Z']);
  });

  it('wakes a stopped victim', () => {
    const large = process('large', 100);
    syscall(k, f.task, 'kill', large.pid, 19);
    expect(large.state).toBe('T');
    outOfMemory();
    expect(large.state).toBe('Z');
  });

  it('leaves alone whom the administrator has exempted', () => {
    process('vital', 100).oomkilladj = OOM_DISABLE;
    const other = process('other', 10);
    outOfMemory();
    expect(killed()).toEqual([line(other)]);
  });

  it('takes a task in swapoff before all others', () => {
    process('large', 100);
    f.task.flags |= PF_SWAPOFF;
    mapAnonymous(k, f.task, 1);
    outOfMemory(process('caller', 1));
    expect(killed()).toEqual([line(f.task)]);
  });

  it.each([['chosen', PF_MEMDIE], ['exiting', PF_EXITING]])('waits for a victim that was %s and is not dead yet', (_how, flag) => {
    const dying = process('dying', 1);
    process('large', 100);
    dying.flags |= flag;
    outOfMemory();
    expect(killed()).toEqual([]);
    dying.flags |= PF_DEAD;
    outOfMemory();
    expect(killed()).toHaveLength(1);
  });

  it('panics when nobody may be killed', () => {
    for (const task of k.m.tasks.values()) task.oomkilladj = OOM_DISABLE;
    const outcome = run(k, f.task, (function* () { k.out_of_memory(GFP_KERNEL); })());
    expect(outcome.kind).toBe('locked-up');
    expect(k.m.panicked).toBe(true);
    expect(k.m.log.at(-1)!.text).toBe('Kernel panic - not syncing: Out of memory and no killable processes...');
  });

  it('looks for ever, as 2.6.12 does, when those that may be killed have no memory', () => {
    for (const task of k.m.tasks.values()) if (task.mm !== null) task.oomkilladj = OOM_DISABLE;
    const outcome = run(k, f.task, (function* () { k.out_of_memory(GFP_KERNEL); })());
    expect(outcome.kind).toBe('locked-up');
    expect(f.task.state).toBe('H');
    expect(k.m.tasklist_lock.held).toBe(true);
  });
});

describe('a machine without swap that is full', () => {
  it('ends the process that fills it: out of memory, but not killed by the page fault', () => {
    const hog = process('hog', 400);
    const address = hog.mm!.mmap!.vm_start;
    const written = touch(k, hog, address, 400, 'write');
    expect(written).toBeGreaterThan(200);
    expect(written).toBeLessThan(256);
    expect(killed()).toEqual([line(hog)]);
    expect(hog).toMatchObject({ state: 'Z', exit_code: SIGKILL });
    expect(k.m.log.some(entry => entry.text.startsWith('VM: killing process'))).toBe(false);
    settle(k);
    expect(check_invariants(k)).toEqual([]);
  });

  it('lets a small process go on once the large one, which was not even running, is dead', () => {
    const large = process('large', 0);
    writtenMemory(k, large, 200);
    const small = process('small', 60);
    const address = small.mm!.mmap!.vm_start;
    expect(touch(k, small, address, 60, 'write')).toBe(60);
    expect(killed()).toEqual([line(large)]);
    expect(large.state).toBe('Z');
    expect(small.state).toBe('R');
    expect(residentPage(k.m, small, address + 59 * PAGE)).not.toBe(0);
    settle(k);
    expect(check_invariants(k)).toEqual([]);
  });

  it('gives the victim the last pages, which nobody else gets', () => {
    const zone = k.m.zones[0]!;
    const [victim, other] = [process('victim', 1), process('other', 1)];
    zone.pages_min = zone.pages_low = zone.pages_high = zone.free_pages * 4;
    victim.flags |= PF_MEMDIE;
    const allocate = (task: Task): number => runKernel(k, task, k.__alloc_pages(GFP_ATOMIC, 0, k.m.node_data[0]!.node_zonelists[0]!));
    expect(allocate(other)).toBe(0);
    expect(k.m.log.at(-1)!.text).toBe('other: page allocation failure. order:0, mode:0x20');
    expect(allocate(victim)).not.toBe(0);
  });
});
