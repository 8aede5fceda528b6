/** What the tests and actions of a find are given. */
import type { Stat } from '../../../files/index.js';
import type { Process } from '../../../process.js';
import { sectorsOf } from '../../files/blocks.js';
import type { Accounts } from '../../system/accounts.js';

/** A file that find has come to. */
export interface Entry {
  readonly path: string;
  /** The operand below which it is. */
  readonly start: string;
  readonly depth: number;
  /** Of the file, or with -L of what a link leads to. */
  readonly stat: Stat;
}

/** The run of a find: options that hold for all of it, and what its actions have come to. */
export interface Run {
  readonly p: Process;
  readonly accounts: Accounts;
  /** When it began, ms since 1970. */
  readonly now: number;
  /** Reports something that has failed: find goes on, and ends with 1. */
  complain(message: string): void;
  /** find ends with 1, after a message of somebody else. */
  fail(): void;
  /** -prune of the file that is looked at. */
  prune: boolean;
  /** -quit. */
  quit: boolean;
  /** Text for standard output, or for a file of -fprint. */
  print(text: string, file?: string): void;
  /** Writes what has been printed so far, so that what others print comes behind it. */
  flush(): Promise<void>;
  /** The next line of standard input, for -ok. */
  answer(): Promise<string>;
  /** Whether links are gone through, here and in general. */
  readonly follow: 'never' | 'operands' | 'always';
}

export type Test = (entry: Entry) => boolean | Promise<boolean>;

/** The last component; of `/` and `.` these themselves. */
export function nameOf({ path }: Entry): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  return trimmed === '/' ? trimmed : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Whether the file itself, or what it leads to, is looked at. */
export const follows = ({ follow }: Pick<Run, 'follow'>, depth: number): boolean => follow === 'always' || (follow === 'operands' && depth === 0);

/** Space that it takes, of 512 bytes. */
export function sectors(run: Run, { path, stat, depth }: Entry): number {
  const { node } = run.p.box.files.place(run.p, path, 'stat', stat.type !== 'link' && follows(run, depth));
  return node === undefined ? 0 : sectorsOf(run.p, node, stat);
}
