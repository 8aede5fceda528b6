/** What head and tail have in common: names above what is printed, numbers, complaints. */
import type { Process } from '../../process.js';
import { quote } from '../files/common.js';
import { parseSize } from '../files/sizes.js';
import type { Parsed } from '../system/define.js';
import { InputError } from './input.js';

/** A number with b, K, KB, M, … behind it; null for what is none. */
export function amountOf(text: string): number | null {
  if (!/^\d/.test(text)) return null;
  return /^\d+b$/.test(text) ? Number(text.slice(0, -1)) * 512 : parseSize(text);
}

/** As standard input is called. */
export const prettyName = (file: string): string => (file === '-' ? 'standard input' : file);

export const complainOf = (p: Process) => (file: string, { errno, reading }: InputError): void => {
  p.fail(`${reading ? `error reading ${quote(prettyName(file))}` : `cannot open ${quote(prettyName(file))} for reading`}: ${p.strerror(-errno)}`);
};

/** `==> NAME <==` above each file when there are several. */
export class Headers {
  readonly #p: Process;
  readonly #wanted: boolean;
  #first = true;
  #last: string | null = null;

  constructor(p: Process, parsed: Parsed, files: readonly string[]) {
    this.#p = p;
    const last = parsed.options.findLast(({ opt }) => opt === 'q' || opt === 'v')?.opt;
    this.#wanted = last === 'v' || (last === undefined && files.length > 1);
  }
  print(file: string): void {
    if (this.#wanted) this.#p.out(`${this.#first ? '' : '\n'}==> ${prettyName(file)} <==\n`);
    this.#first = false;
    this.#last = file;
  }
  /** The same, unless what was printed last is of this file too. */
  printFor(file: string): void {
    if (this.#last !== file) this.print(file);
  }

  /** What is printed of a file, below its name, which is there as soon as the file is open. */
  async around(file: string, output: AsyncIterable<string>, write: (text: string) => Promise<void>): Promise<void> {
    let printed = false;
    const once = (): void => {
      if (!printed) this.print(file);
      printed = true;
    };
    try {
      for await (const text of output) {
        once();
        await write(text);
      }
      once();
    } catch (error) {
      if (error instanceof InputError && error.reading) once();
      throw error;
    }
  }
}
