/** Runs a program on its stand. */
import { enterSyscall, settle, syscall, type MaySleep } from '@pmkit/mm-core';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import { MIGRATE_PAGES } from '@pmkit/series/catalogue';
import type { Op, TaskActor } from '../world/actor.js';
import { canStep, step } from '../world/world.js';
import { ACCESSES } from './calls.js';
import { Draw } from './draw.js';
import type { Watcher } from './guide.js';
import { MOST_PAGES, valueOf, type Call, type Program, type Scope } from './program.js';
import { DISKS, type Stand } from './stand.js';

/** What came of it. The stand is in its final state. */
export interface Played {
  /** By call id, what it returned; absent when it did not return, or was never made. */
  readonly results: ReadonlyMap<number, number>;
  /** Calls that were made. */
  readonly made: number;
  readonly steps: number;
  /** Why it was not played to the end: a BUG(), too many steps, an exception of the simulator; null when it was. */
  readonly stopped: 'bug' | 'steps' | Error | null;
}

/** migrate_pages() alone tries for some hundred rounds of sleep. */
const MAX_STEPS = 20_000;

/** Plays the program from the stand's beginning. */
export function play(stand: Stand, program: Program, watcher: Watcher = {}): Played {
  return new Player(stand, program, watcher).play();
}

class Player {
  readonly #stand: Stand;
  readonly #program: Program;
  readonly #watcher: Watcher;
  readonly #tasks: readonly TaskActor[];
  /** By call id: who makes it, and as which of his operations. */
  readonly #places = new Map<number, { readonly actor: TaskActor; readonly index: number }>();
  #steps = 0;

  constructor(stand: Stand, program: Program, watcher: Watcher) {
    this.#stand = stand;
    this.#program = program;
    this.#watcher = watcher;
    this.#tasks = stand.world.actors.filter(actor => actor.kind === 'task');
  }

  play(): Played {
    const { world } = this.#stand;
    const { m } = world.k;
    world.reset();
    this.#watcher.begin?.();
    this.#load();
    m.preemptible = this.#program.schedule !== null;
    let stopped: Played['stopped'] = null;
    const bugs = m.die_counter;
    try {
      if (this.#program.schedule === null) this.#inOrder(bugs);
      else this.#atOnce(new Draw(this.#program.schedule), bugs);
      if (m.die_counter !== bugs || m.panicked) stopped = 'bug';
      else if (this.#steps >= MAX_STEPS) stopped = 'steps';
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      stopped = error;
    } finally {
      m.preemptible = false;
    }
    const results = this.#results();
    return { results, made: this.#tasks.reduce((sum, { results: list, path }) => sum + list.length + (path === null ? 0 : 1), 0), steps: this.#steps, stopped };
  }

  #load(): void {
    const ops = this.#tasks.map((): Op[] => []);
    for (const call of this.#program.calls) {
      const actor = this.#tasks[call.task]!;
      const list = ops[call.task]!;
      this.#places.set(call.id, { actor, index: list.length });
      list.push(this.#op(call));
    }
    this.#tasks.forEach((actor, i) => { actor.ops = ops[i]!; });
  }

  #op({ name, args }: Call): Op {
    const { world, areas, pids } = this.#stand;
    const { k } = world;
    const scope: Scope = {
      pageSize: k.m.PAGE_SIZE, areas, pids, disk: disk => k.m.bdevs.get(disk) ?? k.m.bdevs.get(DISKS[1]),
      result: id => {
        const place = this.#places.get(id);
        return place?.actor.results[place.index] ?? 0;
      },
    };
    const values = (): unknown[] => args.map(arg => valueOf(scope, arg));
    const stepText = { task: '', name, line: 0, text: name, as: null, args: [] };
    if ((ACCESSES as readonly string[]).includes(name)) {
      return { step: stepText, access: () => {
        const [address, pages] = values() as [number, number];
        return { address: address < 0 ? 0 : address, pages: Math.max(1, Math.min(pages, MOST_PAGES)) };
      } };
    }
    return { step: stepText, access: null, enter: (): MaySleep<number> => enterSyscall(k, name === 'migrate_pages' ? MIGRATE_PAGES : name, values()) };
  }

  /** Each call to its end before the next; who sleeps for ever is left alone. */
  #inOrder(bugs: number): void {
    const { m } = this.#stand.world.k;
    for (const { id } of this.#program.calls) {
      const { actor, index } = this.#places.get(id)!;
      while (actor.next === index && this.#goesOn(bugs)) {
        if (m.need_resched || actor.path?.wait?.kind === 'preempt') { // as the kernel's own driver does it (sim/run.ts)
          m.need_resched = false;
          while (this.#goesOn(bugs) && this.#stepThread());
        }
        if (canStep(this.#stand.world, actor)) this.#step(actor);
        else if (!(actor.path !== null && this.#stepAnother())) break;
      }
      while (this.#goesOn(bugs) && this.#stepThread());
    }
    while (this.#goesOn(bugs) && this.#stepAnother());
  }
  #goesOn(bugs: number): boolean {
    const { m } = this.#stand.world.k;
    return this.#steps < MAX_STEPS && m.die_counter === bugs && !m.panicked;
  }
  #stepThread(): boolean {
    const { world } = this.#stand;
    const thread = world.actors.find(actor => actor.kind === 'thread' && canStep(world, actor));
    if (thread !== undefined) this.#step(thread);
    return thread !== undefined;
  }
  /** Somebody who is in the kernel goes on; time only passes when nobody can. */
  #stepAnother(): boolean {
    if (this.#stepThread()) return true;
    const { world } = this.#stand;
    const next = world.actors.find(actor => (actor.kind === 'clock' || (actor.kind === 'task' && actor.path !== null)) && canStep(world, actor));
    if (next !== undefined) this.#step(next);
    return next !== undefined;
  }

  #atOnce(draw: Draw, bugs: number): void {
    const { world } = this.#stand;
    while (this.#goesOn(bugs)) {
      const able = world.actors.filter(actor => canStep(world, actor));
      if (able.length === 0) return;
      this.#step(draw.of(able));
    }
  }

  #step(actor: Parameters<typeof step>[1]): void {
    this.#steps++;
    this.#watcher.beginStep?.();
    step(this.#stand.world, actor);
  }

  #results(): Map<number, number> {
    const results = new Map<number, number>();
    for (const { id } of this.#program.calls) {
      const { actor, index } = this.#places.get(id)!;
      const result = actor.results[index];
      if (result !== undefined) results.set(id, result);
    }
    return results;
  }
}

/** Everybody is killed: what is left then has been forgotten by somebody. */
export function killAll({ world }: Stand): void {
  const { k } = world;
  for (const actor of world.actors) if (actor.kind === 'thread') actor.ran = true; // not as a step of its own
  settle(k);
  for (const task of [...k.m.tasks.values()]) {
    if (task.mm !== null && task.pid > 1) syscall(k, k.m.init_task, 'kill', task.pid, SIGKILL);
  }
  settle(k);
}
