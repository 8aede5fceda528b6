/** The jobs of the story: who they are and what memory they use. */
import { O_RDONLY, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { spawn, touch, type Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { PROGRAMS, RESULT_FILE, STATE_FILE, TABLE_FILE } from './files.js';
import { setPolicy } from './acts.js';
import { must } from './must.js';
import type { Plan } from './plan.js';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
const JOB_UID = 1000;
const IPC_CREAT = 0o1000;
const SHM_KEY = 0x6a6f62;

function mapFile(k: AnyKernel, task: Task, path: string, pages: number, prot: number, flags: number): number {
  const fd = must(k, task, 'open', path, (prot & PROT_WRITE) !== 0 && flags === MAP_SHARED ? O_RDWR : O_RDONLY, 0);
  const address = must(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, prot, flags, fd, 0);
  must(k, task, 'close', fd);
  return address;
}

function anonymousMemory(k: AnyKernel, task: Task, pages: number): void {
  const address = must(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  touch(k, task, address, pages, 'write');
}

/** What a process of the job does when it starts: its policy, its own memory, the files it maps, the segment all share. */
function initialise(k: AnyKernel, task: Task, plan: Plan, segment: number, rank: number): void {
  const { PAGE_SIZE } = k.m;
  setPolicy(k, task, plan, rank);
  anonymousMemory(k, task, plan.anonymous);
  touch(k, task, mapFile(k, task, TABLE_FILE, plan.file, PROT_READ, MAP_SHARED), plan.file, 'read');
  // each process writes its share of what they have in common
  const share = Math.floor(plan.file / plan.processes);
  const result = mapFile(k, task, RESULT_FILE, plan.file, PROT_READ | PROT_WRITE, MAP_SHARED);
  touch(k, task, result + rank * share * PAGE_SIZE, share, 'write');
  const shared = must(k, task, 'shmat', segment, 0, 0);
  touch(k, task, shared + rank * share * PAGE_SIZE, share, 'write');
  const state = mapFile(k, task, STATE_FILE, plan.file, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  touch(k, task, state, plan.file, 'read');
  touch(k, task, state, Math.floor(plan.file / 2), 'write');
  const brk = must(k, task, 'brk', 0);
  const heap = Math.max(1, Math.floor(plan.file / 4));
  must(k, task, 'brk', brk + heap * PAGE_SIZE);
  touch(k, task, brk, heap, 'write');
}

const cpuOf = (k: AnyKernel, node: number, turn: number): number => {
  const cpus = k.m.cpus.filter(cpu => k.m.cpu_to_node[cpu] === node);
  return cpus[turn % cpus.length]!;
};

/**
 * Daemons that keep the C library in use all over the machine: one on the last of the job's nodes, and so are the library's pages, which it
 * reads first; one on the scheduler's.
 */
export function startDaemons(k: AnyKernel, plan: Plan): Task[] {
  return [plan.from.at(-1)!, plan.scheduler].map(node => {
    const daemon = spawn(k, { program: PROGRAMS.daemon, cpu: cpuOf(k, node, 0) });
    anonymousMemory(k, daemon, 16);
    return daemon;
  });
}

/**
 * Starts the job: half of its processes static (the solver), half dynamic, round robin over the plan's nodes.
 * @param onProcess called after each process has its memory.
 */
export function startJob(k: AnyKernel, plan: Plan, onProcess: (started: number) => void): Task[] {
  const tasks: Task[] = [];
  let segment = -1;
  for (let rank = 0; rank < plan.processes; rank++) {
    const node = plan.from[rank % plan.from.length]!;
    const program = rank % 2 === 0 ? PROGRAMS.solver : PROGRAMS.analysis;
    const task = spawn(k, { program, uid: JOB_UID, cpu: cpuOf(k, node, Math.floor(rank / plan.from.length)) });
    if (segment < 0) segment = must(k, task, 'shmget', SHM_KEY, plan.file * k.m.PAGE_SIZE, IPC_CREAT | 0o600);
    initialise(k, task, plan, segment, rank);
    tasks.push(task);
    onProcess(rank + 1);
  }
  return tasks;
}

/** The job that could not wait: one process a node, on the nodes of the job that was stopped. */
export function startUrgentJob(k: AnyKernel, plan: Plan): Task[] {
  return plan.from.map(node => {
    const task = spawn(k, { program: PROGRAMS.urgent, uid: JOB_UID + 1, cpu: cpuOf(k, node, 1) });
    anonymousMemory(k, task, Math.floor(plan.anonymous / 4));
    return task;
  });
}

/** Gives the job CPUs of its new nodes: from now on what it touches first lands there. */
export function rebind(k: AnyKernel, scheduler: Task, tasks: readonly Task[], plan: Plan): void {
  tasks.forEach((task, rank) => {
    const node = plan.to[rank % plan.to.length]!;
    must(k, scheduler, 'sched_setaffinity', task.pid, k.m.cpus.filter(cpu => k.m.cpu_to_node[cpu] === node));
  });
}

/** The job runs on: every process writes to some of its memory and asks for more. */
export function runOn(k: AnyKernel, tasks: readonly Task[], plan: Plan): void {
  for (const task of tasks) if (task.state === 'R') anonymousMemory(k, task, Math.max(1, Math.floor(plan.anonymous / 64)));
}
