/**
 * grep -z: lines that end with a NUL, so that a pattern can reach over newlines. just-bash's grep does not have it. Options that make no
 * sense for one such "line", or that nobody uses with it, are refused.
 */
import { Getopt } from '../getopt.js';
import { classes, fromBasic } from '../regexp.js';
import type { Process } from '../process.js';
import { readOperand } from '../operand.js';

const LONG = [
  ...['null-data z', 'extended-regexp E', 'fixed-strings F', 'basic-regexp G', 'perl-regexp P', 'ignore-case i', 'invert-match v', 'word-regexp w', 'line-regexp x', 'count c', 'only-matching o', 'quiet q', 'silent q']
    .map(entry => entry.split(' ') as [string, string]).map(([name, val]) => ({ name, val, takes: 'none' as const })),
  { name: 'regexp', val: 'e', takes: 'required' as const },
];

/** Whether the options of a grep say -z. */
export const wantsNul = (args: readonly string[]): boolean => args.some(arg => arg === '--null-data' || /^-[A-Za-z]*z/.test(arg));

/** @returns grep's exit code: 0 when something matched, 1 when nothing did, 2 after a message. */
export async function grepZ(p: Process, args: readonly string[]): Promise<number> {
  const getopt = new Getopt(['grep', ...args], 'EFGPe:ivwxcoqhsz', LONG);
  const given = new Set<string>();
  const patterns: string[] = [];
  for (const { opt, arg, error } of getopt) {
    if (error !== undefined) return refuse(p, error.includes('invalid option') ? `${error.trimEnd()}, at least not together with -z in this shell\n` : error);
    if (opt === 'e') patterns.push(arg!);
    else given.add(opt);
  }
  const operands = [...getopt.operands];
  if (patterns.length === 0 && operands.length === 0) return refuse(p, 'Usage: grep [OPTION]... PATTERNS [FILE]...\n');
  if (patterns.length === 0) patterns.push(operands.shift()!);
  const regexp = compile(patterns, given);
  if (regexp === null) return refuse(p, 'grep: Invalid regular expression\n');
  let matched = false;
  let failed = false;
  for (const file of operands.length === 0 ? ['-'] : operands) {
    const text = await readOperand(p, file);
    if (text === null) failed = true;
    else if (search(p, text, regexp, given)) matched = true;
  }
  return failed ? 2 : matched ? 0 : 1;
}

function refuse(p: Process, message: string): number {
  p.err(message);
  return 2;
}

/** Prints what of a text matches. @returns whether anything does. */
function search(p: Process, text: string, regexp: RegExp, given: ReadonlySet<string>): boolean {
  const lines = text.split('\0');
  if (lines.at(-1) === '') lines.pop();
  const wanted = lines.filter(line => (line.match(regexp) !== null) !== given.has('v'));
  if (given.has('c')) p.out(`${wanted.length}\n`);
  else if (!given.has('q')) {
    const parts = !given.has('o') ? wanted : given.has('v') ? [] : wanted.flatMap(line => line.match(regexp) ?? []).filter(part => part !== '');
    p.out(parts.map(part => `${part}\0`).join(''));
  }
  return wanted.length > 0;
}

/** null: not a regular expression. */
function compile(patterns: readonly string[], given: ReadonlySet<string>): RegExp | null {
  const one = (pattern: string): string => {
    if (given.has('F')) return pattern.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
    return given.has('E') || given.has('P') ? classes(pattern) : classes(fromBasic(pattern));
  };
  const either = patterns.map(pattern => `(?:${one(pattern)})`).join('|');
  const bounded = given.has('x') ? `^(?:${either})$(?![^])` : given.has('w') ? `\\b(?:${either})\\b` : either;
  try {
    return new RegExp(bounded, `gm${given.has('i') ? 'i' : ''}`);
  } catch {
    return null;
  }
}
