/** Operations on processes, threads, CPUs and cpusets. */
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { touch, type Task } from '@pmkit/mm-core';
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCONT, SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { makeImage, parseImageName } from './image.js';
import type { Operation } from './operation.js';
import { areaOf, badPages, touchRange } from './accesses.js';
import { ofResult, performed, resultFields, type Performed, type Situation } from './performed.js';
import { modeNumber } from './policy-words.js';
import type { TaskRecord } from './recording.js';
import { maskOf, MASK_BITS, PAGE, type Proc, type World } from './world.js';

type TaskOperation = Exclude<Operation, {
  kind: 'mmap' | 'touch' | 'check' | 'setpol' | 'getpol' | 'mbind' | 'migrate' | 'movepages' | 'madvise' | 'mprotect' | 'munmap' | 'mlock' | 'munlock' | 'pin' | 'unpin' | 'sleep'
    | 'mkfile' | 'cp' | 'rm' | 'read' | 'write' | 'sync' | 'drop_caches' | 'free';
}>;
const MPOL_BIND = 2;
const done = (): Performed => performed(new Map([['ret', 0]]));

/** The process as the recording first shows it. */
function firstSeen({ recording, index }: Situation, name: string): TaskRecord | null {
  for (const { state } of recording.steps.slice(index)) {
    const task = state?.get(name);
    if (task !== undefined) return task === 'dead' ? null : task;
  }
  return null;
}

/** A child from the kernel, entered under its name; or an errno. */
function newTask(world: World, parent: Proc, name: string, flags: number | null): Proc | number {
  const pid = flags === null ? world.call(parent.task, 'fork') : world.enter(parent.task, () => world.k.sys_clone(flags));
  const task: Task | undefined = pid > 0 ? world.k.m.tasks.get(pid) : undefined;
  if (task === undefined) return pid;
  return flags === null ? world.addProc(name, task, null, parent) : world.addProc(name, task, parent);
}

function thread(world: World, op: Extract<Operation, { kind: 'thread' }>): Performed {
  const parent = world.proc(op.actor);
  const proc = newTask(world, parent, op.thread, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD);
  if (typeof proc === 'number') return ofResult(proc);
  const fields = new Map<string, string | number>([['ret', 0]]);
  if (op.mode !== null) {
    const mask = op.nodes === 'NULL' || op.nodes === 'BAD' ? null : maskOf(op.nodes);
    fields.set('setpol', world.call(proc.task, 'set_mempolicy', modeNumber(op.mode), mask, mask === null ? 0 : MASK_BITS));
  }
  if (op.touch !== null) {
    const { area, address, pages } = areaOf(parent, op.touch);
    touchRange(world, { ...parent, task: proc.task }, address, pages, true, 1, area.address);
  }
  return performed(fields);
}

