/** ftok() of glibc: a key for System V IPC from a file and a number. */
import type { Process } from '../../../process.js';
import { statFile } from './host.js';

/** @returns an int, null when there is no such file. */
export async function ftok(p: Process, path: string, id: number): Promise<number | null> {
  const stat = await statFile(p, path);
  if (typeof stat === 'number') return null;
  return (stat.ino & 0xffff) | ((stat.dev[1] & 0xff) << 16) | ((id & 0xff) << 24);
}
