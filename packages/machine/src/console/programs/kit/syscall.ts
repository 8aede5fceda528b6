/** syscall: raw system calls of its own process. */
import { CallSyntaxError, parseArgument, parseCall, type Argument } from '@pmkit/series/scenario';
import { FileError } from '../../files/index.js';
import { live } from '../../launch.js';
import type { Process } from '../../process.js';
import type { Program } from '../../program.js';
import { ArgumentError, valuesOf } from './calls/arguments.js';
import { callName, callNumber, listCalls } from './calls/numbers.js';
import { entryText, exitText, lineText, resultText } from './calls/show.js';
import { SIGNATURES } from './calls/signatures.js';

const USAGE = "Usage: syscall [-v] NR|NAME [ARGUMENT]...\n       syscall 'NAME(ARGUMENTS)'...\n       syscall -l\n";

interface Step { readonly as: string | null; readonly name: string; readonly number: number; readonly args: readonly Argument[] }

/** What cannot be understood. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

async function run(p: Process): Promise<number> {
  const [, ...words] = p.argv;
  const [first] = words;
  if (first === '-l' || first === '--list') return list(p);
  if (first === '-h' || first === '--help') {
    p.out(USAGE);
    return 0;
  }
  const verbose = first === '-v' || first === '--verbose';
  try {
    return await make(p, verbose ? words.slice(1) : words, verbose);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ArgumentError) return p.fail(error.message, 2);
    if (error instanceof FileError) return p.fail(error.message, 2);
    throw error;
  }
}

async function make(p: Process, words: readonly string[], verbose: boolean): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) throw new UsageError('expected a system call, by number or name (syscall -l lists them)');
  const results = new Map<string, number>();
  if (!first.includes('(')) return (await call(p, step(p, first, rest), results, verbose)) < 0 ? 1 : 0;
  let result = 0;
  for (const text of words) {
    const { as, name, args } = parsed(text, () => parseCall(text));
    result = await call(p, numbered(p, as, name, args), results, true);
    if (as !== null) results.set(as, result);
  }
  return result < 0 ? 1 : 0;
}

function parsed<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CallSyntaxError) throw new UsageError(`${text}: ${error.message}`);
    throw error;
  }
}

function numbered(p: Process, as: string | null, name: string, args: readonly Argument[]): Step {
  const number = callNumber(p.box.k, name);
  if (number === undefined) throw new UsageError(`no system call is called '${name}'`);
  return { as, name: callName(p.box.k, number), number, args };
}

function step(p: Process, word: string, words: readonly string[]): Step {
  const digits = /^(0x[0-9a-f]{1,8}|\d{1,9})$/i.exec(word);
  const name = digits === null ? word : callName(p.box.k, Number(word));
  const types = SIGNATURES.get(name)?.params.map(({ type }) => type) ?? [];
  // a shell has taken the quotes of a path away
  const args = words.map((text, at) => (types[at] === 'path' || types[at] === 'device' || (types[at] === 'string' && text !== 'NULL' && text !== 'BAD')
    ? { kind: 'path' as const, path: text.replace(/^"(.*)"$/, '$1') }
    : parsed(text, () => parseArgument(text))));
  return digits === null ? numbered(p, null, name, args) : { as: null, name, number: Number(word), args };
}

async function call(p: Process, { name, number, args }: Step, results: ReadonlyMap<string, number>, verbose: boolean): Promise<number> {
  const values = valuesOf(name, args, p, results);
  const entry = entryText(name, values);
  // directories and devices are the console's: it opens what is there, by the same call
  const result = name === 'open' ? await p.box.files.descriptor(p, ...(values as [string, number, number])) : await p.sys(number, ...values);
  if (result >= 0 && name === 'execve') return p.exec([values[0] as string]);
  p.out(`${verbose ? lineText(`${entry}${exitText(name, values, result)}`, resultText(name, result)) : resultText(name, result)}\n`);
  if (result > 0 && (name === 'fork' || name === 'clone')) begin(p, result);
  return result;
}

/** The child comes back from the same call, with 0, and ends. */
function begin(p: Process, pid: number): void {
  const child = p.forked(p.box.k.m.tasks.get(pid)!);
  p.box.scheduler.start(child, () => live(child, c => {
    c.out('= 0\n');
    return 0;
  }));
}

const directory = (name: string): string => name.replace(/^@pmkit\//, '');

function list(p: Process): number {
  for (const { number, name, file, package: from, before } of listCalls(p.box.k)) {
    p.out(`${number} ${name.padEnd(20)} ${file.padEnd(28)} ${directory(from)}${before.length === 0 ? '' : ` (first ${directory(before[0]!)})`}\n`);
  }
  return 0;
}

const MANUAL = `SYSCALL(1)                       Programs of the kit                       SYSCALL(1)

NAME
       syscall - make a system call

SYNOPSIS
       syscall [-v] NR|NAME [ARGUMENT]...
       syscall 'NAME(ARGUMENTS)'...
       syscall -l

DESCRIPTION
       Makes one system call, by its number on ia64 or by its name, and prints
       what it returned as strace(1) would: = 512, or
       = -1 EPERM (Operation not permitted). With -v the call is printed too, and
       what the kernel has written where arguments point to.

       In the second form several calls are made by the same process, one after
       the other, each in the form in which scenarios are written; NAME = before a
       call keeps its result under that name for later ones:

       $ syscall 'a = mmap(0, 16P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)' \\
                 'mbind(a, 8P, MPOL_BIND, mask{2,3}, 257, 0)'

       -l lists the calls of the kernel that runs: number, name, the kernel file,
       and the tree or patch whose version it is; in brackets who brought it first.

       An ARGUMENT is a number (16P: so many pages, in bytes), constants joined
       by |, a sum of these, self (the pid of the calling process), or a pointer:
       {...} an array of numbers, mask{...} a mask of nodes, int a place for what
       the kernel writes, NULL, or BAD, which faults. Structures are arrays of their
       first two members: nanosleep '{1,500000000}'. Those left out at the end are 0.

EXIT STATUS
       0 when the last call returned 0 or more, 1 when it failed, 2 when the
       command line cannot be understood.

EXAMPLES
       $ syscall migrate_pages 1234 4 '{5,6,7,8}' '{1,2,3,4}'
       $ syscall 1279 1234 1 '{0}' BAD

NOTES
       Names of calls that a later patch brings are known at every level: they
       are -1 ENOSYS before. User memory has no addresses for what is in arguments, so any
       number but 0 given for a pointer faults. write() takes no bytes: a store leaves
       a fresh token in the page. The child of fork or clone prints = 0 and ends.
`;

export const syscall: Program = { path: '/usr/local/bin/syscall', summary: 'make a system call by number or name', manual: MANUAL, run };
