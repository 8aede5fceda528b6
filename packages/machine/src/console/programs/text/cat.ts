/** cat, after cat.c of GNU coreutils 9.1. */
import type { File, Inode } from '@pmkit/mm-core/include/linux/fs';
import { decodeText } from '../../files/encoding.js';
import { FileError } from '../../files/index.js';
import { isKernelFile } from '../../files/node.js';
import { strerror, type Process } from '../../process.js';
import { quoteIfNeeded } from '../files/common.js';
import { defineProgram, none, type Definition, type Parsed } from '../system/define.js';
import { begin, bytesOf, emit, forEachInput } from './input.js';

const CAT: Definition = {
  path: '/bin/cat', summary: 'concatenate files', synopsis: ['cat [OPTION]... [FILE]...'], description: 'Prints each FILE, one after the other. Without FILE, or for -, standard input is read.',
  options: [
    ['-n, --number; -b, --number-nonblank', 'with a number before each line; before each that is not empty'], ['-s, --squeeze-blank', 'one empty line where there are several'], ['-E, --show-ends; -T, --show-tabs', '$ at each end of a line; ^I for tabs'],
    ['-v, --show-nonprinting', '^ and M- notation for what cannot be printed, but for newlines and tabs'], ['-A, --show-all; -e; -t', '-vET; -vE; -vT'], ['-u', 'accepted'],
  ],
  run,
};
export const cat = defineProgram(CAT);

const LONG = [
  none('number', 'n'), none('number-nonblank', 'b'), none('squeeze-blank', 's'), none('show-ends', 'E'), none('show-tabs', 'T'), none('show-nonprinting', 'v'), none('show-all', 'A'),
];

async function run(p: Process): Promise<number> {
  const parsed = begin(p, CAT, 'benstuvAET', LONG);
  if (typeof parsed === 'number') return parsed;
  const shown = parsed.options.some(({ opt }) => opt !== 'u') ? new Shown(parsed) : null;
  const files = parsed.operands.length === 0 ? ['-'] : parsed.operands;
  const complain = (file: string, text: string): number => p.fail(`${quoteIfNeeded(file)}: ${text}`);
  let circular = 0;
  const code = await forEachInput(files, async file => {
    if (isOutput(p, file)) {
      circular = complain(file, 'input file is output file');
      return;
    }
    for await (const bytes of bytesOf(p, file)) await emit(p, shown === null ? bytes : shown.piece(decodeText(bytes, 'latin1')));
  }, (file, { errno }) => complain(file, strerror(errno)));
  if (shown !== null) await emit(p, shown.end());
  return Math.max(code, circular);
}

/** A regular file that standard output leads to, and in which something is left to read: that would never end. */
function isOutput(p: Process, file: string): boolean {
  const { fds, task } = p;
  const openAs = (fd: number): File | undefined => task.files.get(fds.get(fd)?.fd ?? -1);
  const output = openAs(1)?.f_inode;
  if (output === undefined) return false;
  const input = file === '-' ? openAs(0) : undefined;
  return (file === '-' ? input?.f_inode : inodeOf(p, file)) === output && (input?.f_pos ?? 0) < output.i_size;
}
function inodeOf(p: Process, file: string): Inode | undefined {
  try {
    const { node } = p.box.files.place(p, file, 'open');
    return node !== undefined && node.type !== 'directory' && node.type !== 'link' && isKernelFile(node) ? node.inode : undefined;
  } catch (error) {
    if (error instanceof FileError) return undefined; // the open() says why
    throw error;
  }
}

/** What options make of the text, which is one for all files: a file that does not end its last line goes on in the next one's first. */
class Shown {
  readonly #numbers: 'all' | 'nonblank' | null;
  readonly #squeeze: boolean;
  readonly #ends: boolean;
  /** What is printed in another way. */
  readonly #special: RegExp | null;
  #line = 0;
  /** Newlines in a row, less that of a line with something in it; 0 where a line begins, -1 inside of one. Two stand for more. */
  #newlines = 0;
  /** A carriage return, of which nobody knows yet whether a newline follows. */
  #held = false;

  constructor(parsed: Parsed) {
    this.#numbers = parsed.has('b') ? 'nonblank' : parsed.has('n') ? 'all' : null;
    this.#squeeze = parsed.has('s');
    this.#ends = parsed.has('E', 'A', 'e');
    const nonprinting = parsed.has('v', 'A', 'e', 't');
    const tabs = parsed.has('T', 'A', 't');
    this.#special = nonprinting ? (tabs ? /[^ -~]/g : /[^\t -~]/g) : tabs ? /\t/g : null;
  }

  piece(text: string): string {
    const lines = text.split('\n');
    const last = lines.pop()!;
    return lines.map(line => this.#part(line) + this.#newline()).join('') + this.#part(last);
  }
  /** Behind the last file. */
  end(): string {
    return this.#held ? '\r' : '';
  }

  /** A part of a line. */
  #part(text: string): string {
    if (text === '') return '';
    const before = (this.#held ? '\r' : '') + (this.#newlines >= 0 && this.#numbers !== null ? this.#number() : '');
    this.#newlines = -1;
    const shown = this.#special === null ? text : text.replaceAll(this.#special, notation);
    this.#held = this.#ends && shown.endsWith('\r');
    return before + (this.#held ? shown.slice(0, -1) : shown);
  }
  #newline(): string {
    const newlines = this.#newlines + 1;
    this.#newlines = Math.min(newlines, 2);
    if (newlines >= 2 && this.#squeeze) return '';
    const number = newlines > 0 && this.#numbers === 'all' ? this.#number() : '';
    const end = this.#ends ? `${this.#held ? '^M' : ''}$\n` : '\n';
    this.#held = false;
    return number + end;
  }
  #number(): string {
    return `${String(++this.#line).padStart(6)}\t`;
  }
}

/** `^A`, `M-^A`, `M-a`, `^?` */
function notation(character: string): string {
  const code = character.charCodeAt(0);
  const low = code & 0x7f;
  return (code >= 0x80 ? 'M-' : '') + (low === 0x7f ? '^?' : low < 0x20 ? `^${String.fromCharCode(low + 0x40)}` : String.fromCharCode(low));
}
