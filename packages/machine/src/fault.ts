/** What is wrong with a file that was read. The text is made for the person who has to mend it. */
export interface Fault {
  /** The file, or for a tree of files the one within it. */
  readonly file: string;
  /** From 1; absent where the fault has no line, as for a file that is not there. */
  readonly line?: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** `FILE:LINE: FIELD: found … ; expected …` */
export class FaultError extends Error implements Fault {
  override readonly name: string = 'FaultError';
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;

  constructor({ file, line, field, found, expected }: Fault) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${field}: found ${found}; expected ${expected}`);
    this.file = file;
    this.line = line;
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}
