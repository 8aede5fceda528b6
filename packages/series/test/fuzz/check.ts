/** What must hold after every command, whatever it was. */
import { pte_offset, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { VM_EXEC, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import { PageAnon } from '@pmkit/mm-core/include/linux/mm';
import { KERN_WARNING } from '@pmkit/mm-core/include/linux/kernel';
import { SIGKILL, type Task } from '@pmkit/mm-core/include/linux/sched';
import { check_invariants } from '@pmkit/mm-core/testing';
import { peek, peekFile } from './peek.js';
import { Violation, type Space, type World } from './world.js';

/** Log lines of a machine that runs out of memory; everything else from a warning upwards is a complaint. */
const SHORTAGE = [/^oom-killer: /, /^Out of Memory: Killed process /, /: page allocation failure\. /];
/** 2.6.12's OOM killer panics when there is no task to kill, and looks for ever when the worst one, or a child of it, has no memory to give. */
const NO_VICTIM = /^Kernel panic - not syncing: Out of memory and no killable processes|selects .*, which has no memory, for ever$/;
/** What show_free_areas() prints on such an occasion. */
const FREE_AREAS = /^(Node \d+ |cpu \d+ (hot|cold): |Free pages: |Active:|lowmem_reserve\[\]: )/;

/** What the log says of one command. */
export interface StepLog {
  /** Memory ran out during the command: what needs memory may fail, tasks may have been killed. */
  shortage: boolean;
  /** pids that the OOM killer chose. */
  readonly killed: Set<number>;
  /** Names of tasks that VM_FAULT_OOM ended. */
  readonly vmKilled: string[];
  readonly complaints: string[];
  /** The machine has stopped, or hangs for ever, because there is nobody whose death would give memory. */
  outOfVictims: boolean;
}

/** Takes what has been written into the log since the last call; adds it to `step` if that is given. */
export function readLog(world: World, step: StepLog = { shortage: false, killed: new Set(), vmKilled: [], complaints: [], outOfVictims: false }): StepLog {
  const { log } = world.m;
  for (; world.logSeen < log.length; world.logSeen++) {
    const { text, level } = log[world.logSeen]!;
    const victim = /^Out of Memory: Killed process (\d+)/.exec(text);
    const comm = /^VM: killing process (.*)$/.exec(text);
    if (victim !== null) step.killed.add(Number(victim[1]));
    if (comm !== null) step.vmKilled.push(comm[1]!);
    else if (NO_VICTIM.test(text)) step.outOfVictims = true;
    else if (SHORTAGE.some(line => line.test(text))) step.shortage = true;
    else if (level <= KERN_WARNING && !FREE_AREAS.test(text)) step.complaints.push(text);
  }
  return step;
}

/** Throws a Violation that lists what does not hold. */
export function checkWorld(world: World, log: StepLog): void {
  if (log.outOfVictims) {
    checkNoVictims(world);
    return;
  }
  if (world.batchd.state !== 'R' && log.killed.has(world.batchd.pid) && !replaceBatchd(world, log)) return;
  const violations = [...log.complaints.map(line => `log: ${line}`), ...world.brokenPromises(log.shortage), ...checkTasks(world, log)];
  world.forgetSpaces();
  for (const space of world.spaces.values()) violations.push(...checkSpace(world, space));
  // the machine itself has been looked at when the sequence ran on the table
  if (!world.flat) violations.push(...check_invariants(world.k, { pins: world.pins(), lost: world.lost }), ...checkFiles(world));
  if (violations.length > 0) throw new Violation(violations.slice(0, 20).join('\n'));
}

/** Nothing more can be said of a machine that has stopped; but it must have had a reason. */
function checkNoVictims(world: World): void {
  for (const task of world.m.tasks.values()) {
    const points = world.k.badness(task);
    if (points > 0) throw new Violation(`the OOM killer has found nobody, though ${nameOf(task)} has ${points} points`);
  }
  world.ended = 'out of memory, and nobody to kill';
}

/** A new batch scheduler in place of one that the OOM killer has taken. False when that was too much for the machine. */
function replaceBatchd(world: World, log: StepLog): boolean {
  try {
    world.batchd = world.newBatchd();
    readLog(world, log);
    return true;
  } catch (error) {
    if (!readLog(world, log).outOfVictims) throw error;
    checkNoVictims(world);
    return false;
  }
}

/** Who died had to, and who had to die is dead. */
function checkTasks(world: World, log: StepLog): string[] {
  const violations: string[] = [];
  for (const [task, code] of world.deaths) {
    if (task.state !== 'Z' && task.state !== 'X') violations.push(`${nameOf(task)}: is in state ${task.state}, expected dead with ${code}`);
  }
  const groups = new Set(world.jobs.filter(task => log.killed.has(task.pid)).map(task => task.tgid));
  for (const task of world.jobs) {
    if (task.state === 'R' || task.state === 'T') continue;
    const expected = world.deaths.get(task);
    const byOom = task.exit_code === SIGKILL && (groups.has(task.tgid) || ((log.shortage || world.raced) && log.vmKilled.includes(task.comm)));
    const byShortage = log.shortage && world.fragile.has(task);
    if ((task.state === 'Z' || task.state === 'X') && (byOom || byShortage || task.exit_code === expected)) continue;
    violations.push(`${nameOf(task)}: state ${task.state}, exit code ${task.exit_code}, expected ${expected === undefined ? 'alive' : `dead with ${expected}`}`);
  }
  world.deaths.clear();
  world.fragile.clear();
  world.raced = false;
  world.jobs = world.jobs.filter(task => task.state === 'R' || task.state === 'T');
  if (world.batchd.state !== 'R') violations.push(`${nameOf(world.batchd)}: state ${world.batchd.state}, expected alive`);
  for (const { task } of world.m.kthreads) if (task.state === 'H' || task.state === 'Z') violations.push(`${nameOf(task)}: state ${task.state}, expected alive`);
  return violations;
}
const nameOf = (task: Task): string => `${task.comm}[${task.pid}]`;
const hex = (value: number): string => `0x${value.toString(16)}`;

/**
 * mlock() gives a task copies of the file pages that it might write to, and the model does not see that. Between two commands of a larger
 * one this notes which pages have become copies, before a write to the file makes a difference.
 */
export function noteCopies({ m, model, spaces }: World): void {
  for (const space of spaces.values()) {
    if (!m.mms.has(space.mm.id)) continue; // its last user has just died
    for (const [page, { file, shared }] of space.pages) {
      if (file === null || shared) continue;
      const pte = m.ptes[pte_offset(m, space.mm, page * m.PAGE_SIZE)]! as Pte;
      if (!pte_present(pte) || !PageAnon(m.mem_map, pte_page(pte))) continue;
      const token = m.mem_map.content[pte_page(pte)]!;
      const expected = model.load(space.mm, page);
      if (token !== expected) throw new Violation(`mm ${space.mm.id}, page ${page}: a copy of a file's page holds ${token}, expected ${expected ?? 'nothing'}`);
      model.store(space.mm, page, token);
    }
  }
}

/** The vmas cover the pages that the layout has, with their rights, and the pages hold what the model says. */
function checkSpace(world: World, space: Space): string[] {
  const { k, m, model } = world;
  const violations: string[] = [];
  let covered = 0;
  for (let vma = space.mm.mmap; vma !== null; vma = vma.vm_next) {
    const prot = vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC);
    for (let address = vma.vm_start; address < vma.vm_end; address += m.PAGE_SIZE) {
      const page = world.pageOf(address);
      const rights = space.pages.get(page);
      covered++;
      if (rights === undefined || rights.prot !== prot) {
        violations.push(`mm ${space.mm.id} at ${hex(address)}: protection is ${prot}, expected ${rights?.prot ?? 'nothing mapped'}`);
        continue;
      }
      if (rights.file !== null && !world.inFile(rights.file, rights.index)) {
        if (m.ptes[pte_offset(m, space.mm, address)] !== 0) violations.push(`mm ${space.mm.id} at ${hex(address)}: behind the end of the file, but mapped`);
        continue;
      }
      const { token, own } = peek(k, vma, address);
      const expected = model.load(space.mm, page);
      if (token !== expected) violations.push(`mm ${space.mm.id} at ${hex(address)}: contents are ${token}, expected ${expected ?? 'nothing'}`);
      else if (own && rights.file !== null && !rights.shared) model.store(space.mm, page, token);
    }
  }
  if (covered !== space.pages.size) violations.push(`mm ${space.mm.id}: ${covered} pages are mapped, expected ${space.pages.size}`);
  return violations;
}

/** Every file that has a name has its size and its contents, mapped or not. */
function checkFiles(world: World): string[] {
  const { k } = world;
  const violations: string[] = [];
  for (const file of world.files) {
    const { inode, object, path } = file;
    if (inode === null || path === null) continue;
    if (inode.i_size !== file.size) violations.push(`${path}: size is ${inode.i_size}, expected ${file.size}`);
    for (let index = 0; world.inFile(file, index); index++) {
      const expected = object.pages.get(index) ?? object.initial(index);
      const found = peekFile(k, inode.i_mapping, index);
      if (found !== expected) violations.push(`${path}, page ${index}: contents are ${found}, expected ${expected}`);
    }
  }
  return violations;
}
