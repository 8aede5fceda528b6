/** What runs beside the shell with a pipe between them: the parts of a pipeline, and `<(…)`. See ../rewrite.ts. */
import type { Command, ExecResult, ResolvedCommandContext } from 'just-bash';
import type { Descriptors } from '../../files/index.js';
import { BUILT_IN } from '../../bundled.js';
import { ForkError, live, waitFor } from '../../launch.js';
import { strerror, type Process } from '../../process.js';
import { become } from '../become.js';
import { runBundled } from '../bundled-run.js';
import type { Shell } from '../shell.js';
import { builtin, ended, failed } from './builtin.js';
import { startCopy } from './processes.js';

/** The descriptor that the first `<(…)` of a command has; the next has one less. */
const FIRST_SUBSTITUTED = 63;

/** Says that words of a command follow, not the number of a tree. */
const RUN = 'run';
/** What stands before the first mark, and behind each. */
function partsOf(args: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const arg of args) {
    if (arg === '--pmkit-part') parts.push([]);
    else parts.at(-1)!.push(arg);
  }
  return parts;
}

/** Forks a process that becomes a program; echo and printf are the shell's own. */
async function startProgram(shell: Shell, argv: readonly string[], ctx: ResolvedCommandContext, fds: Descriptors): Promise<Process> {
  const [name = '', ...args] = argv;
  const p = await shell.externals.forked(BUILT_IN.has(name) ? [shell.name] : argv, ctx, fds);
  shell.box.scheduler.start(p, () => live(p, () => (BUILT_IN.has(name) ? runBundled(p, name, args) : become(shell, p, argv))));
  return p;
}

/** Starts a process for each part. @param fds what they have, but for the pipes @throws {ForkError} */
export async function startParts(shell: Shell, parts: readonly (readonly string[])[], state: readonly string[], ctx: ResolvedCommandContext, fds: Descriptors = shell.process.fds): Promise<Process[]> {
  const started: Process[] = [];
  let input = fds.get(0);
  const held: Descriptors[] = [];
  try {
    for (const [at, [number = '', ...argv]] of parts.entries()) {
      const own = fds.copy();
      held.push(own);
      if (input === undefined) own.delete(0);
      else own.set(0, input);
      if (at < parts.length - 1) {
        const pipe = shell.box.makePipe();
        own.set(1, pipe.writer);
        input = pipe.reader;
        // so that nobody finds it without readers before the next part is there
        const next = fds.copy();
        next.set(0, input);
        held.push(next);
      }
      started.push(number === RUN ? await startProgram(shell, argv, ctx, own) : await startCopy(shell, Number(number), state, ctx, own));
      held.splice(held.indexOf(own), 1);
    }
    return started;
  } finally {
    for (const left of held) left.clear();
  }
}

async function pipeline(shell: Shell, args: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
  const { process } = shell;
  const [state = [], ...words] = partsOf(args);
  const parts = await startParts(shell, words, state, ctx);
  for (const part of parts) shell.foreground.add(part);
  try {
    const statuses: number[] = [];
    for (const { pid } of parts) statuses.push(await waitFor(shell.box, process, pid));
    const pipefail = /(^|:)pipefail(:|$)/.test(ctx.env.get('SHELLOPTS') ?? '');
    return { ...ended((pipefail ? statuses.findLast(status => status !== 0) : statuses.at(-1)) ?? 0), internalPipeStatusOverride: statuses };
  } finally {
    for (const part of parts) shell.foreground.delete(part);
  }
}

/** `<(list)`, `>(list)`: a descriptor of the shell while the command runs that it belongs to. */
async function substituted(shell: Shell, [number, direction, ...state]: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
  const { level, process: { fds } } = shell;
  let fd = FIRST_SUBSTITUTED;
  while (fds.get(fd) !== undefined) fd--;
  const pipe = shell.box.makePipe();
  const reads = direction === 'input';
  const own = fds.copy();
  own.set(reads ? 1 : 0, reads ? pipe.writer : pipe.reader);
  level.scopes.at(-1)?.saved.set(fd, undefined);
  fds.set(fd, reads ? pipe.reader : pipe.writer);
  const p = await startCopy(shell, Number(number), state, ctx, own);
  if (reads) shell.jobs.addHidden(p.pid);
  else level.scopes.at(-1)?.readers.push(p.pid);
  return ended(0, `/dev/fd/${fd}`);
}

export function pipelineBuiltins(shell: Shell): Command[] {
  const forking = (name: string, run: (args: readonly string[], ctx: ResolvedCommandContext) => Promise<ExecResult>): Command => builtin(shell, name, (args, ctx) => run(args, ctx).catch((error: unknown) => {
    if (error instanceof ForkError) return failed(shell, `fork: ${strerror(error.errno)}`, 254);
    throw error;
  }));
  return [forking('__pmkit_pipe', (args, ctx) => pipeline(shell, args, ctx)), forking('__pmkit_procsub', (args, ctx) => substituted(shell, args, ctx))];
}
