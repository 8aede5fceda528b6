/** Background jobs: started with `&`, waited for, listed, signalled. See ../rewrite.ts. */
import { SIGCONT } from '@pmkit/mm-core/include/linux/sched';
import { serialize, type Command, type ResolvedCommandContext } from 'just-bash';
import { ForkError, fork, live } from '../../launch.js';
import { Process, strerror } from '../../process.js';
import type { Job } from '../jobs.js';
import { SIGNAL_TEXTS } from '../signal-texts.js';
import type { Shell } from '../shell.js';
import { executeAlone } from '../execute.js';
import { builtin, ended, failed } from './builtin.js';
import { copyOf, preludeOf } from './processes.js';

/** Starts a copy of the shell as a background process that runs a stored tree. */
async function startJob(shell: Shell, [number, variables = '', options = '', ...args]: readonly string[], ctx: ResolvedCommandContext): Promise<Job> {
  const tree = shell.store.get(Number(number));
  const task = await fork(shell.box, shell.acting);
  // Its standard input is /dev/null, as without job control.
  const p = new Process(shell.box, task, { argv: [shell.name], env: new Map(Object.entries(ctx.exportedEnv ?? {})), cwd: ctx.cwd, stdin: '' }, (process, next) => executeAlone(shell, process, next));
  const copy = copyOf(shell, p, shell.sink);
  shell.box.scheduler.start(p, async () => {
    await live(p, () => copy.runTree(tree, { args, prelude: preludeOf([variables, options]), last: true }));
    if (p.stdout !== '') shell.sink.out(p.stdout);
    if (p.stderr !== '') shell.sink.err(p.stderr);
  });
  const job = shell.jobs.add(task.pid, serialize(tree).trim());
  // The child runs first, until it sleeps or has computed for a while: so 2.6.12's fork() has it (wake_up_new_task()).
  await shell.box.scheduler.pause(shell.process, 0);
  return job;
}

/** `Running`, `Done`, `Exit 3`, `Stopped`, `Killed`: what `jobs` shows. */
function stateOf(shell: Shell, { pid, exitCode }: Job): string {
  if (exitCode === null) return shell.box.k.m.tasks.get(pid)?.state === 'T' ? 'Stopped' : 'Running';
  if (exitCode === 0) return 'Done';
  return exitCode > 128 ? (SIGNAL_TEXTS[exitCode - 128] ?? `Exit ${exitCode}`).trim() : `Exit ${exitCode}`;
}

/** A line of `jobs`, in bash's columns. */
function lineOf(shell: Shell, job: Job, long = false): string {
  const state = stateOf(shell, job);
  const pid = long ? `${String(job.pid).padStart(5)} ` : ' ';
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
        return ended(0, '', shell.interactive ? `[${job.number}] ${job.pid}\n` : '');
      } catch (error) {
        if (error instanceof ForkError) return failed(shell, `fork: ${strerror(error.errno)}`, 254);
        throw error;
      }
    }),
    builtin(shell, '__pmkit_wait', args => wait(shell, args)),
    builtin(shell, 'jobs', args => ended(0, listed(shell, args))),
    builtin(shell, 'fg', ([spec = '%+']) => foreground(shell, spec)),
    builtin(shell, 'bg', async ([spec = '%+']) => {
      const job = shell.jobs.find(spec);
      if (job === undefined) return failed(shell, `bg: ${spec}: no such job`);
      await shell.process.sys('kill', job.pid, SIGCONT);
      return ended(0, `[${job.number}]${shell.jobs.mark(job)} ${job.command} &\n`);
    }),
    builtin(shell, 'disown', args => {
      for (const job of args.length === 0 ? shell.jobs.listed.slice(-1) : shell.jobs.listed.filter(({ number, pid }) => args.includes(`%${number}`) || args.includes(String(pid)) || args.includes('-a'))) job.reported = true;
      return ended(0);
    }),
  ];
}

function listed(shell: Shell, args: readonly string[]): string {
  const jobs = shell.jobs.listed;
  const shown = args.includes('-r') ? jobs.filter(job => stateOf(shell, job) === 'Running') : args.includes('-s') ? jobs.filter(job => stateOf(shell, job) === 'Stopped') : jobs;
  const text = shown.map(job => (args.includes('-p') ? `${job.pid}\n` : lineOf(shell, job, args.includes('-l')))).join('');
  for (const job of jobs) if (job.exitCode !== null) job.reported = true;
  return text;
}

/** wait [-n] [PID | %JOB]…: without arguments for all. */
async function wait(shell: Shell, args: readonly string[]): Promise<ReturnType<typeof ended>> {
  const { jobs, process } = shell;
  if (args.length === 0) {
    for (const job of jobs.listed) await jobs.wait(process, job);
    return ended(0);
  }
  if (args[0] === '-n') return waitForAny(shell);
  let exitCode = 0;
  let stderr = '';
  for (const arg of args) {
    const job = arg.startsWith('%') ? jobs.find(arg) : /^\d+$/.test(arg) ? jobs.byPid(Number(arg)) : undefined;
    if (job !== undefined) exitCode = await jobs.wait(process, job);
    else {
      exitCode = /^\d+$/.test(arg) || arg.startsWith('%') ? 127 : 1;
      stderr += `${shell.name}: wait: ${arg.startsWith('%') ? `${arg}: no such job` : /^\d+$/.test(arg) ? `pid ${arg} is not a child of this shell` : `\`${arg}': not a pid or valid job spec`}\n`;
    }
  }
  return ended(exitCode, '', stderr);
}

async function waitForAny(shell: Shell): Promise<ReturnType<typeof ended>> {
  const { jobs, process, box } = shell;
  const ready = (): Job | undefined => jobs.listed.find(({ exitCode, pid }) => exitCode !== null || (box.k.m.tasks.get(pid)?.state ?? 'Z') === 'Z');
  if (jobs.listed.length === 0) return ended(127);
  if (ready() === undefined) await box.scheduler.wait(process, Infinity, () => ready() !== undefined);
  return ended(await jobs.wait(process, ready()!));
}

async function foreground(shell: Shell, spec: string): Promise<ReturnType<typeof ended>> {
  const job = shell.jobs.find(spec);
  if (job === undefined) return failed(shell, `fg: ${spec}: no such job`);
  shell.sink.out(`${job.command}\n`);
  await shell.process.sys('kill', job.pid, SIGCONT);
  return ended(await shell.jobs.wait(shell.process, job));
}
