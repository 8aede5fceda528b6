/**
 * A shell: a process of the machine that runs bash scripts. just-bash parses and interprets; what a script starts becomes processes
 * (externals.ts), and what bash knows of jobs, traps, descriptors and the rest is in builtins/.
 *
 * Streams. Every process has descriptors (files/stream.ts), and everything writes to them and reads from them itself, when it does: a program, the shell's own
 * commands, a loop. just-bash's way of handing all that a command has printed to the next one is used by nobody: redirections are commands of ours around a
 * command (rewrite.ts), a pipeline is a process for each part with pipes between them (builtins/pipelines.ts), so `read` takes a line from descriptor 0 and leaves
 * what is behind it to whoever reads next. What just-bash itself has to say, its own builtins and its errors, goes to the descriptors by way of two files of a
 * private directory (shell-fs.ts). A subshell in the foreground is a task in whose name this interpreter goes on (level.ts); what runs beside the shell, a job, a
 * part of a pipeline or `<(…)`, is a shell of its own that is told what this one knows. A program that just-bash has (bundled-run.ts) reads to the end of its input before
 * it begins, and writes when it ends.
 */
import { takeCaught } from '@pmkit/mm-core';
import { SIGINT } from '@pmkit/mm-core/include/linux/sched';
import { Bash, parse, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import type { Box } from '../box.js';
import { isGone, Killed, Stuck } from '../killed.js';
import { strerror, type Process } from '../process.js';
import { signalName } from '../signals.js';
import { BashFs, TerminalStream } from '../files/index.js';
import { plainText, script, statement, type FunctionDef, type ScriptNode, type StatementNode } from './ast.js';
import { builtinCommands, SHELL_BUILTINS } from './builtins/index.js';
import { goesStraightOn } from './builtins/turn.js';
import { Externals } from './externals.js';
import { isInterpreters } from './interpreter-errors.js';
import type { Jobs } from './jobs.js';
import { newLevel, restoreAll, type Level } from './level.js';
import { LIMITS } from './limits.js';
import { parseScript } from './parse-script.js';
import { asExec, rewriteScript, TreeStore } from './rewrite.js';
import { ShellFiles } from './shell-fs.js';
import { rewrittenText } from './text.js';
import type { Traps } from './traps.js';
import { quote } from './words.js';

/** Where somebody at a terminal sees what is printed. */
export interface Sink { readonly out: (text: string) => void; readonly err: (text: string) => void }

export interface ShellInit {
  readonly process: Process;
  /** The terminal of the process; absent: its descriptors lead somewhere already. */
  readonly sink?: Sink;
  /** What the shell that started this one has stored; a shell of its own begins anew. */
  readonly store?: TreeStore;
  readonly functions?: ReadonlyMap<string, FunctionDef>;
  readonly jobs?: Jobs;
  /** `$0` */
  readonly name: string;
  /** `$$` where that is not the shell's own pid: in a subshell. */
  readonly dollar?: number;
  readonly interactive?: boolean;
}

export interface ScriptOptions {
  /** Positional parameters. */
  readonly args?: readonly string[];
  /** Commands that come first and are the shell's own business: variables and options it has inherited. */
  readonly prelude?: string;
  /** Variables that it has inherited and that need no commands. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The process has nothing to do but this: when it is one command, it becomes that. */
  readonly last?: boolean;
}

/** What a person has typed: a whole command, rewritten, and the status of lines before it that came to nothing. */
export interface TypedCommand { readonly text: string; readonly status: number | null }

/** Stands for a tree in what just-bash is given to parse. */
const TREE = '__pmkit_tree';

/** What the machine is, as bash was configured for it. */
const MACHINE = { HOSTTYPE: 'ia64', MACHTYPE: 'ia64-unknown-linux-gnu', OSTYPE: 'linux-gnu' };

/** The shell that a process is. */
const shells = new WeakMap<Process, Shell>();

export class Shell {
  readonly box: Box;
  readonly store: TreeStore;
  readonly files: ShellFiles;
  readonly name: string;
  readonly dollar: number;
  readonly interactive: boolean;
  readonly externals: Externals;
  /** The next command typed. Set for an interactive shell. */
  nextCommand: ((cwd: string) => Promise<TypedCommand>) | null = null;
  /** Commands by which a new loop is what the last one was before the line that was given up. */
  lastState = '';
  /** The shell, and the subshells it is in: the innermost last. */
  readonly levels: Level[];
  /** Commands that the shell waits for. */
  readonly foreground = new Set<Process>();
  readonly #bash: Bash;
  /** Trees that just-bash is about to run, under the number that stands for each. */
  readonly #trees = new Map<string, ScriptNode>();
  #executions = 0;
  #interrupted = false;
  #errexit = false;
  /** The shell was told to end: by exit or exec. */
  ending = false;
  #abort = new AbortController();
  #dead: Error | null = null;

  constructor(init: ShellInit) {
    const { process, sink } = init;
    this.box = process.box;
    this.store = init.store ?? new TreeStore();
    this.name = init.name;
    this.dollar = init.dollar ?? process.pid;
    this.interactive = init.interactive ?? false;
    this.levels = [newLevel(process, init.functions ?? new Map(), init.jobs === undefined ? {} : { jobs: init.jobs })];
    shells.set(process, this);
    this.externals = new Externals(this);
    const { bundled, custom } = this.externals.commands();
    const customCommands = [...custom, ...builtinCommands(this)];
    const names = new Set<string>([...bundled, ...customCommands.map(command => command.name)]);
    this.files = new ShellFiles(new BashFs(this.box, () => this.process), { print: (fd, data) => this.#say(fd, data), isCommand: name => names.has(name), goesStraightOn: status => goesStraightOn(this, status) });
    if (sink !== undefined) this.#attach(process, sink);
    this.#bash = new Bash({
      fs: this.files.fs, cwd: process.cwd, env: Object.fromEntries(process.env), executionLimits: LIMITS, defenseInDepth: false,
      processInfo: { pid: this.dollar, ppid: process.task.parent?.pid ?? 0, uid: process.task.uid, gid: process.task.gid },
      commands: [...bundled], customCommands,
    });
    this.#bash.registerTransformPlugin({ name: 'pmkit', transform: ({ ast, metadata }) => ({ ast: this.#treeFor(ast), metadata }) });
  }

  /** The last script was ended by interrupt(). */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** The last script has ended under `set -e`. */
  get errexit(): boolean {
    return this.#errexit;
  }

  get level(): Level {
    return this.levels.at(-1)!;
  }
  /** The process that the shell is now: its own, or that of the subshell it is in. */
  get process(): Process {
    return this.level.process;
  }
  get jobs(): Jobs {
    return this.level.jobs;
  }
  get traps(): Traps {
    return this.level.traps;
  }
  get functions(): Map<string, FunctionDef> {
    return this.level.functions;
  }

  /** Another shell, in a process of its own. */
  another(init: ShellInit): Shell {
    return new Shell(init);
  }

  /** Says something where errors go. */
  err(text: string): void {
    this.process.err(text);
  }

  /** After a reboot the shell at the terminal goes on as a new process; nothing of the old machine is left. */
  replaceProcess(p: Process, sink: Sink): void {
    this.levels.splice(0, this.levels.length, newLevel(p, this.levels[0]!.functions));
    this.#attach(p, sink);
    shells.set(p, this);
  }

  /**
   * Runs a script to its end. @returns its exit code; 2 for a syntax error, which has been printed.
   * @throws {Killed} when the shell does not survive it.
   */
  async run(text: string, options: ScriptOptions = {}): Promise<number> {
    let tree: ScriptNode;
    try {
      tree = parseScript(text);
    } catch (error) {
      this.err(`${this.name}: ${syntaxMessage(error as Error)}\n`);
      await this.process.flush();
      return 2;
    }
    return this.runTree(tree, options);
  }

  /** run() of a script that has been parsed. */
  async runTree(given: ScriptNode, { args = [], prelude = '', variables = {}, last = false }: ScriptOptions = {}): Promise<number> {
    const tree = last ? asExec(given, name => name === null || (!SHELL_BUILTINS.has(name) && !this.functions.has(name))) : given;
    const commands = args.length === 0 ? prelude : `${prelude}\nset -- ${args.map(quote).join(' ')}`;
    const first = commands.trim() === '' ? [] : parse(commands).statements;
    const rewritten = rewriteScript(tree, this.store);
    const functions = this.#definitions();
    const exitCode = await this.execute({ ...rewritten, statements: [...functions, ...first, ...rewritten.statements] }, variables);
    // A shell that errexit or a syntax error has ended did not come by its own end.
    const atExit = this.traps.takeExit();
    if (atExit !== '') {
      const known = this.#definitions();
      const trapped = rewriteScript(parseScript(`__pmkit_status ${exitCode} && :\n${atExit}`), this.store);
      await this.execute({ ...trapped, statements: [...known, ...trapped.statements] });
    }
    return exitCode;
  }

  /** Runs commands of our own, with the shell as the last loop has left it. */
  async loop(text: string): Promise<number> {
    await restoreAll(this.level);
    const functions = this.#definitions();
    return this.execute(script([...functions, ...parse(`${this.lastState}\n${text}`).statements]));
  }

  /** Runs a tree that needs no rewriting any more. */
  async execute(tree: ScriptNode, variables: Readonly<Record<string, string>> = {}): Promise<number> {
    const key = String(this.#executions++);
    this.#trees.set(key, tree);
    this.#abort = new AbortController();
    this.#interrupted = false;
    const abort = this.#abort;
    const stop = (): void => { abort.abort(); };
    this.box.atPowerOff.add(stop);
    const result = await this.#bash.exec(`${TREE} ${key}`, { rawScript: true, signal: this.#abort.signal, env: { ...variables, 0: this.name, ...MACHINE } });
    this.box.atPowerOff.delete(stop);
    await this.externals.leaveAll();
    this.#errexit = (result.env['SHELLOPTS'] ?? '').split(':').includes('errexit');
    const dead = this.#dead;
    this.#dead = null;
    if (dead !== null) throw dead;
    this.process.out(result.stdout);
    if (!abort.signal.aborted) this.process.err(withoutOwnTraces(result.stderr));
    await this.process.flush();
    return this.interrupted ? 128 + SIGINT : result.exitCode;
  }

  /** The functions that are known, as statements that define them. */
  #definitions(): StatementNode[] {
    return [...this.functions.values()].map(definition => statement(definition));
  }

  /** Ends the script that runs: the shell is dead, or can never go on. */
  abandon(reason: Killed | Stuck): void {
    this.#dead ??= reason;
    this.#abort.abort();
  }

  /** Ctrl-C: a SIGINT for what runs in the foreground, and an end to the script or line. The host calls it when its event loop comes round, while everybody waits. */
  interrupt(): void {
    this.#interrupted = true;
    for (const p of this.#inForeground()) this.box.k.__group_send_sig_info(SIGINT, p.task);
    this.#abort.abort();
  }
  *#inForeground(): Generator<Process> {
    for (const { process } of this.levels.slice(1)) yield process;
    for (const p of this.foreground) {
      if (!isGone(p.task)) yield p;
      const shell = shells.get(p);
      if (shell !== undefined) yield* shell.#inForeground();
    }
  }

  /** Runs a command of ours; what ends the shell ends the script. Signals that have come meanwhile are noted for the script to act on. */
  async guarded(name: string, ctx: ResolvedCommandContext, action: () => Promise<ExecResult>): Promise<ExecResult> {
    const { level } = this;
    try {
      if (this.levels.length > 1 && isGone(level.process.task)) return await this.#overIn(ctx);
      this.jobs.collect(this.process);
      const result = await this.#written(name, await action());
      await this.#noteSignals(ctx);
      return result;
    } catch (error) {
      if (error instanceof Killed && this.levels.includes(level) && level !== this.levels[0] && error.task === level.process.task) return this.#overIn(ctx);
      if (error instanceof Killed || error instanceof Stuck) {
        this.abandon(error);
        return { stdout: '', stderr: '', exitCode: 137 };
      }
      if (isInterpreters(error)) throw error;
      this.err(`${this.box.internalError(error)}\n`);
      return { stdout: '', stderr: '', exitCode: 70 };
    }
  }

  /** What a command of the shell's own has printed is written before the next one begins. */
  async #written(name: string, result: ExecResult): Promise<ExecResult> {
    const { process } = this;
    if (isGone(process.task)) return result;
    await process.flush();
    if (process.writeError === 0) return result;
    process.err(`${this.name}: ${name}: write error: ${strerror(process.writeError)}\n`);
    process.writeError = 0;
    await process.flush();
    return { ...result, exitCode: 1 };
  }
  /** The subshell that the shell is in was killed: nothing in it does anything any more, and its loops end (see rewrite.ts). */
  async #overIn(ctx: ResolvedCommandContext): Promise<ExecResult> {
    await ctx.assignShellVariable?.('__PMKIT_OVER', 'exit 137');
    return { stdout: '', stderr: '', exitCode: 137 };
  }

  /** What the interpreter itself prints. */
  async #say(fd: number, data: Uint8Array | string): Promise<void> {
    if (isGone(this.process.task)) return;
    try {
      this.process.print(fd, fd === 2 ? withoutOwnTraces(typeof data === 'string' ? data : Buffer.from(data).toString()) : data);
      await this.#written('', { stdout: '', stderr: '', exitCode: 0 });
    } catch (error) {
      if (!(error instanceof Killed) && !(error instanceof Stuck)) throw error;
      if (this.levels.length === 1) this.abandon(error);
    }
  }

  #attach(process: Process, { out, err }: Sink): void {
    const terminal = new TerminalStream(out);
    process.fds.set(1, terminal);
    process.fds.set(2, new TerminalStream(err));
    this.box.terminal = terminal;
  }

  /** Traps of signals that the shell's task has caught: between two commands the script runs what is in __PMKIT_SIG. */
  async #noteSignals(ctx: ResolvedCommandContext): Promise<void> {
    const { task } = this.process;
    if (task.caught.size === 0) return;
    const texts = takeCaught(task).map(number => rewrittenText(this.traps.get(`SIG${signalName(number) ?? number}`) ?? '', this.store));
    await ctx.assignShellVariable?.('__PMKIT_SIG', [ctx.env.get('__PMKIT_SIG') ?? '', ...texts].filter(text => text !== '').join('\n'));
  }

  /** just-bash has parsed the stand-in for a tree of ours, which is good for one time, or the text of a nested command, which is as it is. */
  #treeFor(ast: ScriptNode): ScriptNode {
    const command = ast.statements[0]?.pipelines[0]?.commands[0];
    if (command?.type !== 'SimpleCommand' || plainText(command.name) !== TREE) return ast;
    const key = plainText(command.args[0] ?? null) ?? '';
    const tree = this.#trees.get(key) ?? script([]);
    this.#trees.delete(key);
    return tree;
  }
}

/** Lines of `set -x` for commands that we have put in. */
const withoutOwnTraces = (text: string): string => (text.startsWith('+') || text.includes('\n+') ? text.replaceAll(/^\++ (?:(?:: |eval \$?')?__pmkit_.*|eval ''|declare -p|set \+o)\n/gm, '') : text);

/** A complaint of the parser, in the form of bash's: `line 3: syntax error near …`. */
export const syntaxMessage = (error: Error): string => error.message.replace(/^Parse error at (\d+):\d+: /, 'line $1: ').replace(/Expected \w+, got EOF$/, 'syntax error: unexpected end of file');