/** Fills a node with memory of a process until only so many pages are free there. */
function hog(world: World, proc: Proc, node: number, leave: number): Performed {
  const { task } = proc;
  const pages = world.k.m.nodeConfig.find(({ id }) => id === node)?.pages ?? 0;
  const address = world.nextRegion(proc);
  world.must(task, 'mmap', address, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  world.must(task, 'mbind', address, pages * PAGE, MPOL_BIND, maskOf([node]), MASK_BITS, 0);
  for (let at = 0; at < pages && world.freePages(node) > leave;) {
    const count = Math.max(1, Math.min(pages - at, world.freePages(node) - leave));
    if (touch(world.k, task, address + at * PAGE, count, 'write') < count) break;
    at += count;
  }
  return done();
}

/** Writes to a file of the cpuset file system, by root. */
const writeCpuset = (world: World, name: string, file: string, value: string): number => world.enter(world.runner, () => world.k.cpuset_write(`/${name}`, file, value));

function createCpuset(world: World, name: string, files: readonly (readonly [file: string, value: string])[]): Performed {
  const made = world.enter(world.runner, () => world.k.cpuset_mkdir(`/${name}`));
  if (made < 0) return ofResult(made);
  const results = files.map(([file, value]) => writeCpuset(world, name, file, value));
  return performed(resultFields(results.find(result => result < 0) ?? 0), files.map(([file], i) => `${file}: ${errnoName(results[i]!)}`));
}

/**
 * Moves a process, or one thread of it. cgroup.procs, which takes the whole process, came with cgroups; before, each of its threads is written to `tasks`.
 */
function attach(world: World, name: string, proc: Proc, file: string): Performed {
  const group = file === 'tasks' ? [proc.task] : [...world.k.m.tasks.values()].filter(task => task.tgid === proc.task.tgid);
  const results = group.map(task => writeCpuset(world, name, 'tasks', String(task.pid)));
  return performed(resultFields(results.find(result => result < 0) ?? 0), results.map(errnoName));
}

/** Names a vma of the program's own, the n-th of a file with these permissions, so that operations can use it. */
function region(world: World, op: Extract<Operation, { kind: 'region' }>, { step }: Situation): Performed {
  const proc = world.proc(op.actor);
  const wanted = [...proc.image].filter(([name]) => {
    const vma = parseImageName(name);
    return vma?.file === op.file && (vma.perm === op.perm || vma.perm === `${op.perm}p`);
  });
  wanted.sort(([a], [b]) => parseImageName(a)!.offset - parseImageName(b)!.offset);
  const found = wanted[op.index]?.[1];
  if (found === undefined) throw new RangeError(`${op.actor} has no ${op.index + 1}. vma of ${op.file} with ${op.perm}`);
  const state = step.state?.get(op.actor);
  const recorded = state === undefined || state === 'dead' ? undefined : state.regions.get(op.region);
  proc.regions.set(op.region, { ...found, pages: Math.min(found.pages, recorded?.pages.length ?? found.pages) });
  return done();
}

function unspin(world: World, proc: Proc): Performed {
  const range = proc.spin;
  proc.spin = null;
  if (range === null) return done();
  const lost = world.alive(proc) ? badPages(world, proc, range.address, range.pages, 1, range.address) : range.pages;
  return performed(new Map([['ret', 0], ['lost_writes', lost], ['sig', 0]]));
}

export function performOnTasks(world: World, op: TaskOperation, situation: Situation): Performed {
  switch (op.kind) {
    case 'spawn': {
      const proc = world.spawn(op.name, op.uid, op.cpu, op.nocap);
      makeImage(world, proc, situation.recording, firstSeen(situation, op.name), op.exe);
      return done();
    }
    case 'kill': {
      const proc = world.proc(op.name);
      proc.collected = true;
      return ofResult(world.kill(proc));
    }
    case 'hog': return hog(world, world.proc(op.name), op.node, op.leave);
    case 'fork': {
      const child = newTask(world, world.proc(op.actor), op.child, null);
      return typeof child === 'number' ? ofResult(child) : done();
    }
    case 'thread': return thread(world, op);
    case 'affinity': {
      const { task } = world.proc(op.actor);
      return ofResult(world.call(task, 'sched_setaffinity', 0, op.cpus));
    }
    case 'region': return region(world, op, situation);
    case 'spin': {
      const proc = world.proc(op.actor);
      const { address, pages } = areaOf(proc, op.range);
      proc.spin = { address, pages, write: op.write };
      return done();
    }
    case 'stop': return ofResult(world.call(world.runner, 'kill', world.proc(op.actor).task.pid, SIGSTOP));
    case 'cont': return ofResult(world.call(world.runner, 'kill', world.proc(op.actor).task.pid, SIGCONT));
    case 'exit': {
      const proc = world.proc(op.actor);
      proc.collected = true;
      world.call(proc.task, 'exit_group', 0);
      world.reap(proc);
      return done();
    }
    case 'swapon': return ofResult(world.swap(true));
    case 'swapoff': return ofResult(world.swap(false));
    case 'unspin': return unspin(world, world.proc(op.actor));
    case 'prctl': return ofResult(world.call(world.proc(op.actor).task, 'prctl', op.option, op.value));
    case 'cpuset-create': return createCpuset(world, op.name, op.files);
    case 'cpuset-attach': return attach(world, op.name, world.proc(op.task), op.file);
    case 'cpuset-write': return ofResult(writeCpuset(world, op.name, op.file, op.value));
    case 'cpuset-rm': return ofResult(world.enter(world.runner, () => world.k.cpuset_rmdir(`/${op.name}`)));
  }
}
