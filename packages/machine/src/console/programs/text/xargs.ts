/** xargs, after xargs.c of GNU findutils: command lines from standard input. */
import { ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { runChild } from '../../launch.js';
import { readOperand } from '../../operand.js';
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { quote } from '../files/common.js';
import { findError } from '../files/search-path.js';

const XARGS: Definition = {
  path: '/usr/bin/xargs', summary: 'build command lines from standard input', synopsis: ['xargs [OPTION]... COMMAND [INITIAL-ARGS]...'], description: 'Runs COMMAND, default echo, with the words of standard input behind its arguments, as many at a time as there may be.',
  options: [
    ['-n, --max-args N; -L, --max-lines N; -s, --max-chars N', 'at most so many words, lines, characters at a time'], ['-I R; -i[R]; --replace[=R]', 'once for each line, which is put where R (default {}) stands'], ['-0, --null; -d, --delimiter C', 'what is between words; quotes mean nothing then'],
    ['-r, --no-run-if-empty', 'not without words'], ['-t, --verbose', 'show the command first'], ['-a, --arg-file FILE', 'words from there'], ['-E, -e WORD', 'the end of input'], ['-x', 'end where a line would be too long'], ['-P, --max-procs N', 'accepted: one after the other'],
  ],
  notes: ['Ends with 123 when a command has ended with 1 to 125, with 124 for 255, with 125 when one was killed, with 126 or 127 when it cannot be run.'],
  run,
};
export const xargs = defineProgram(XARGS);

/** Most characters of a command line with -s not given. */
const MOST_CHARACTERS = 131_072;
const LONG = [
  none('null', '0'), required('arg-file', 'a'), required('delimiter', 'd'), optional('eof', 'e'), optional('replace', 'i'), optional('max-lines', 'l'), required('max-args', 'n'), required('max-procs', 'P'), none('interactive', 'p'), none('no-run-if-empty', 'r'),
  required('max-chars', 's'), none('verbose', 't'), none('exit', 'x'), none('open-tty', 'o'),
] as const;

interface Limits { readonly words: number; readonly lines: number; readonly characters: number }

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, '+0a:E:e::i::I:l::L:n:prs:txP:d:o', LONG);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(XARGS));
    return 0;
  }
  for (const { opt, arg } of parsed.options) {
    if ('nLsP'.includes(opt) && !/^\d+$/.test(arg ?? '')) return p.fail(`invalid number "${arg!}" for -${opt} option`);
    if ('nLs'.includes(opt) && Number(arg) < 1) return p.fail(`value ${arg!} for -${opt} option should be >= 1`);
  }
  const text = await readOperand(p, parsed.value('a') ?? '-');
  if (text === null) return 1;
  const command = parsed.operands.length === 0 ? ['echo'] : [...parsed.operands];
  const lines = wordsOf(parsed, text);
  if (typeof lines === 'string') return p.fail(lines);
  const replace = parsed.options.findLast(({ opt }) => opt === 'I' || opt === 'i');
  const runner = new Runner(p, parsed.has('t'));
  if (replace !== undefined) {
    const mark = replace.arg ?? '{}';
    for (const [word] of lines) if (!(await runner.run(command.map(part => part.replaceAll(mark, word!))))) break;
    return runner.exitCode;
  }
  const number = (...names: string[]): number => Number(parsed.value(...names) ?? Infinity);
  const limits = { words: number('n'), lines: parsed.has('l') && parsed.value('l') === undefined ? 1 : number('L', 'l'), characters: Math.min(MOST_CHARACTERS, number('s')) };
  const groups = grouped(lines, limits, command.join(' ').length);
  if (groups.length === 0 && !parsed.has('r')) groups.push([]);
  for (const words of groups) if (!(await runner.run([...command, ...words]))) break;
  return runner.exitCode;
}

/** Words by line; a text says what is wrong. With -0 and -d every word is a line. */
function wordsOf(parsed: Parsed, text: string): string[][] | string {
  const delimiter = parsed.has('0') ? '\0' : parsed.value('d') === undefined ? null : unescaped(parsed.value('d')!);
  if (delimiter !== null) {
    const words = text.split(delimiter);
    if (words.at(-1) === '') words.pop();
    return words.map(word => [word]);
  }
  const end = parsed.value('E', 'e');
  if (parsed.has('I', 'i')) {
    const lines = text.split('\n').map(line => line.trimStart()).filter(line => line !== '').map(line => line.replaceAll(/\\(.)|'([^']*)'|"([^"]*)"/g, (_all, one?: string, single?: string, double?: string) => one ?? single ?? double ?? ''));
    return (end !== undefined && lines.includes(end) ? lines.slice(0, lines.indexOf(end)) : lines).map(line => [line]);
  }
  return quotedWords(text, end);
}
const unescaped = (text: string): string => ({ '\\n': '\n', '\\t': '\t', '\\0': '\0', '\\\\': '\\' })[text] ?? text;

function quotedWords(text: string, end: string | undefined): string[][] | string {
  const lines: string[][] = [[]];
  const pattern = /((?:[^\s'"\\]|\\[^]|'[^'\n]*'|"[^"\n]*")+)|(\n)|['"\\]/g;
  for (const [whole, word, newline] of text.matchAll(pattern)) {
    if (newline !== undefined) lines.push([]);
    else if (word === undefined) return whole === '\\' ? 'backslash at EOF' : `unmatched ${whole === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`;
    else {
      const plain = word.replaceAll(/\\([^])|'([^']*)'|"([^"]*)"/g, (_all, one?: string, single?: string, double?: string) => one ?? single ?? double ?? '');
      if (plain === end) break;
      lines.at(-1)!.push(plain);
    }
  }
  return lines.filter(line => line.length > 0);
}

/** What goes on one command line each. */
function grouped(lines: readonly string[][], limits: Limits, length: number): string[][] {
  const groups: string[][] = [];
  let words: string[] = [];
  let count = 0;
  let characters = length;
  const close = (): void => {
    if (words.length > 0) groups.push(words);
    words = [];
    count = 0;
    characters = length;
  };
  for (const line of lines) {
    for (const word of line) {
      if (words.length >= limits.words || (words.length > 0 && characters + 1 + word.length >= limits.characters)) close();
      words.push(word);
      characters += 1 + word.length;
    }
    if (++count >= limits.lines) close();
  }
  close();
  return groups;
}

class Runner {
  exitCode = 0;
  readonly #p: Process;
  readonly #verbose: boolean;
  constructor(p: Process, verbose: boolean) {
    this.#p = p;
    this.#verbose = verbose;
  }

  /** Runs a command with nothing to read. @returns whether to go on. */
  async run(argv: readonly string[]): Promise<boolean> {
    const p = this.#p;
    if (this.#verbose) p.err(`${argv.map(word => (/^[\w%+,./:=@^~#-]+$/.test(word) ? word : quote(word))).join(' ')}\n`);
    const error = findError(p, argv[0]!);
    if (error !== 0) return this.#end(error === -ENOENT ? 127 : 126, `${argv[0]!}: ${p.strerror(error)}`);
    const status = await runChild(p, argv, '');
    if (status === 0) return true;
    if (status === 255) return this.#end(124, `${argv[0]!}: exited with status 255; aborting`);
    if (status > 128) return this.#end(125, `${argv[0]!}: terminated by signal ${status - 128}`);
    this.exitCode = 123;
    return true;
  }
  #end(exitCode: number, message: string): boolean {
    this.exitCode = this.#p.fail(message, exitCode);
    return false;
  }
}
