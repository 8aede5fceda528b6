/**
 * The description of a process while its memory is being made: the vmas it must have, from what it was told to do. What only the machine
 * can tell, which page is where, is looked up in its page tables when all is done (scene.ts).
 */
import type { Inode } from '@pmkit/mm-core/include/linux/fs';
import type { Task as SimTask } from '@pmkit/mm-core';
import type { MappedObject, Policy, Task } from '../model/situation.js';

/** A file or segment as both sides know it. */
export interface DraftObject extends MappedObject { readonly inode: Inode }

export interface DraftVma {
  /** In pages. */
  readonly start: number;
  prot: number;
  readonly shared: boolean;
  locked: boolean;
  io: boolean;
  readonly object: DraftObject | null;
  readonly offset: number;
  policy: Policy | null;
  /** By page: a private copy that a store has made. */
  readonly own: boolean[];
}

export interface DraftArea { readonly start: number; readonly pages: number; locked: boolean; protected: boolean }

export interface DraftTask {
  readonly sim: SimTask;
  uid: number;
  euid: number;
  suid: number;
  capabilities: readonly number[];
  mems: readonly number[];
  policy: Policy | null;
  nextInterleaved: number;
  areas: DraftArea[];
  vmas: DraftVma[] | null;
}

/** What a task has before anything is done to it. */
export const newDraft = (sim: SimTask, uid: number, capabilities: readonly number[], mems: readonly number[]): DraftTask =>
  ({ sim, uid, euid: uid, suid: uid, capabilities, mems, policy: null, nextInterleaved: 0, areas: [], vmas: [] });

/** fork(): the same memory, and locks are not inherited. */
export const forkedDraft = (parent: DraftTask, sim: SimTask): DraftTask => ({
  ...parent, sim,
  areas: parent.areas.map(area => ({ ...area })),
  vmas: parent.vmas!.map(vma => ({ ...vma, locked: false, own: [...vma.own] })),
});

/** The vmas of start…start + pages, cut so that they begin and end there. */
export function cutOut(task: DraftTask, start: number, pages: number): DraftVma[] {
  const end = start + pages;
  for (const at of [start, end]) task.vmas = task.vmas!.flatMap(vma => cutAt(vma, at));
  return task.vmas!.filter(vma => vma.start >= start && vma.start < end);
}
function cutAt(vma: DraftVma, at: number): DraftVma[] {
  const pages = at - vma.start;
  if (pages <= 0 || pages >= vma.own.length) return [vma];
  return [{ ...vma, own: vma.own.slice(0, pages) }, { ...vma, start: at, offset: vma.offset + pages, own: vma.own.slice(pages) }];
}

/** Changes something of the vmas of a range; those that are like that already stay whole, as mprotect() and mlock() leave them. */
export function changeRange(task: DraftTask, start: number, pages: number, isChange: (vma: DraftVma) => boolean, change: (vma: DraftVma) => void): void {
  for (const vma of [...task.vmas!]) {
    const from = Math.max(vma.start, start);
    const to = Math.min(vma.start + vma.own.length, start + pages);
    if (from < to && isChange(vma)) cutOut(task, from, to - from).forEach(change);
  }
}

/** The page of a task at a page number was stored into. */
export function stored(task: DraftTask, page: number): void {
  const vma = task.vmas!.find(candidate => candidate.start <= page && page < candidate.start + candidate.own.length)!;
  if (!vma.shared) vma.own[page - vma.start] = true;
}

/** The task as the model takes it, memory apart. */
export const toModelTask = ({ sim, uid, euid, suid, capabilities, mems, policy, nextInterleaved }: DraftTask, vmas: Task['vmas']): Task =>
  ({ pid: sim.pid, uid, euid, suid, capabilities, mems, policy, nextInterleaved, vmas });
