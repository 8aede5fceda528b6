/** What goes wrong with files, as an errno; programs print it with strerror(). */
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { strerror } from '../strerror.js';

/** A file operation that failed. `message` has the form of Node's: `ENOENT: no such file or directory, open '/x'`. */
export class FileError extends Error {
  override readonly name = 'FileError';
  /** Positive. */
  readonly errno: number;
  /** `ENOENT`. */
  readonly code: string;
  /** As the caller gave it. */
  readonly path: string;
  /** The system call that failed: open, read, write, mkdir, … */
  readonly operation: string;

  constructor(errno: number, operation: string, path: string) {
    const code = errnoName(-errno).slice(1);
    super(`${code}: ${strerror(errno).toLowerCase()}, ${operation} '${path}'`);
    this.errno = errno;
    this.code = code;
    this.path = path;
    this.operation = operation;
  }
}
