/** Commands that start programs, and that grow what a program has without asking for it by mmap(): heap and stack. */
import { VM_EXEC, VM_GROWSDOWN, VM_GROWSUP, VM_MAYWRITE, VM_READ, VM_RESERVED, VM_SHARED, VM_WRITE, type Vma } from '@pmkit/mm-core/include/linux/mm_types';
import { PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { elfProgram } from '@pmkit/mm-core/model/elf';
import { NO_RESULT, type Task } from '@pmkit/mm-core';
import { access, call } from './commands-memory.js';
import type { Command } from './model.js';
import { peek } from './peek.js';
import { Violation, type Space, type World } from './world.js';

type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

const PROGRAMS = ['/bin/static', '/bin/dynamic'] as const;

/** What the programs need; made on first use. */
function installPrograms(world: World): void {
  if (world.k.path_lookup(PROGRAMS[0]) !== null) return;
  const install = (path: string, program: Parameters<typeof elfProgram>[0]): void => {
    world.newFile(path, program.text + (program.data ?? 0), 0o755).inode!.program = elfProgram(program);
  };
  install('/lib/ld.so', { text: 2, data: 1, e_type: 'ET_DYN' });
  install('/lib/libc.so', { text: 4, data: 2, bss: 1, gap: 1, e_type: 'ET_DYN' });
  install(PROGRAMS[0], { text: 3, data: 2, bss: 2 });
  install(PROGRAMS[1], { text: 2, data: 2, bss: 1, interp: '/lib/ld.so', needed: ['/lib/libc.so'], relocated: 1 });
}

/** Replaces a task's memory by a program. What start-up has stored is learnt from the machine; all else must be what the files say. */
export function exec(world: World, command: Of<'exec'>): void {
  const task = world.runnable(command.task);
  if (task === null || world.jobs.some(other => other !== task && other.signal === task.signal)) return;
  installPrograms(world);
  const old = task.mm;
  world.fragile.add(task);
  const result = call(world, task, 'execve', PROGRAMS[command.program % PROGRAMS.length]!);
  if (task.mm === null) return;
  if (task.mm === old) {
    world.mustBeShort(`execve(), which returned ${result}`);
    return;
  }
  learn(world, task);
}

function learn(world: World, task: Task): void {
  const { m, k } = world;
  const mm = task.mm!;
  const space: Space = { mm, pages: new Map(), areas: [] };
  world.spaces.set(mm, space);
  world.model.create(mm);
  for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) {
    const start = world.pageOf(vma.vm_start);
    const pages = world.pageOf(vma.vm_end) - start;
    const inode = vma.vm_file?.f_inode;
    const file = inode === undefined ? null : world.files.find(candidate => candidate.inode === inode) ?? null;
    if (inode !== undefined && file === null) throw new Violation(`execve() has mapped ${inode.path}, which is no program`);
    world.mapped(space, start, pages, {
      prot: vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC), mayWrite: (vma.vm_flags & VM_MAYWRITE) !== 0, file, index: file === null ? 0 : vma.vm_pgoff,
      shared: (vma.vm_flags & VM_SHARED) !== 0, reserved: (vma.vm_flags & VM_RESERVED) !== 0,
    });
    for (let address = vma.vm_start; address < vma.vm_end; address += m.PAGE_SIZE) {
      const { token, own } = peek(k, vma, address);
      if (own) world.model.store(mm, world.pageOf(address), token);
    }
  }
  /* What grows by itself when it is touched at its end is no place for commands that reach over the end of an area. */
  space.areas = space.areas.filter(({ start }) => !growing(world, space, start));
}
function growing(world: World, space: Space, start: number): boolean {
  const vma = vmaAt(space, start * world.m.PAGE_SIZE);
  return vma === null || (vma.vm_flags & (VM_GROWSDOWN | VM_GROWSUP | VM_RESERVED)) !== 0;
}
function vmaAt(space: Space, address: number): Vma | null {
  for (let vma = space.mm.mmap; vma !== null; vma = vma.vm_next) if (vma.vm_start <= address && address < vma.vm_end) return vma;
  return null;
}

/** Stores below the stack, as a deep call does: everything between is part of the stack from then on. */
export function growStack(world: World, command: Of<'growStack'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const space = world.spaceOf(task);
  let stack: Vma | null = null;
  for (let vma = space.mm.mmap; vma !== null; vma = vma.vm_next) if ((vma.vm_flags & VM_GROWSDOWN) !== 0 && stack === null) stack = vma;
  if (stack === null || (stack.vm_flags & VM_WRITE) === 0) return;
  const bottom = world.pageOf(stack.vm_start);
  const start = bottom - command.pages;
  for (let page = start; page < bottom; page++) if (space.pages.has(page)) return;
  const areas = [...space.areas];
  world.mapped(space, start, command.pages, { ...space.pages.get(bottom)! });
  space.areas = areas;
  access(world, task, space, start, 1, true);
}

/** Moves the end of the heap. Without a program there is none. */
export function brk(world: World, command: Of<'brk'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const { m } = world;
  const space = world.spaceOf(task);
  const { start_brk: startBrk, brk: old, end_code: endCode } = space.mm;
  if (endCode === 0) return;
  const wanted = Math.max(startBrk, old + command.pages * m.PAGE_SIZE);
  /* Another mapping that is in the way, or a limit, leaves the end where it is. */
  const free = Array.from({ length: Math.max(0, command.pages) + 1 }, (_, i) => world.pageOf(old) + i).every(page => !space.pages.has(page));
  const result = call(world, task, 'brk', wanted);
  if (result === NO_RESULT) return;
  world.promise('brk()', result, wanted > old && (!free || (space.mm.def_flags !== 0 && task.uid !== 0)) ? [old, wanted] : wanted);
  if (result > old) {
    world.mapped(space, world.pageOf(old), world.pageOf(result - old), { prot: PROT_READ | PROT_WRITE, mayWrite: true, file: null, index: 0, shared: false });
  } else if (result < old) world.unmapped(space, world.pageOf(result), world.pageOf(old - result));
}
