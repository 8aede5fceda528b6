/**
 * The overview's "normal sequence of events" at one level of the series: a job runs on some nodes, is stopped for a job that cannot
 * wait, and is moved by the batch scheduler with migrate_pages() to nodes that became free; then it goes on.
 */
import { SIGCONT, SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import { spawn, type Machine, type Task } from '@pmkit/mm-core';
import { bootAt, type AnyKernel } from '@pmkit/series/levels';
import { takeCensus, type Census } from '../census/census.js';
import { machineConfig } from '../config.js';
import type { Topology } from '../topology/index.js';
import { compareContents, copyContents } from './contents.js';
import { prepareFiles } from './files.js';
import { confine, migrate, policiesOf, prepareMove, type Acts } from './acts.js';
import { rebind, runOn, startDaemons, startJob, startUrgentJob } from './job.js';
import { must } from './must.js';
import type { Plan } from './plan.js';

/** What migrate_pages() returned for one process: pages taken for migration, or -errno. */
export interface Call { readonly pid: number; readonly comm: string; readonly result: number }

export interface StoryResult {
  readonly level: number;
  readonly calls: readonly Call[];
  readonly acts: Acts;
  /** Policies of the processes of the job before and after the move, as numa_maps prints them. */
  readonly policies: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** Of the whole job: after it was stopped, after the move, and after it ran on. */
  readonly before: Census;
  readonly after: Census;
  readonly later: Census;
  /** Pages whose contents were compared after the move, and those that differed. */
  readonly compared: number;
  readonly lost: number;
  /** Kernel log from the move on. */
  readonly log: readonly string[];
  /** Simulated ms that the calls took. */
  readonly simulated: number;
  /** Real ms by the caller's clock: boot, start of the job, the migrate_pages() calls and what goes before them. */
  readonly bootTime: number;
  readonly startTime: number;
  readonly moveTime: number;
}

export interface StoryObserver {
  /** A part of the story begins or gets on; `done` of `total` steps. */
  progress(what: string, done: number, total: number): void;
  /** Real time in ms. */
  clock(): number;
}

/** Swap space in pages: enough for every page of the job, as migrating anonymous memory needs slots. */
const swapPages = (plan: Plan): number => plan.processes * (plan.anonymous + 4 * plan.file);

/** Moves every process; the first has been moved already where the early call was not refused. */
function moveJob(k: AnyKernel, scheduler: Task, tasks: readonly Task[], plan: Plan, early: number, observer: StoryObserver): Call[] {
  return tasks.map((task, i) => {
    observer.progress('moving', i, tasks.length);
    return { pid: task.pid, comm: task.comm, result: i === 0 && early >= 0 ? early : migrate(k, scheduler, task, plan) };
  });
}

const logFrom = (m: Machine, line: number): string[] => m.log.slice(line).map(({ text }) => text);

/**
 * Plays the story on a new machine.
 * @throws {Error} naming the process, the call and its errno when something fails that must not: a machine that is too small.
 */
export function playStory(level: number, topology: Topology, plan: Plan, observer: StoryObserver): StoryResult {
  const t0 = observer.clock();
  observer.progress('booting', 0, 1);
  const k = bootAt(level, machineConfig(topology));
  const { m } = k;
  prepareFiles(k, plan);
  const scheduler = spawn(k, { comm: 'batchd', cpu: m.cpus.find(cpu => m.cpu_to_node[cpu] === plan.scheduler) ?? 0 });
  must(k, scheduler, 'swapon', k.add_disk('sdc', 8, 32, 1), swapPages(plan) + 1, 0);
  const t1 = observer.clock();

  startDaemons(k, plan);
  const tasks = startJob(k, plan, started => {
    observer.progress('starting the job', started, plan.processes);
  });
  const t2 = observer.clock();
  confine(k, scheduler, tasks, plan);
  for (const task of tasks) must(k, scheduler, 'kill', task.pid, SIGSTOP);
  const before = takeCensus(m, tasks);
  const contents = copyContents(k, tasks);
  observer.progress('the urgent job runs', 0, 1);
  const urgent = startUrgentJob(k, plan);
  const policies = policiesOf(tasks);

  const logLine = m.log.length;
  const simulated = m.now;
  const t3 = observer.clock();
  const acts = prepareMove(k, scheduler, tasks, urgent, plan);
  const calls = moveJob(k, scheduler, tasks, plan, acts.early, observer);
  const t4 = observer.clock();
  const simulatedEnd = m.now;
  const after = takeCensus(m, tasks);
  rebind(k, scheduler, tasks, plan);
  for (const task of tasks) must(k, scheduler, 'kill', task.pid, SIGCONT);
  observer.progress('comparing contents', 0, 1);
  const { pages: compared, lost } = compareContents(k, contents);
  runOn(k, tasks, plan);
  return {
    level, calls, acts, policies: { before: policies, after: policiesOf(tasks) }, before, after, later: takeCensus(m, tasks), compared, lost, log: logFrom(m, logLine), simulated: simulatedEnd - simulated,
    bootTime: t1 - t0, startTime: t2 - t1, moveTime: t4 - t3,
  };
}
