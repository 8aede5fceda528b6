/** What several entries do to a machine, and how they put what they see. */
import { replaceSymbol } from '@pmkit/linker';
import { newListHead, NO_RESULT, type ListHead, type Page, type Task } from '@pmkit/mm-core';
import { page_count, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import type { Lab, Mapping } from '../lab.js';

/** What became of a call, and of who made it when it did not return: `4`, `-EINVAL`, `BUG, batchd dies`. */
export function fate(lab: Lab, caller: Task, result: number): string {
  if (result !== NO_RESULT) return lab.result(result);
  const end = caller.state === 'H' ? 'spins' : caller.state === 'S' ? 'sleeps' : 'dies';
  return `${bugs(lab) > 0 ? 'BUG, ' : ''}${caller.comm} ${end}`;
}
/** BUG()s hit since boot. */
const bugs = (lab: Lab): number => lab.log().filter(line => line.startsWith('kernel BUG')).length;

/** Results side by side; one when they are all the same. */
export const sideBySide = (texts: readonly string[], separator = ' '): string => (new Set(texts).size === 1 ? texts[0]! : texts.join(separator));

/** References to a page of a mapping, as page_count() has them. */
export const countOf = (lab: Lab, mapping: Mapping, index = 0): number => page_count(lab.k.m.mem_map, lab.frame(mapping, index));

/** Puts the pages that wait in the pagevecs of all CPUs on the LRU. */
export function drain(lab: Lab): void {
  const { k } = lab;
  for (const cpu of k.m.cpus) k.lru_drain_cache(cpu);
}

/** steal_page_from_lru() by a task. */
export const steal = (lab: Lab, thief: Task, page: Page, list: ListHead): number => lab.enter(thief, 'steal_page_from_lru', page_zone(lab.k.m, page), page, list);

/** Takes pages off the LRU, as a migrator does. @returns the list they are on. */
export function stealPages(lab: Lab, pages: readonly Page[]): ListHead {
  drain(lab);
  const list = newListHead(lab.k.m);
  for (const page of pages) if (steal(lab, lab.batchd, page, list) !== 1) throw new Error(`page ${page} is not on the LRU`);
  return list;
}
/** The same for the pages of a mapping; all of them must be there. */
export const stealMapping = (lab: Lab, mapping: Mapping): ListHead => stealPages(lab, Array.from({ length: mapping.pages }, (_, i) => lab.frame(mapping, i)));

/** Whether try_to_migrate_pages() has its second parameter. */
export const takesNodeMap = (lab: Lab): boolean => lab.row('try_to_migrate_pages')!.length === 2;
/** try_to_migrate_pages() of a list by the batch scheduler, without a map. */
export const migrateList = (lab: Lab, list: ListHead): number => lab.enter(lab.batchd, 'try_to_migrate_pages', list, ...(takesNodeMap(lab) ? [null] : []));

/** An array for try_to_migrate_pages(): -1 but for what is named, node → node. */
export function nodeMap(entries: Readonly<Record<number, number>>): Int32Array {
  const map = new Int32Array(MAX_NUMNODES).fill(-1);
  for (const [node, to] of Object.entries(entries)) map[Number(node)] = to;
  return map;
}

/** Pages of a mapping that are there and off the LRU. */
export const offLru = (lab: Lab, mapping: Mapping): number =>
  Array.from({ length: mapping.pages }, (_, i) => lab.frame(mapping, i)).filter(page => page !== 0 && !PageLRU(lab.k.m.mem_map, page)).length;

/**
 * migrate_pages() as the overview has a batch scheduler do it: stop, move, continue.
 * @returns the result, and where the pages of the mappings are: `4, N2=4`.
 */
export function move(lab: Lab, job: Task, from: readonly number[], to: readonly number[], ...mappings: readonly Mapping[]): string {
  lab.stop(job);
  const result = lab.migrate(job, from, to);
  lab.cont(job);
  return [fate(lab, lab.batchd, result), ...mappings.map(mapping => lab.pages(mapping))].join(', ');
}

/** Does something right before a call of a kernel function, with its arguments: the first one, or the one after `skip` others. Nothing where there is no such function. */
export function beforeCall(lab: Lab, name: string, action: (...args: readonly unknown[]) => void, skip = 0): void {
  const { k } = lab;
  if (!lab.hasSymbol(name)) return;
  const real = (k as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
  let calls = 0;
  const hooked = function* (this: unknown, ...args: unknown[]): Generator {
    if (calls++ === skip) action(...args);
    const result = real.apply(this, args);
    return typeof result === 'object' && result !== null && 'next' in result ? ((yield* result as Generator) as unknown) : result;
  };
  Object.defineProperty(hooked, 'length', { value: real.length });
  replaceSymbol(k, name, hooked);
}
