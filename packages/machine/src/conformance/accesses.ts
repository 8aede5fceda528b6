/** Reads and writes of the recorded programs, and what they wrote where. */
import { load, NO_RESULT, touch, type Task } from '@pmkit/mm-core';
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { VM_EXEC, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import type { Range } from './operation.js';
import { performed, resultFields, type Performed } from './performed.js';
import { PAGE, type Area, type Proc, type World } from './world.js';

/** Address and pages of a range. @throws {RangeError} when the process has no such region. */
export function areaOf(proc: Proc, { region, first, count }: Range): { area: Area; address: number; pages: number } {
  const area = proc.regions.get(region);
  if (area === undefined) throw new RangeError(`${proc.name} has no region ${region}`);
  return { area, address: area.address + first * PAGE, pages: count ?? area.pages - first };
}

/** Whether the vma at an address lets a program read, or write, there. */
function mayAccess(world: World, task: Task, address: number, write: boolean): boolean {
  const vma = task.mm === null ? null : world.k.find_vma(task.mm, address);
  if (vma === null || vma.vm_start > address) return false;
  return (vma.vm_flags & (write ? VM_WRITE : VM_READ | VM_EXEC)) !== 0;
}

/**
 * Reads or writes each page of a range. The recorded program catches SIGSEGV and reports where it came; tasks here have no handlers, so an access that would
 * raise it is not made.
 */
export function touchRange(world: World, proc: Proc, address: number, pages: number, write: boolean, tag: number, origin: number): Performed {
  const { k } = world;
  let allowed = 0;
  while (allowed < pages && mayAccess(world, proc.task, address + allowed * PAGE, write)) allowed++;
  const done = touch(k, proc.task, address, allowed, write ? 'write' : 'read');
  if (write) remember(world, proc, address, done, tag, origin);
  if (done < allowed) return performed(resultFields(NO_RESULT));
  return performed(new Map(allowed < pages ? [['ret', done], ['sig', 11], ['at', done]] : [['ret', done]]));
}
function remember(world: World, proc: Proc, address: number, pages: number, tag: number, origin: number): void {
  const { content } = world.k.m.mem_map;
  for (let i = 0; i < pages; i++) {
    const pte = world.pte(proc.task, address + i * PAGE);
    if (pte_present(pte)) world.written.set(content[pte_page(pte)]!, { index: (address - origin) / PAGE + i, tag });
  }
}

/** How many pages of a range do not read as what was last written there with this tag. */
export function badPages(world: World, proc: Proc, address: number, pages: number, tag: number, origin: number): number {
  let bad = 0;
  for (let i = 0; i < pages; i++) {
    const written = world.written.get(load(world.k, proc.task, address + i * PAGE));
    if (written?.tag !== tag || written.index !== (address - origin) / PAGE + i) bad++;
  }
  return bad;
}
