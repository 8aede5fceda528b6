/** Commands that are programs: a shell forks for each, the child executes it, and the shell waits. */
import { decodeBytesToUtf8, defineCommand, latin1FromBytes, type CommandName, type CustomCommand, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import { BUILT_IN, BUILT_IN_PATHS, BUNDLED_PATHS } from '../bundled.js';
import { isGone, Killed } from '../killed.js';
import { ForkError, fork, runForeground } from '../launch.js';
import { Process, strerror } from '../process.js';
import { commandOf, type Program } from '../program.js';
import { SIGNAL_TEXTS } from './signal-texts.js';
import { endedEarly } from './interpreter-errors.js';
import { execute, executeAlone, executeFile } from './execute.js';
import { runMended } from './mended.js';
import type { Shell } from './shell.js';

/** What a process does; what it prints goes to `p.out()` and `p.err()`. */
export type Main = (p: Process) => Promise<number> | number;

/** What the arguments that `<(…)` has become stand for: just-bash keeps that in a file system of its own for the command. */
async function givenTo(argv: readonly string[], { fs }: ResolvedCommandContext): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>();
  for (const path of argv) if (/^\/dev\/fd\/\d+$/.test(path) && (await fs.exists(path))) given.set(path, new TextDecoder().decode(await fs.readFileBuffer(path)));
  return given;
}

export class Externals {
  readonly #shell: Shell;
  /** A process that goes on as another program: the next command runs in it. */
  #executing: Process | null = null;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** The commands that the shell's interpreter is given for them. */
  commands(): { readonly bundled: readonly CommandName[]; readonly custom: readonly CustomCommand[] } {
    const shell = this.#shell;
    const { programs } = shell.box;
    const wrapped = [...BUNDLED_PATHS.keys()].filter(name => !programs.has(name));
    return {
      bundled: [...BUILT_IN, ...wrapped] as CommandName[],
      custom: [
        ...[...programs.values()].map(program => defineCommand(commandOf(program), (args, ctx) => shell.guarded(ctx, () => this.program(program, [commandOf(program), ...args], ctx)))),
        ...wrapped.map(name => defineCommand(name, (args, ctx) => shell.guarded(ctx, () => this.#bundled(name, args, ctx)))),
      ],
    };
  }

  /** Runs a program by the name it is called by. */
  program(program: Program, argv: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
    return this.inProcess(argv, ctx, p => execute(p, program.path, argv, () => program.run(p)));
  }

  /** A command of just-bash's as a process that reads and writes in its own name. Its output may be bytes, so it is handed on as it is. */
  async #bundled(name: string, args: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
    let own: ExecResult | undefined;
    const argv = [name, ...args];
    const around = await this.inProcess(argv, ctx, p => execute(p, BUNDLED_PATHS.get(name)!, argv, async () => {
      own = await runMended(p, name, args, list => ctx.origCommand!(list)).catch((error: unknown) => endedEarly(name, error));
      return own.exitCode;
    }));
    return own === undefined ? around : { ...own, stdout: own.stdout + around.stdout, stderr: own.stderr + around.stderr, exitCode: around.exitCode };
  }

  /** Runs `main` in a new process, which the shell waits for; after exec, in the process that asked for it. */
  async inProcess(argv: readonly string[], ctx: ResolvedCommandContext, main: Main): Promise<ExecResult> {
    const shell = this.#shell;
    const begun = this.#executing;
    this.#executing = null;
    // What the process prints is its own, whatever program it has become.
    if (begun !== null) return { stdout: '', stderr: '', exitCode: await this.#inTheSame(begun, main) };
    const parent = shell.acting;
    let p: Process;
    try {
      const init = { argv, env: new Map(Object.entries(ctx.exportedEnv ?? {})), cwd: ctx.cwd, stdin: decodeBytesToUtf8(ctx.stdin), given: await givenTo(argv, ctx) };
      p = new Process(shell.box, await fork(shell.box, parent), init, (process, next) => this.exec(process, next, ctx));
    } catch (error) {
      if (!(error instanceof ForkError)) throw error;
      return { stdout: '', stderr: `${shell.name}: fork: ${strerror(error.errno)}\n`, exitCode: 254 };
    }
    const { process } = shell;
    try {
      const exitCode = await shell.actingAs(p, () => runForeground(parent, p, main));
      return { stdout: p.stdout, stderr: p.stderr + (SIGNAL_TEXTS[p.endedBy] ?? ''), exitCode };
    } catch (error) {
      // The command has rebooted the machine, and the shell goes on as a new process.
      if (error instanceof Killed && shell.process !== process) return { stdout: p.stdout, stderr: p.stderr, exitCode: 0 };
      throw error;
    }
  }

  /** What a process does after exec. Its death is not the shell's: exec() tells who called it. */
  async #inTheSame(p: Process, main: Main): Promise<number> {
    try {
      return await this.#shell.actingAs(p, async () => main(p));
    } catch (error) {
      if (error instanceof Killed && error.task === p.task) return 0;
      throw error;
    }
  }

  /** execvp() by a process that the shell has started. @returns the exit code of what it has become. */
  async exec(p: Process, argv: readonly string[], ctx: ResolvedCommandContext): Promise<number> {
    const shell = this.#shell;
    for (const [path, text] of await givenTo(argv, ctx)) p.given.set(path, text);
    if (p !== shell.acting) return executeAlone(shell, p, argv);
    this.#executing = p;
    try {
      const result = await ctx.exec!('__pmkit_run', { args: [...argv], cwd: p.cwd, stdin: p.stdin, env: Object.fromEntries(p.env), replaceEnv: true });
      p.out(result.stdout);
      p.err(result.stderr);
      if (isGone(p.task)) throw new Killed(p.task);
      return result.exitCode;
    } finally {
      this.#executing = null;
    }
  }

  /** The file that a command names by a path, links followed; undefined for one by name, or when there is none. */
  #fileOf(command: string, ctx: ResolvedCommandContext): string | undefined {
    const { box, acting, files } = this.#shell;
    const path = files.fs.resolvePath(ctx.cwd, command);
    return command.includes('/') && box.files.exists(acting, path) ? box.files.realpath(acting, path) : undefined;
  }

  /** By name or path; a script is run by a shell of its own. */
  async run(argv: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
    const [command = '', ...args] = argv;
    const { programs } = this.#shell.box;
    const file = this.#fileOf(command, ctx);
    const program = command.includes('/') ? [...programs.values()].find(({ path }) => path === file) : programs.get(command);
    if (program !== undefined) return this.program(program, argv, ctx);
    const byPath = [...BUILT_IN_PATHS, ...BUNDLED_PATHS].find(([, path]) => path === file)?.[0];
    if (byPath === undefined && command.includes('/')) return this.inProcess(argv, ctx, p => executeFile(this.#shell, p, argv));
    return ctx.exec!(byPath ?? command, { args, cwd: ctx.cwd, stdin: latin1FromBytes(ctx.stdin), stdinKind: 'bytes' });
  }
}
