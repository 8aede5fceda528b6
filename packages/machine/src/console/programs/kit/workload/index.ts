/** workload: a process, or several, with memory as it is told on the command line. */
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from '@pmkit/mm-core/include/linux/sched';
import { fork, ForkError, live, waitFor } from '../../../launch.js';
import { strerror, type Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { MANUAL } from './manual.js';
import { CallFailed, makeMapping, must, Refused, setPolicy, type Mapped } from './map.js';
import type { Rank } from './pattern.js';
import { parsePlan, type Plan } from './plan.js';
import { liveThread, runRounds, touchAll } from './rounds.js';

const USAGE = 'Usage: workload [-rsSv] [-n ROUNDS] [-t MS] [-p PROCESSES] [-f CHILDREN] [-T THREADS] [-N NODES] [-P POLICY] MAPPING...\n';
const TRY = "Try 'man workload' for what a MAPPING is.\n";

/** clone() flags of a POSIX thread, as NPTL passes them. */
const THREAD_FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

async function run(p: Process): Promise<number> {
  const plan = parsePlan(p.argv);
  if ('error' in plan) {
    if (plan.error === null) p.out(`${USAGE}${TRY}`);
    else p.err(`${plan.error}${TRY}`);
    return plan.error === null ? 0 : 2;
  }
  const children: number[] = [];
  try {
    for (let rank = 1; rank < plan.processes; rank++) children.push(await start(p, child => member(child, plan, rank)));
    const code = await member(p, plan, 0);
    return Math.max(code, await wait(p, children));
  } catch (error) {
    if (!(error instanceof ForkError)) throw error;
    return p.fail(`fork: ${strerror(error.errno)}`);
  }
}

/** Starts a child that runs `main`. @returns its pid. @throws {ForkError} */
async function start(p: Process, main: (child: Process) => Promise<number>): Promise<number> {
  const child = p.forked(await fork(p.box, p));
  p.box.scheduler.start(child, () => live(child, main));
  return child.pid;
}

/** @returns the highest exit code. */
async function wait(p: Process, children: readonly number[]): Promise<number> {
  let code = 0;
  for (const pid of children) code = Math.max(code, await waitFor(p.box, p, pid));
  return code;
}

/** A process that maps by itself. @returns its exit code. */
async function member(p: Process, plan: Plan, rank: number): Promise<number> {
  let at = 'set up';
  try {
    if (plan.nodes !== null) await runOn(p, plan.nodes[rank % plan.nodes.length]!, Math.floor(rank / plan.nodes.length));
    if (plan.policy !== null) await setPolicy(p, plan.policy);
    const mappings: Mapped[] = [];
    for (const spec of plan.mappings) {
      at = spec.text;
      mappings.push(await makeMapping(p, spec));
    }
    if (plan.report) report(p, mappings);
    return await work(p, plan, mappings, { rank, ranks: plan.processes * (1 + plan.threads) + plan.children });
  } catch (error) {
    if (error instanceof CallFailed) return p.fail(`${at}: ${error.call}: ${strerror(error.errno)}`);
    if (error instanceof Refused) return p.fail(`${at}: ${error.message}`);
    throw error;
  }
}

/** Moves to a CPU of the node; several processes take the node's CPUs in turn. */
async function runOn(p: Process, node: number, turn: number): Promise<void> {
  const { m } = p.box.k;
  const cpus = m.cpus.filter(cpu => m.cpu_to_node[cpu] === node);
  if (cpus.length === 0) throw new Refused(`node ${node} has no CPU`);
  await must(p, 'sched_setaffinity', 0, [cpus[turn % cpus.length]!]);
}

function report(p: Process, mappings: readonly Mapped[]): void {
  const { PAGE_SIZE } = p.box.k.m;
  const hex = (address: number): string => `0x${BigInt(address).toString(16).padStart(16, '0')}`;
  for (const { spec, address, pages } of mappings) p.out(`${p.pid}: ${hex(address)}-${hex(address + pages * PAGE_SIZE)} ${pages} pages ${spec.text}\n`);
}

/** The rounds, with threads and children beside. */
async function work(p: Process, plan: Plan, mappings: readonly Mapped[], rank: Rank): Promise<number> {
  const threads = await startThreads(p, plan, mappings, rank);
  const children: number[] = [];
  let round = 0;
  if (plan.children > 0) {
    await touchAll(p, mappings, round++, rank, plan.verify);
    for (let i = 1; i <= plan.children; i++) {
      const own = mappings.map(mapped => ({ ...mapped, seen: isShared(mapped) ? mapped.seen : new Map(mapped.seen) }));
      children.push(await start(p, child => runRounds(child, plan, own, { ...rank, rank: rank.rank + i }, { first: 1 })));
    }
  }
  const code = await runRounds(p, plan, mappings, rank, { first: round });
  await p.box.scheduler.wait(p, Infinity, () => threads.running === 0);
  return Math.max(code, await wait(p, children));
}

const isShared = ({ spec: { kind, isPrivate } }: Mapped): boolean => kind === 'shm' || kind === 'shared' || (kind === 'file' && !isPrivate);

/** Threads touch what the process has mapped; they do not look at contents, which the first one does for all. */
async function startThreads(p: Process, plan: Plan, mappings: readonly Mapped[], rank: Rank): Promise<{ running: number }> {
  const threads = { running: 0 };
  for (let i = 1; i <= plan.threads; i++) {
    const pid = await must(p, 'clone', THREAD_FLAGS);
    const thread = p.forked(p.box.k.m.tasks.get(pid)!);
    threads.running++;
    const rounds = (): Promise<unknown> => runRounds(thread, plan, mappings, { ...rank, rank: rank.rank + i * plan.processes }, { looks: false });
    p.box.scheduler.start(thread, () => liveThread(thread, rounds).finally(() => { threads.running--; }));
  }
  return threads;
}

export const workload: Program = { path: '/usr/local/bin/workload', summary: 'map and touch memory as told on the command line', manual: MANUAL, text: 8, data: 2, run };
