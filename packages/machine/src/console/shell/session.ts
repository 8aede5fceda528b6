/** Somebody at the machine's terminal: scripts and lines typed, run by the login shell. */
import { SIGINT } from '@pmkit/mm-core/include/linux/sched';
import type { ScriptNode } from 'just-bash';
import type { Box } from '../box.js';
import { isGone, Killed, Stuck } from '../killed.js';
import { endedJobs } from './builtins/jobs.js';
import { parseScript } from './parse-script.js';
import { hasOpenHereDocument, rewriteLine } from './rewrite.js';
import { Shell, syntaxMessage, type Sink, type TypedCommand } from './shell.js';
import { textOf } from './text.js';

/** Where an interactive shell reads. */
export interface LineReader {
  /** The next line typed, without its newline; null at the end of input, undefined when it was given up (Ctrl-C). */
  readLine(prompt: string): Promise<string | null | undefined>;
}

/** The exit code of a login shell that was killed. */
const GONE = 137;
/** $? after Ctrl-C at the prompt, and after a syntax error. */
const INTERRUPTED = 128 + SIGINT;
const SYNTAX_ERROR = 2;
const LOOP = 'while __pmkit_next "$?" "$-" "$(declare -p)" "$(set +o)"; do eval "$__PMKIT_TEXT"; done';

export class Session {
  readonly #box: Box;
  readonly #sink: Sink;
  #current: Shell | null = null;
  #cwd = '/';
  /** Commands read so far. */
  #commands = 0;
  /** A line is being typed. */
  #reading = false;

  constructor(box: Box, sink: Sink) {
    this.#box = box;
    this.#sink = sink;
  }

  /**
   * Runs a script as the login shell's own, to its end; jobs that still run then go on no longer, since nobody waits.
   * @param name `$0`, and the name in messages
   * @returns its exit code; 137 when the shell was killed, 1 when nothing can happen any more, 2 for a syntax error.
   */
  async runScript(text: string, name = 'bash', args: readonly string[] = []): Promise<number> {
    const shell = this.#shell(name, false);
    return this.#survive(() => shell.run(text, { args }));
  }

  /** Reads and runs lines until the input ends or `exit`. `prompt` is asked for each time. @returns the exit code. */
  async interact(reader: LineReader, prompt: (cwd: string) => string): Promise<number> {
    let shell = this.#interactive(reader, prompt);
    /** $? of the next line. */
    let status = 0;
    for (;;) {
      const read = this.#commands;
      const loop = status === 0 ? LOOP : `__pmkit_status ${status} || ${LOOP}`;
      const code = await this.#survive(() => shell.loop(loop));
      status = code;
      // What ends a script, such as an unset variable under `set -u`, does not end a shell that somebody types at.
      if (shell.interrupted || (read < this.#commands && code !== GONE && !shell.ending && !shell.errexit)) continue;
      if (code !== GONE || !isGone(shell.process.task) || this.#box.k.m.panicked) return code;
      this.#sink.err('pmkit: the shell was killed; a new one begins\n');
      this.#box.logInAgain();
      status = 0;
      shell = this.#interactive(reader, prompt);
    }
  }

  /** Working directory of the shell at the last prompt. */
  get cwd(): string {
    return this.#cwd;
  }

  /** Ctrl-C while something runs; while a line is typed it is the reader's. */
  interrupt(): void {
    if (!this.#reading) this.#current?.interrupt();
  }

  #interactive(reader: LineReader, prompt: (cwd: string) => string): Shell {
    const shell = this.#shell('bash', true);
    shell.nextCommand = cwd => {
      this.#cwd = cwd;
      this.#commands++;
      this.#sink.err(endedJobs(shell));
      return this.#readCommand(shell, reader, () => prompt(cwd));
    };
    return shell;
  }

  /** Lines until they make a whole command, rewritten; at the end of input that is `exit`. */
  async #readCommand(shell: Shell, reader: LineReader, prompt: () => string): Promise<TypedCommand> {
    const rewritten = (tree: ScriptNode): string => textOf(rewriteLine(tree, shell.store));
    let text = '';
    let status: number | null = null;
    for (;;) {
      const line = await this.#readLine(reader, text === '' ? prompt() : '> ');
      if (line === null) {
        if (text !== '') this.#sink.err(`${shell.name}: syntax error: unexpected end of file\n`);
        return { text: rewritten(parseScript('exit')), status: text === '' ? status : SYNTAX_ERROR };
      }
      if (line === undefined) status = INTERRUPTED;
      text = line === undefined ? '' : `${text}${line}\n`;
      if (text.trim() === '') {
        text = '';
        continue;
      }
      const tree = this.#parse(text);
      if (tree === 'unfinished') continue;
      if (tree !== null) return { text: rewritten(tree), status };
      status = SYNTAX_ERROR;
      text = '';
    }
  }

  /** null: a syntax error, which has been printed. */
  #parse(text: string): ScriptNode | 'unfinished' | null {
    if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(text) || /(?:&&|\|)\s*$/.test(text)) return 'unfinished';
    try {
      const tree = parseScript(text);
      return hasOpenHereDocument(tree) ? 'unfinished' : tree;
    } catch (error) {
      const { message } = error as Error;
      const [, line] = /^Parse error at (\d+):1: /.exec(message) ?? [];
      // What is missing is missing behind the last line.
      if (message.includes('EOF') || Number(line) > text.split('\n').length - 1) return 'unfinished';
      this.#sink.err(`bash: ${syntaxMessage(error as Error)}\n`);
      return null;
    }
  }

  async #readLine(reader: LineReader, prompt: string): Promise<string | null | undefined> {
    this.#reading = true;
    try {
      return await reader.readLine(prompt);
    } finally {
      this.#reading = false;
    }
  }

  #shell(name: string, interactive: boolean): Shell {
    const shell = new Shell({ process: this.#box.login, sink: this.#sink, name, interactive });
    this.#box.onReboot.add(() => { shell.replaceProcess(this.#box.login, this.#sink); });
    this.#current = shell;
    return shell;
  }

  async #survive(run: () => Promise<number>): Promise<number> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Killed) return GONE;
      if (!(error instanceof Stuck)) throw error;
      this.#sink.err(`pmkit: ${error.message}\n`);
      return 1;
    }
  }
}
