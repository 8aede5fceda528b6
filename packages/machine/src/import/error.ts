/** What is wrong with a file of /proc/PID, or with what was read from it. */
import { show } from '../topology/error.js';

export interface ImportFault {
  /** The file; for a process that was written to JSON that file. */
  readonly file: string;
  /** From 1; absent where the fault has no line. */
  readonly line?: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

export class ImportError extends Error implements ImportFault {
  override readonly name = 'ImportError';
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;

  constructor({ file, line, field, found, expected }: ImportFault) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${field}: found ${found}; expected ${expected}`);
    this.file = file;
    this.line = line;
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}

export { show };
