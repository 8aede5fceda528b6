/** Files as these programs read them: with fopen() and opendir(), which fail with an errno. */
import { FileError, type Stat } from '../../../files/index.js';
import type { Process } from '../../../process.js';

/** The text of a file, or a negative errno. */
export async function readText(p: Process, path: string): Promise<string | number> {
  return orErrno(() => p.readFile(path));
}
/** The names in a directory, or a negative errno. */
export async function readNames(p: Process, path: string): Promise<readonly string[] | number> {
  return orErrno(() => p.readDir(path));
}
export async function statFile(p: Process, path: string): Promise<Stat | number> {
  return orErrno(() => p.stat(path));
}

async function orErrno<T>(action: () => Promise<T> | T): Promise<T | number> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof FileError) return -error.errno;
    throw error;
  }
}
