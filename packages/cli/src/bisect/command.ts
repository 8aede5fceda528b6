/** The command that `pmkit bisect run` runs at each level. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { treeName, type Judgement } from '@pmkit/series/bisect';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { LEVEL_VARIABLE, TREE_VARIABLE } from '../stack-options.js';
import { treeAt } from '../tree-argument.js';

const SKIP = 125;
/** What a shell ends with when it may not run a command, and when there is none. */
const SHELL_CODES = [126, 127];
/** Characters of either stream that the signature is taken from: the end of it. */
const KEPT = 64 * 1024;
/** Characters of a signature that are shown and compared. */
const SHOWN = 100;

interface Ended { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a program without a shell; what it prints is passed on as it comes. @throws CommandError (misuse) when there is nothing to run. */
function execute(argv: readonly string[], io: Io, environment: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      reject(new CommandError(EXIT_MISUSE, `pmkit bisect run: cannot run '${argv[0]!}': ${whyNot(error)}`, { cause: error }));
    };
    let child: ReturnType<typeof start>;
    try {
      child = start(argv, io, environment);
    } catch (error) {
      // What cannot be the name of a program: an empty one, or one with a zero byte.
      refuse(error);
      return;
    }
    const ends = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        ends[stream] = (ends[stream] + text).slice(-KEPT);
        io[stream](text);
      });
    }
    child.on('error', refuse);
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 128 + constants.signals[signal!], ...ends });
    });
  });
}

const start = ([program, ...words]: readonly string[], io: Io, environment: Readonly<Record<string, string>>) =>
  spawn(program!, words, { cwd: io.cwd, env: { ...io.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });

function whyNot(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT': return 'no such command';
    case 'EACCES': return 'it is not executable';
    default: return error instanceof Error ? error.message : String(error);
  }
}

/**
 * What an end looks like: the exit code, and the last line on standard error, or on standard output where that says nothing. Numbers become N: levels,
 * pids, addresses and page counts differ from level to level where the failure is the same. One stream, and not whichever came last: which that
 * is, is chance.
 */
export function signatureOf({ code, stdout, stderr }: Ended): string {
  const text = (lastLine(stderr) || lastLine(stdout)).replace(NUMBER, 'N');
  return text === '' ? `exit ${code}` : `exit ${code}: ${text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text}`;
}

/** Decimal, hexadecimal with 0x, and what looks like an address without it. */
const NUMBER = /0x[\da-f]+|\b(?=[a-f]*\d)[\da-f]{8,}\b|\d+/gi;

/** As a terminal would show it in the end: without colours, and of what was written over the last. */
function lastLine(text: string): string {
  const lines = stripVTControlCharacters(text).replace(/[^\P{Cc}\r\n]/gu, ' ').split(/[\r\n]/).map((line) => line.trim()).filter((line) => line !== '');
  const last = lines.at(-1) ?? '';
  return NODE_VERSION.test(last) ? aboveTrace(lines) ?? last : last;
}

/** Node ends what it says of an uncaught error with its version, which is the same for all errors. What is wrong stands above the stack trace. */
const NODE_VERSION = /^Node\.js v\d/;
function aboveTrace(lines: readonly string[]): string | undefined {
  const isFrame = (line: string): boolean => line.startsWith('at ');
  return lines.slice(0, lines.findLastIndex(isFrame) + 1).findLast((line) => !isFrame(line));
}

export interface Ruling extends Judgement {
  /** Whether the code may be a shell's, which did not find what it was to run. */
  readonly isShells: boolean;
}

/**
 * The command as an oracle, with git's contract: 0 good, 1–124, 126 and 127 bad, 125 skip; anything else ends the bisection, as does a command that
 * cannot be run.
 */
export function commandOracle(argv: readonly string[], io: Io, hotplug: boolean): (level: number) => Promise<Ruling> {
  return async (level) => {
    const tree = treeName(treeAt(level, hotplug));
    io.stdout(`running ${quoted(argv)} at level ${tree}\n`);
    const ended = await execute(argv, io, { [LEVEL_VARIABLE]: String(level), [TREE_VARIABLE]: tree });
    const { code } = ended;
    if (code >= 128) throw new CommandError(code <= 255 ? code : EXIT_FAILED, `bisect run failed: exit code ${code} from ${quoted(argv)} is < 0 or >= 128`);
    return { verdict: code === 0 ? 'good' : code === SKIP ? 'skip' : 'bad', signature: signatureOf(ended), isShells: SHELL_CODES.includes(code) };
  };
}

const quoted = (argv: readonly string[]): string => argv.map((word) => `'${word}'`).join(' ');
