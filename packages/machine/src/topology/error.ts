/** What a file says that no machine can be. The text is made for the person who has to mend the file. */
export interface TopologyFault {
  /** The file, or for a sysfs tree the file within it. */
  readonly file: string;
  /** From 1; absent where the fault has no line, as for a file that is not there. */
  readonly line?: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

export class TopologyError extends Error implements TopologyFault {
  override readonly name = 'TopologyError';
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;

  constructor({ file, line, field, found, expected }: TopologyFault) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${field}: found ${found}; expected ${expected}`);
    this.file = file;
    this.line = line;
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}

/** A value as an error shows it: quoted when it is text, cut when it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
