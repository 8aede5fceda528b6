/** What the programs of this directory have in common: names in messages as GNU quotes them, and file operations that answer with an errno. */
import { FileError, type Stat } from '../../files/index.js';
import type { Process } from '../../process.js';

/** A name in a message, always in quotes: shell_escape_always_quoting_style of gnulib's quotearg.c. */
export function quote(name: string): string {
  if (!/['\p{Cc}]/u.test(name)) return `'${name}'`;
  if (!/["$`\\\p{Cc}]/u.test(name)) return `"${name}"`;
  const escaped = name.replaceAll("'", "'\\''").replaceAll(/\p{Cc}+/gu, run => `'$'${Array.from(run, control => ESCAPES[control] ?? `\\${control.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')}''`);
  return `'${escaped}'`;
}
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x07': '\\a', '\b': '\\b', '\v': '\\v', '\f': '\\f' };

/** The same, where only names that need it are in quotes. */
export const quoteIfNeeded = (name: string): string => (name !== '' && /^[\w%+,./:@^\x80-\uffff-][\w%+,./:=@^~#\x80-\uffff-]*$/.test(name) ? name : quote(name));

/** "Try 'NAME --help'…" after a message about wrong use. @returns the exit code. */
export function wrongUse(p: Process, message: string, exitCode = 1): number {
  p.err(`${p.name}: ${message}\nTry '${p.name} --help' for more information.\n`);
  return exitCode;
}

/** What stat() says, or a negative errno. `follow`: of what a link leads to. */
export function statOf(p: Process, path: string, follow = true): Stat | number {
  try {
    return follow ? p.box.files.stat(p, path) : p.box.files.lstat(p, path);
  } catch (error) {
    if (error instanceof FileError) return -error.errno;
    throw error;
  }
}

/** Whether it is a directory, or leads to one. */
export function isDirectory(p: Process, path: string): boolean {
  const stat = statOf(p, path);
  return typeof stat !== 'number' && stat.type === 'directory';
}

/** Names in a directory, sorted; or a negative errno. */
export function namesIn(p: Process, path: string): readonly string[] | number {
  try {
    return p.readDir(path);
  } catch (error) {
    if (error instanceof FileError) return -error.errno;
    throw error;
  }
}

export const join = (directory: string, name: string): string => (directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`);

/** The last component, trailing slashes aside: base_name() of gnulib. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? (path === '' ? '' : '/') : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Two paths are of one file. */
export const sameFile = (a: Stat, b: Stat): boolean => a.ino === b.ino && a.dev[0] === b.dev[0] && a.dev[1] === b.dev[1];

/** yesno(): asks on standard error, and reads the answers line by line from standard input. */
export class Asker {
  readonly #p: Process;
  constructor(p: Process) {
    this.#p = p;
  }
  async ask(question: string): Promise<boolean> {
    this.#p.err(`${this.#p.name}: ${question}? `);
    return /^[yY]/.test(await this.#p.readLine());
  }
}
