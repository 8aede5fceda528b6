/** Background jobs: started with `&`, waited for, listed, signalled. See ../rewrite.ts. */
import { SIGCONT } from '@pmkit/mm-core/include/linux/sched';
import { serialize, type Command, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import { nullStream } from '../../files/index.js';
import { ForkError } from '../../launch.js';
import { strerror, type Process } from '../../process.js';
import { script, statement, type ScriptNode } from '../ast.js';
import { alive, type Job } from '../jobs.js';
import { partCommands } from '../rewrite.js';
import { SIGNAL_TEXTS } from '../signal-texts.js';
import type { Shell } from '../shell.js';
import { builtin, failed, said } from './builtin.js';
import { startParts } from './pipelines.js';
import { startCopy } from './processes.js';

/** Starts a copy of the shell as a background process that runs a stored tree. */
async function startJob(shell: Shell, [number, ...state]: readonly string[], ctx: ResolvedCommandContext): Promise<Job> {
  const tree = shell.store.get(Number(number));
  // Its standard input is /dev/null, as without job control.
  const fds = shell.process.fds.copy();
  fds.set(0, nullStream());
  const parts = partsOf(tree);
  let started: readonly Process[];
  if (parts.length === 1) started = [await startCopy(shell, Number(number), state, ctx, fds)];
  else {
    // each part has copies of these
    started = await startParts(shell, parts.map(part => [String(shell.store.add(part))]), state, ctx, fds).finally(() => { fds.clear(); });
  }
  const job = shell.jobs.add(started.map(({ pid }) => pid), serialize(tree).trim());
  // The child runs first, until it sleeps or has computed for a while: so 2.6.12's fork() has it (wake_up_new_task()).
  await shell.box.scheduler.pause(shell.process, 0);
  return job;
}

/** What is nothing but a pipeline is a process for each part, all children of the shell; anything else one. */
function partsOf(tree: ScriptNode): readonly ScriptNode[] {
  const [only, ...more] = tree.statements;
  const [line, ...others] = only?.pipelines ?? [];
  if (line === undefined || more.length > 0 || others.length > 0 || line.commands.length === 1 || line.timed === true) return [tree];
  return partCommands(line).map(command => script([statement(command)]));
}

/** `Running`, `Done`, `Exit 3`, `Stopped`, `Killed`: what `jobs` shows. */
function stateOf(shell: Shell, job: Job): string {
  const { exitCode } = job;
  if (exitCode === null) return alive(job).some(pid => shell.box.k.m.tasks.get(pid)?.state === 'T') ? 'Stopped' : 'Running';
  if (exitCode === 0) return 'Done';
  return exitCode > 128 ? (SIGNAL_TEXTS[exitCode - 128] ?? `Exit ${exitCode}`).trim() : `Exit ${exitCode}`;
}

/** A line of `jobs`, in bash's columns. */
function lineOf(shell: Shell, job: Job, long = false): string {
  const state = stateOf(shell, job);
  const pid = long ? `${String(job.pids[0]!).padStart(5)} ` : ' ';
  return `[${job.number}]${shell.jobs.mark(job)} ${pid}${state.padEnd(long ? 22 : 23)} ${job.command}${state === 'Running' ? ' &' : ''}\n`;
}

/** Lines for jobs that have ended since the last prompt; they are forgotten with it. */
export function endedJobs(shell: Shell): string {
  shell.jobs.collect(shell.process);
  return shell.jobs.listed.filter(job => job.exitCode !== null).map(job => {
    const line = lineOf(shell, job);
    job.reported = true;
    return line;
  }).join('');
}

export function jobBuiltins(shell: Shell): Command[] {
  return [
    builtin(shell, '__pmkit_bg', async (args, ctx) => {
      try {
        const job = await startJob(shell, args, ctx);
        await ctx.assignShellVariable!('__PMKIT_BANG', String(job.pid));
        return said(shell, 0, '', shell.interactive ? `[${job.number}] ${job.pid}\n` : '');
      } catch (error) {
        if (error instanceof ForkError) return failed(shell, `fork: ${strerror(error.errno)}`, 254);
        throw error;
      }
    }),
    builtin(shell, '__pmkit_wait', args => wait(shell, args)),
    builtin(shell, 'jobs', args => said(shell, 0, listed(shell, args))),
    builtin(shell, 'fg', ([spec = '%+']) => foreground(shell, spec)),
    builtin(shell, 'bg', async ([spec = '%+']) => {
      const job = shell.jobs.find(spec);
      if (job === undefined) return failed(shell, `bg: ${spec}: no such job`);
      await proceed(shell, job);
      return said(shell, 0, `[${job.number}]${shell.jobs.mark(job)} ${job.command} &\n`);
    }),
    builtin(shell, 'disown', args => {
      for (const job of args.length === 0 ? shell.jobs.listed.slice(-1) : shell.jobs.listed.filter(({ number, pid }) => args.includes(`%${number}`) || args.includes(String(pid)) || args.includes('-a'))) job.reported = true;
      return said(shell, 0);
    }),
  ];
}

function listed(shell: Shell, args: readonly string[]): string {
  const jobs = shell.jobs.listed;
  const shown = args.includes('-r') ? jobs.filter(job => stateOf(shell, job) === 'Running') : args.includes('-s') ? jobs.filter(job => stateOf(shell, job) === 'Stopped') : jobs;
  const text = shown.map(job => (args.includes('-p') ? `${job.pids[0]!}\n` : lineOf(shell, job, args.includes('-l')))).join('');
  for (const job of jobs) if (job.exitCode !== null) job.reported = true;
  return text;
}

/** wait [-n] [PID | %JOB]…: without arguments for all. */
async function wait(shell: Shell, args: readonly string[]): Promise<ExecResult> {
  const { jobs, process } = shell;
  if (args.length === 0) {
    for (const job of jobs.listed) await jobs.wait(process, job);
    return said(shell, 0);
  }
  if (args[0] === '-n') return waitForAny(shell);
  let exitCode = 0;
  let stderr = '';
  for (const arg of args) {
    const job = arg.startsWith('%') ? jobs.find(arg) : /^\d+$/.test(arg) ? jobs.byPid(Number(arg)) : undefined;
    if (job !== undefined) {
      const status = await jobs.wait(process, job);
      exitCode = job.ended.get(Number(arg)) ?? status;
    }
    else {
      exitCode = /^\d+$/.test(arg) || arg.startsWith('%') ? 127 : 1;
      stderr += `${shell.name}: wait: ${arg.startsWith('%') ? `${arg}: no such job` : /^\d+$/.test(arg) ? `pid ${arg} is not a child of this shell` : `\`${arg}': not a pid or valid job spec`}\n`;
    }
  }
  return said(shell, exitCode, '', stderr);
}

async function waitForAny(shell: Shell): Promise<ExecResult> {
  const { jobs, process, box } = shell;
  const ready = (): Job | undefined => jobs.listed.find(job => alive(job).every(pid => (box.k.m.tasks.get(pid)?.state ?? 'Z') === 'Z'));
  if (jobs.listed.length === 0) return said(shell, 127);
  if (ready() === undefined) await box.scheduler.wait(process, Infinity, () => ready() !== undefined);
  return said(shell, await jobs.wait(process, ready()!));
}

async function proceed(shell: Shell, job: Job): Promise<void> {
  for (const pid of alive(job)) await shell.process.sys('kill', pid, SIGCONT);
}

async function foreground(shell: Shell, spec: string): Promise<ExecResult> {
  const job = shell.jobs.find(spec);
  if (job === undefined) return failed(shell, `fg: ${spec}: no such job`);
  shell.process.out(`${job.command}\n`);
  await proceed(shell, job);
  return said(shell, await shell.jobs.wait(shell.process, job));
}
