/** A tree of four functions and two patches, shaped like the series: a patch changes a prototype that an older caller uses. */
import { defineBase, definePatch, type Calls } from '../src/index.js';

export interface State { readonly m: { busy: number; log: string[] } }

export interface Tree0 {
  migrate: (this: Calls<Tree0, never, State>, list: number) => number;
  steal: (this: Calls<Tree0, never, State>, page: number) => number;
  sleep: (this: Calls<Tree0, never, State>, ms: number) => Generator<string, number, undefined>;
  capture: (this: Calls<Tree0, 'migrate' | 'steal', State>, page: number) => number;
  capture_slow: (this: Calls<Tree0, 'sleep' | 'capture', State>, page: number) => Generator<string, number, undefined>;
}

const mmigrate = {
  migrate(this: Calls<Tree0, never, State>, list: number): number {
    return list + this.m.busy;
  },
};
const inline = {
  steal(this: Calls<Tree0, never, State>, page: number): number {
    return page > 0 ? 1 : 0;
  },
};
const sched = {
  *sleep(this: Calls<Tree0, never, State>, ms: number): Generator<string, number, undefined> {
    yield 'timeout';
    return ms;
  },
};
const hotplug = {
  capture(this: Calls<Tree0, 'migrate' | 'steal', State>, page: number): number {
    return this.steal(page) === 1 ? this.migrate(page) : -1;
  },
  *capture_slow(this: Calls<Tree0, 'sleep' | 'capture', State>, page: number): Generator<string, number, undefined> {
    yield* this.sleep(10);
    return this.capture(page);
  },
};
export const bare = defineBase({ name: 'base', package: '@x/base', objects: { 'mm/mmigrate.c': mmigrate, 'include/mm_inline.h': inline, 'kernel/sched.c': sched } });
export const full = defineBase({ name: 'base', package: '@x/base', objects: { ...bare.objects, 'mm/page_alloc.c': hotplug } });

const steal2 = {
  steal(this: Calls<Tree0, never, State>, page: number): number {
    return page > 5 ? 1 : 0;
  },
};
export const p1 = definePatch({ name: 'p1', package: '@x/p1', after: 'base', replaces: { 'include/mm_inline.h': steal2 } });

const migrate2 = {
  migrate(this: Calls<Tree0, never, State>, list: number, nodeMap: number | null): number {
    return list + this.m.busy + (nodeMap ?? 0);
  },
};
export const p2 = definePatch({ name: 'p2', package: '@x/p2', after: 'p1', reprototypes: { 'mm/mmigrate.c': migrate2 } });
export const careless = definePatch({ name: 'p2', package: '@x/p2', after: 'p1', replaces: { 'mm/mmigrate.c': migrate2 } });

/** The cure, as patch 10 is: the caller passes what the new prototype wants. */
export interface Tree2 { migrate: (this: Calls<Tree0, never, State>, list: number, node_map: number | null) => number; steal: Tree0['steal'] }
const capture2 = {
  capture(this: Calls<Tree2, 'migrate' | 'steal', State>, page: number): number {
    return this.steal(page) === 1 ? this.migrate(page, null) : -1;
  },
};
export const p3 = definePatch({ name: 'p3', package: '@x/p3', after: 'p2', replaces: { 'mm/page_alloc.c': capture2 } });
export const newState = (): State => ({ m: { busy: 100, log: [] } });
