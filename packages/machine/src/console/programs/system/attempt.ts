/** File operations as the system calls they are: a result instead of an exception. */
import { FileError } from '../../files/error.js';

/** 0, or the errno of what failed, negative. */
export async function attempt(action: () => Promise<void>): Promise<number> {
  try {
    await action();
    return 0;
  } catch (error) {
    if (error instanceof FileError) return -error.errno;
    throw error;
  }
}
