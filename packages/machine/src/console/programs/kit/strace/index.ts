/** strace: the system calls and signals of a program, or of processes that run. */
import { EPERM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import type { Task } from '@pmkit/mm-core';
import { BUILT_IN, BUNDLED_PATHS } from '../../../bundled.js';
import { FileError } from '../../../files/index.js';
import { Getopt, type LongOption } from '../../../getopt.js';
import { Stuck } from '../../../killed.js';
import { ForkError, startChild, waitFor } from '../../../launch.js';
import { strerror, type Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { MANUAL } from './manual.js';
import { select } from './select.js';
import { Summary } from './summary.js';
import { Tracer, type TracerOptions } from './tracer.js';

const USAGE = `Usage: strace [-cfqTV] [-t[t]] [-e EXPR]... [-o FILE] [-p PID]... [PROG [ARGS]]
`;
const LONG: readonly LongOption[] = [
  { name: 'attach', takes: 'required', val: 'p' }, { name: 'follow-forks', takes: 'none', val: 'f' }, { name: 'output', takes: 'required', val: 'o' },
  { name: 'summary-only', takes: 'none', val: 'c' }, { name: 'trace', takes: 'required', val: 'E' }, { name: 'quiet', takes: 'none', val: 'q' },
  { name: 'syscall-times', takes: 'none', val: 'T' }, { name: 'help', takes: 'none', val: 'h' }, { name: 'version', takes: 'none', val: 'V' },
];

interface Settings {
  follow: boolean; quiet: boolean; durations: boolean; counts: boolean; stamps: 0 | 1 | 2;
  output: string | null;
  readonly pids: number[];
  selects: (name: string) => boolean;
  command: readonly string[];
}

/** What strace says before it ends with 1. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

async function run(p: Process): Promise<number> {
  const settings: Settings = { follow: false, quiet: false, durations: false, counts: false, stamps: 0, output: null, pids: [], selects: () => true, command: [] };
  const options = new Getopt(p.argv, '+cfqTthVe:o:p:', LONG);
  try {
    for (const { opt, arg, error } of options) {
      if (error !== undefined) throw new Refusal(`${error}Try 'strace -h' for more information.`);
      if (opt === 'h' || opt === 'V') {
        p.out(opt === 'h' ? USAGE : 'strace -- version 6.1\n');
        return 0;
      }
      set(settings, opt, arg ?? '');
    }
    settings.command = options.operands;
    if (settings.command.length === 0 && settings.pids.length === 0) throw new Refusal("strace: must have PROG [ARGS] or -p PID\nTry 'strace -h' for more information.");
    return await trace(p, settings);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    p.err(`${error.message}\n`);
    return 1;
  }
}

function set(settings: Settings, opt: string, arg: string): void {
  switch (opt) {
    case 'f': settings.follow = true; break;
    case 'q': settings.quiet = true; break;
    case 'T': settings.durations = true; break;
    case 'c': settings.counts = true; break;
    case 't': settings.stamps = settings.stamps === 0 ? 1 : 2; break;
    case 'o': settings.output = arg; break;
    case 'e': case 'E': {
      const selected = select(opt === 'E' ? `trace=${arg}` : arg);
      if (typeof selected === 'string') throw new Refusal(selected);
      settings.selects = selected;
      break;
    }
    case 'p':
      for (const word of arg.split(/[ ,]+/)) {
        if (!/^\d{1,9}$/.test(word) || Number(word) === 0) throw new Refusal(`strace: Invalid process id: '${word}'`);
        settings.pids.push(Number(word));
      }
  }
}

async function trace(p: Process, settings: Settings): Promise<number> {
  const targets = settings.pids.map(pid => targetOf(p, pid));
  const [program] = settings.command;
  if (program !== undefined && !isThere(p, program)) throw new Refusal(`strace: Can't stat '${program}': No such file or directory`);
  const lines: string[] = [];
  const { output, counts, follow, quiet, stamps, durations, selects } = settings;
  const write = (text: string): void => { if (output === null) p.err(text); else lines.push(text); };
  const summary = counts ? new Summary() : null;
  const options: TracerOptions = { follow, quiet, stamps, durations, selects, summary, toFile: output !== null, write, tell: text => { p.err(text); } };
  const tracer = new Tracer(p.box, options);
  let code = 0;
  try {
    for (const task of targets) tracer.attach(task, true);
    if (program !== undefined) code = await runTraced(p, tracer, settings.command);
    await untilGone(p, tracer);
  } finally {
    tracer.close();
  }
  if (!quiet && targets.length > 0) for (const task of tracer.tasks) p.err(`strace: Process ${task.pid} detached\n`);
  if (summary !== null) write(summary.text());
  if (output !== null) await save(p, output, lines.join(''));
  return code;
}

const isThere = (p: Process, program: string): boolean =>
  program.includes('/') ? p.exists(program) : p.box.programs.has(program) || BUNDLED_PATHS.has(program) || BUILT_IN.has(program);

async function runTraced(p: Process, tracer: Tracer, command: readonly string[]): Promise<number> {
  try {
    const child = await startChild(p, command);
    tracer.attach(child.task, false);
    return await waitFor(p.box, p, child.pid);
  } catch (error) {
    if (error instanceof ForkError) throw new Refusal(`strace: fork: ${strerror(error.errno)}`);
    throw error;
  }
}

/** Waits for what is still traced; when nothing can happen any more, a person would give it up, and so do we. */
async function untilGone(p: Process, tracer: Tracer): Promise<void> {
  try {
    if (tracer.tasks.size > 0) await p.box.scheduler.wait(p, Infinity, () => tracer.tasks.size === 0);
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
  }
}

/**
 * ptrace_attach() of 2.6.12 (kernel/ptrace.c), as far as it says no: pid 1, oneself, kernel threads, and processes of others without CAP_SYS_PTRACE.
 * The simulated kernel has no ptrace(): the tracer looks on from outside.
 */
function targetOf(p: Process, pid: number): Task {
  const task = p.box.k.m.tasks.get(pid);
  const refuse = (errno: number): never => { throw new Refusal(`strace: attach: ptrace(PTRACE_SEIZE, ${pid}): ${strerror(errno)}`); };
  if (task === undefined) return refuse(ESRCH);
  const caller = p.task;
  const isOwn = [task.euid, task.suid, task.uid].every(uid => uid === caller.uid) && [task.egid, task.sgid, task.gid].every(gid => gid === caller.gid);
  const mayTrace = isOwn || (caller.cap_effective & (1 << CAP_SYS_PTRACE)) !== 0;
  return pid === 1 || task === caller || task.mm === null || !mayTrace ? refuse(EPERM) : task;
}
const CAP_SYS_PTRACE = 19;

async function save(p: Process, path: string, text: string): Promise<void> {
  try {
    await p.writeFile(path, text);
  } catch (error) {
    if (error instanceof FileError) throw new Refusal(`strace: Can't fopen '${path}': ${strerror(error.errno)}`);
    throw error;
  }
}

export const strace: Program = { path: '/usr/bin/strace', summary: 'trace system calls and signals', manual: MANUAL, text: 20, data: 2, run };
