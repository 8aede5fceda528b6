/** Errors by which just-bash, or a command of its, ends before its time. It does not export its own classes, but their names are fixed. */
import type { ExecResult } from 'just-bash';
import { SIGINT } from '@pmkit/mm-core/include/linux/sched';
import { FileError } from '../files/index.js';
import { strerror } from '../process.js';

/** The script was given up: Ctrl-C, a shell that died. */
const ABORTED = 'ExecutionAbortedError';
/** A limit of the interpreter, such as the depth of calls. */
const LIMIT = 'ExecutionLimitError';
const LIMIT_EXIT_CODE = 126;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Whether an error is the interpreter's own business: it ends the script by it. */
export const isInterpreters = (error: unknown): boolean => nameOf(error) === ABORTED || nameOf(error) === LIMIT;

/** What a command of just-bash's has come to that did not get to its end. @throws the error, when it is none of these. */
export function endedEarly(name: string, error: unknown): ExecResult {
  if (nameOf(error) === ABORTED) return { stdout: '', stderr: '', exitCode: 128 + SIGINT };
  if (nameOf(error) === LIMIT) return { stdout: '', stderr: `${name}: ${(error as Error).message}\n`, exitCode: LIMIT_EXIT_CODE };
  if (error instanceof FileError) return { stdout: '', stderr: `${name}: ${error.path}: ${strerror(error.errno)}\n`, exitCode: 1 };
  throw error;
}
