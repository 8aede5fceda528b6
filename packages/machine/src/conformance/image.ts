/**
 * What a recorded program has in memory of its own: text, heap, stack, libraries. The operations do not speak of it, so it is taken from the recording as the
 * initial condition of a process: the mappings, how many of their pages are there, and on which nodes. From then on it is looked at like everything else.
 */
import { O_CREAT, O_RDONLY, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { PageAnon, page_mapcount, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { touch } from '@pmkit/mm-core';
import type { Recording, TaskRecord, VmaRecord } from './recording.js';
import {
  PAGE, RAM_DISK, type Area, type Proc, type World,
} from './world.js';

type Counts = Omit<VmaRecord, 'at' | 'perm'>;
/** A name such as `libc.so.6+26000 r-xp`, `[heap]@0 rw-p`. */
export interface ImageName { readonly name: string; readonly file: string | null; /** In pages. */ readonly offset: number; readonly perm: string }

export function parseImageName(name: string): ImageName | null {
  const match = /^(.+?)[@+]([0-9a-f]+) ([r-][w-][x-][ps])$/.exec(name);
  if (match === null) return null;
  const anonymous = match[1]!.startsWith('[');
  return { name, file: anonymous ? null : match[1]!, offset: anonymous ? 0 : Math.floor(Number.parseInt(match[2]!, 16) / PAGE), perm: match[3]! };
}

export function protOf(perm: string): number {
  return (perm.includes('r') ? PROT_READ : 0) | (perm.includes('w') ? PROT_WRITE : 0) | (perm.includes('x') ? PROT_EXEC : 0);
}

/** Nodes of the pages that are there, ascending, one entry a page. */
const nodesOf = ({ nodes }: Counts): number[] => [...nodes].sort(([a], [b]) => a - b).flatMap(([node, pages]) => Array.from({ length: pages }, () => node));

/** Has the runner write the missing pages of a file, each on its node. */
export function fillFile(world: World, file: string, offset: number, nodes: readonly number[]): void {
  const { k, runner } = world;
  const fd = world.must(runner, 'open', file, O_RDWR | O_CREAT, 0o777);
  nodes.forEach((node, i) => {
    const index = offset + i;
    if (k.path_lookup(file)!.i_size > index * PAGE) return;
    world.onNode(runner, node, () => {
      world.must(runner, 'lseek', fd, index * PAGE, 0);
      world.must(runner, 'write', fd, PAGE);
    });
  });
  world.must(runner, 'close', fd);
}

function map(world: World, proc: Proc, address: number, pages: number, file: string | null, offset: number): void {
  const fixed = MAP_PRIVATE | MAP_FIXED;
  if (file === null) {
    world.must(proc.task, 'mmap', address, pages * PAGE, PROT_READ | PROT_WRITE, fixed | MAP_ANONYMOUS, -1, 0);
    return;
  }
  const fd = world.must(proc.task, 'open', file, O_RDONLY, 0);
  world.must(proc.task, 'mmap', address, pages * PAGE, PROT_READ | PROT_WRITE, fixed, fd, offset * PAGE);
  world.must(proc.task, 'close', fd);
}

/** Maps one vma of the image and puts its pages in place: `counts` of them; none when null. */
function place(world: World, proc: Proc, vma: ImageName, length: number, counts: Counts | null, exe: string | null): void {
  const here = counts === null ? [] : nodesOf(counts);
  const anon = vma.file === null ? here.length : (counts?.anon ?? 0);
  const file = vma.file === null ? null : exe !== null && exe.endsWith(`/${vma.file}`) ? exe : `${RAM_DISK}/${vma.file}`;
  const pages = Math.max(1, length);
  if (file?.startsWith(RAM_DISK) === true) fillFile(world, file, 0, Array.from({ length: vma.offset + pages }, (_, i) => here[Math.max(0, i - vma.offset)] ?? here[0] ?? 0));
  const address = world.nextImage(proc);
  map(world, proc, address, pages, file, vma.offset);
  here.forEach((node, i) => world.onNode(proc.task, node, () => touch(world.k, proc.task, address + i * PAGE, 1, i < anon ? 'write' : 'read')));
  world.must(proc.task, 'mprotect', address, pages * PAGE, protOf(vma.perm));
  proc.image.set(vma.name, { address, pages, file });
}

/** The vmas of a task in all of a recording, with the most pages each ever has. */
function everSeen(recording: Recording, name: string): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { state } of recording.steps) {
    const task = state?.get(name);
    if (task === undefined || task === 'dead') continue;
    for (const [vma, counts] of task.other) seen.set(vma, Math.max(seen.get(vma) ?? 0, nodesOf(counts).length));
  }
  return seen;
}

/**
 * Gives a new process the memory its program has after its start.
 * @param first the process as it was first recorded; null when it never was
 * @param exe path of its program, null for one of the ram disk
 */
export function makeImage(world: World, proc: Proc, recording: Recording, first: TaskRecord | null, exe: string | null): void {
  for (const [name, length] of everSeen(recording, proc.name)) {
    const vma = parseImageName(name);
    if (vma !== null) place(world, proc, vma, length, first?.other.get(name) ?? null, exe);
  }
}

/** Whether a page of an area is the process's own copy. */
const isOwn = (world: World, proc: Proc, address: number): boolean => {
  const pte = world.pte(proc.task, address);
  return pte_present(pte) && PageAnon(world.k.m.mem_map, pte_page(pte));
};

/**
 * The program has gone on by itself since the last operation: touched more of its own memory, or written to pages that it shared. What the recording shows of that is done here too, so that
 * the next operation finds the same pages.
 * @returns whether something was done
 */
export function followProgram(world: World, proc: Proc, recorded: TaskRecord): boolean {
  let done = false;
  for (const [name, counts] of recorded.other) {
    const area = proc.image.get(name);
    const vma = parseImageName(name);
    if (vma === null || area === undefined) continue;
    const have = pagesOn(world, proc, area);
    const want = nodesOf(counts);
    if (counts.mapmax === 1 && vma.perm.includes('w')) done = writeShared(world, proc, area) || done;
    const missing = want.length - have.length;
    for (let i = 0, left = missing; i < area.pages && left > 0; i++) {
      const address = area.address + i * PAGE;
      if (world.pte(proc.task, address) !== 0) continue;
      touch(world.k, proc.task, address, 1, vma.perm.includes('w') && (vma.file === null || !isOwn(world, proc, address)) && counts.anon > 0 ? 'write' : 'read');
      left--;
      done = true;
    }
  }
  return done;
}

/** Writes to the pages that another process maps too, and so gets copies of its own. */
function writeShared(world: World, proc: Proc, area: Area): boolean {
  let done = false;
  for (let i = 0; i < area.pages; i++) {
    const pte = world.pte(proc.task, area.address + i * PAGE);
    if (!pte_present(pte) || page_mapcount(world.k.m.mem_map, pte_page(pte)) < 2 || !PageAnon(world.k.m.mem_map, pte_page(pte))) continue;
    touch(world.k, proc.task, area.address + i * PAGE, 1, 'write');
    done = true;
  }
  return done;
}

/** Nodes of the pages of an area that are there, in the order of their addresses. */
function pagesOn(world: World, proc: Proc, area: Area): number[] {
  const nodes: number[] = [];
  for (let i = 0; i < area.pages; i++) {
    const pte = world.pte(proc.task, area.address + i * PAGE);
    if (pte_present(pte)) nodes.push(page_to_nid(world.k.m, pte_page(pte)));
  }
  return nodes;
}
