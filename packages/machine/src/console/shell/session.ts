/** Somebody at the machine's terminal: scripts and lines typed, run by the login shell. */
import { SIGINT } from '@pmkit/mm-core/include/linux/sched';
import type { ScriptNode } from 'just-bash';
import type { Box } from '../box.js';
import { isGone, Killed, Stuck } from '../killed.js';
import { endedJobs } from './builtins/jobs.js';
import { parseScript } from './parse-script.js';
import { hasOpenHereDocument, rewriteLine } from './rewrite.js';
import { Shell, syntaxMessage } from './shell.js';
import type { Sink } from './shell-fs.js';
import { textOf } from './text.js';

/** Where an interactive shell reads. */
export interface LineReader {
  /** The next line typed, without its newline; null at the end of input, undefined when it was given up (Ctrl-C). */
  readLine(prompt: string): Promise<string | null | undefined>;
}

/** The exit code of a login shell that was killed. */
const GONE = 137;
/** $? after Ctrl-C. */
const INTERRUPTED = 128 + SIGINT;
const LOOP = 'while __pmkit_next "$?" "$-" "$(declare -p)" "$(set +o)"; do eval "$__PMKIT_TEXT"; done';

export class Session {
  readonly #box: Box;
  readonly #sink: Sink;
  #current: Shell | null = null;
  #cwd = '/';

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
    for (;;) {
      const loop = shell.interrupted ? `__pmkit_status ${INTERRUPTED} || ${LOOP}` : LOOP;
      const code = await this.#survive(() => shell.loop(loop));
      if (shell.interrupted) continue;
      if (code !== GONE || !isGone(shell.process.task) || this.#box.k.m.panicked) return code;
      this.#sink.err('pmkit: the shell was killed; a new one begins\n');
      this.#box.logInAgain();
      shell = this.#interactive(reader, prompt);
    }
  }

  /** Working directory of the shell at the last prompt. */
  get cwd(): string {
    return this.#cwd;
  }

  /** Ctrl-C while something runs. */
  interrupt(): void {
    this.#current?.interrupt();
  }

  #interactive(reader: LineReader, prompt: (cwd: string) => string): Shell {
    const shell = this.#shell('bash', true);
    shell.nextCommand = cwd => {
      this.#cwd = cwd;
      this.#sink.err(endedJobs(shell));
      return this.#readCommand(shell, reader, () => prompt(cwd));
    };
    return shell;
  }

  /** Lines until they make a whole command, rewritten; null at the end of input. */
  async #readCommand(shell: Shell, reader: LineReader, prompt: () => string): Promise<string | null> {
    let text = '';
    for (;;) {
      const line = await reader.readLine(text === '' ? prompt() : '> ');
      if (line === null) return text === '' ? null : this.#complain(shell);
      text = line === undefined ? '' : `${text}${line}\n`;
      if (text.trim() === '') {
        text = '';
        continue;
      }
      const tree = this.#parse(text);
      if (tree === 'unfinished') continue;
      if (tree !== null) return textOf(rewriteLine(tree, shell.store));
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

  #complain(shell: Shell): null {
    this.#sink.err(`${shell.name}: syntax error: unexpected end of file\n`);
    return null;
  }

  #shell(name: string, interactive: boolean): Shell {
    const shell = new Shell({ process: this.#box.login, sink: this.#sink, name, interactive });
    this.#box.onReboot.add(() => { shell.replaceProcess(this.#box.login); });
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
