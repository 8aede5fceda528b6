/**
 * A shell: a process of the machine that runs bash scripts. just-bash parses and interprets; what a script starts becomes processes
 * (externals.ts), and what bash knows of jobs, traps and the rest is in builtins/.
 *
 * In bash every part of a pipeline is a process of its own, and so is a command substitution. Here only the commands in them are: what the
 * shell itself does there (`while read …`, assignments) it does in its own task.
 */
import { takeCaught } from '@pmkit/mm-core';
import { SIGINT } from '@pmkit/mm-core/include/linux/sched';
import { Bash, parse, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import type { Box } from '../box.js';
import { Killed, Stuck } from '../killed.js';
import type { Process } from '../process.js';
import { signalName } from '../signals.js';
import { BashFs } from '../files/index.js';
import { plainText, script, statement, type FunctionDef, type ScriptNode, type StatementNode } from './ast.js';
import { builtinCommands, SHELL_BUILTINS } from './builtins/index.js';
import { Externals } from './externals.js';
import { isInterpreters } from './interpreter-errors.js';
import { Jobs } from './jobs.js';
import { parseScript } from './parse-script.js';
import { asExec, rewriteScript, TreeStore } from './rewrite.js';
import { ShellFiles, type Sink } from './shell-fs.js';
import { rewrittenText } from './text.js';
import { Traps } from './traps.js';
import { quote } from './words.js';

export interface ShellInit {
  readonly process: Process;
  readonly sink: Sink;
  /** What the shell that started this one has stored; a shell of its own begins anew. */
  readonly store?: TreeStore;
  readonly functions?: ReadonlyMap<string, FunctionDef>;
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
  /** Show what a statement has printed when it has ended, not when the script has. */
  readonly stream?: boolean;
  /** The process has nothing to do but this: when it is one command, it becomes that. */
  readonly last?: boolean;
}

/** What a person has typed: a whole command, rewritten, and the status of lines before it that came to nothing. */
export interface TypedCommand { readonly text: string; readonly status: number | null }

/** Stands for a tree in what just-bash is given to parse. */
const TREE = '__pmkit_tree';

/** No script of ours is too long; what keeps one from running for ever is the user's interrupt. */
const LIMITS = {
  maxCommandCount: 1e12, maxLoopIterations: 1e12, maxWorkUnits: 1e15, maxExecutionTimeMs: 2 ** 31 - 1, maxCallDepth: 1000, maxOutputSize: 2 ** 40, maxInputBytes: 2 ** 40,
  maxTraversalWork: 1e12,
};

/** What the machine is, as bash was configured for it. */
const MACHINE = { HOSTTYPE: 'ia64', MACHTYPE: 'ia64-unknown-linux-gnu', OSTYPE: 'linux-gnu' };

export class Shell {
  readonly box: Box;
  readonly sink: Sink;
  readonly store: TreeStore;
  readonly functions: Map<string, FunctionDef>;
  readonly jobs = new Jobs();
  readonly traps = new Traps();
  readonly files: ShellFiles;
  readonly name: string;
  readonly dollar: number;
  readonly interactive: boolean;
  readonly externals: Externals;
  /** The next command typed. Set for an interactive shell. */
  nextCommand: ((cwd: string) => Promise<TypedCommand>) | null = null;
  /** Commands by which a new loop is what the last one was before the line that was given up. */
  lastState = '';
  /** The shell's own process, and the one that acts for it now: the last. */
  readonly #acting: Process[];
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
    const { process } = init;
    this.box = process.box;
    this.sink = init.sink;
    this.store = init.store ?? new TreeStore();
    this.functions = new Map(init.functions);
    this.name = init.name;
    this.dollar = init.dollar ?? process.pid;
    this.interactive = init.interactive ?? false;
    this.#acting = [process];
    this.externals = new Externals(this);
    const { bundled, custom } = this.externals.commands();
    const customCommands = [...custom, ...builtinCommands(this)];
    const names = new Set<string>([...bundled, ...customCommands.map(command => command.name)]);
    this.files = new ShellFiles(new BashFs(this.box, () => this.acting), init.sink, { isShell: () => this.acting === this.process, isCommand: name => names.has(name) });
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

  /** The shell's own process. */
  get process(): Process {
    return this.#acting[0]!;
  }
  /** Who acts now: the shell, or the command that it runs. */
  get acting(): Process {
    return this.#acting.at(-1)!;
  }

  /** Another shell, in a process of its own. */
  another(init: ShellInit): Shell {
    return new Shell(init);
  }

  /** Has `p` act for the shell while `action` runs. */
  async actingAs<T>(p: Process, action: () => Promise<T>): Promise<T> {
    this.#acting.push(p);
    try {
      return await action();
    } finally {
      const at = this.#acting.lastIndexOf(p);
      if (at > 0) this.#acting.splice(at, 1); // after a reboot it is not there any more
    }
  }

  /** After a reboot the shell at the terminal goes on as a new process; nothing of the old machine is left. */
  replaceProcess(p: Process): void {
    this.#acting.splice(0, this.#acting.length, p);
    this.jobs.clear();
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
      this.sink.err(`${this.name}: ${syntaxMessage(error as Error)}\n`);
      return 2;
    }
    return this.runTree(tree, options);
  }

  /** run() of a script that has been parsed. */
  async runTree(given: ScriptNode, { args = [], prelude = '', stream = true, last = false }: ScriptOptions = {}): Promise<number> {
    const tree = last ? asExec(given, name => name === null || (!SHELL_BUILTINS.has(name) && !this.functions.has(name))) : given;
    const first = parse(args.length === 0 ? prelude : `${prelude}\nset -- ${args.map(quote).join(' ')}`).statements;
    const rewritten = rewriteScript(tree, this.store, stream);
    const functions = this.#definitions();
    const exitCode = await this.execute({ ...rewritten, statements: [...functions, ...first, ...rewritten.statements] });
    // A shell that errexit or a syntax error has ended did not come by its own end.
    const atExit = this.traps.takeExit();
    if (atExit !== '') {
      const known = this.#definitions();
      const trapped = rewriteScript(parseScript(`__pmkit_status ${exitCode} && :\n${atExit}`), this.store, stream);
      await this.execute({ ...trapped, statements: [...known, ...trapped.statements] });
    }
    return exitCode;
  }

  /** Runs commands of our own, with the shell as the last loop has left it. */
  loop(text: string): Promise<number> {
    const functions = this.#definitions();
    return this.execute(script([...functions, ...parse(`${this.lastState}\n${text}`).statements]));
  }

  /** Runs a tree that needs no rewriting any more. */
  async execute(tree: ScriptNode): Promise<number> {
    const key = String(this.#executions++);
    this.#trees.set(key, tree);
    this.#abort = new AbortController();
    this.#interrupted = false;
    const abort = this.#abort;
    const stop = (): void => { abort.abort(); };
    this.box.atPowerOff.add(stop);
    const result = await this.#bash.exec(`${TREE} ${key}`, { rawScript: true, signal: this.#abort.signal, stdin: this.process.stdin, stdinKind: 'text', env: { 0: this.name, ...MACHINE } });
    this.box.atPowerOff.delete(stop);
    if (result.stdout !== '') this.sink.out(result.stdout);
    this.#errexit = (result.env['SHELLOPTS'] ?? '').split(':').includes('errexit');
    if (result.stderr !== '' && !abort.signal.aborted) this.sink.err(result.stderr);
    const dead = this.#dead;
    this.#dead = null;
    if (dead !== null) throw dead;
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

  /** Ctrl-C: a SIGINT for the command that runs, and an end to the script or line. The host calls it when its event loop comes round, while everybody waits. */
  interrupt(): void {
    const { k } = this.box;
    this.#interrupted = true;
    if (this.acting !== this.process) k.__group_send_sig_info(SIGINT, this.acting.task);
    this.#abort.abort();
  }

  /** Runs a command of ours; what ends the shell ends the script. Signals that have come meanwhile are noted for the script to act on. */
  async guarded(ctx: ResolvedCommandContext, action: () => Promise<ExecResult>): Promise<ExecResult> {
    try {
      this.jobs.collect(this.process);
      const result = await action();
      await this.#noteSignals(ctx);
      return result;
    } catch (error) {
      if (error instanceof Killed || error instanceof Stuck) {
        this.abandon(error);
        return { stdout: '', stderr: '', exitCode: 137 };
      }
      if (isInterpreters(error)) throw error;
      return { stdout: '', stderr: `${this.box.internalError(error)}\n`, exitCode: 70 };
    }
  }

  /** Traps of signals that the shell's task has caught: between two commands the script runs what is in __PMKIT_SIG. */
  async #noteSignals(ctx: ResolvedCommandContext): Promise<void> {
    const { task } = this.process;
    if (task.caught.size === 0 || this.acting !== this.process) return;
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

/** A complaint of the parser, in the form of bash's: `line 3: syntax error near …`. */
export const syntaxMessage = (error: Error): string => error.message.replace(/^Parse error at (\d+):\d+: /, 'line $1: ').replace(/Expected \w+, got EOF$/, 'syntax error: unexpected end of file');
