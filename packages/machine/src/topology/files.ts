/**
 * Reading what a stranger sent. A tree or a file is data: a link that leads out of it, a pipe that never answers and a file
 * without end must all end in a sentence. So: regular files and real directories only, no links followed below the path
 * that the user named, and nothing is read beyond a limit, whatever size the file claims to have (in /sys they lie).
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, opendirSync, readSync, type Stats } from 'node:fs';
import { TopologyError } from './error.js';

/** No file of a sysfs tree is larger than a page; hwloc's XML of the largest machines has a few megabytes. */
export const SYSFS_FILE_LIMIT = 64 * 1024;
export const XML_FILE_LIMIT = 16 * 1024 * 1024;
const DIRECTORY_LIMIT = 4096;

/** @throws TopologyError when it is there and is anything but a regular file of at most `limit` bytes of UTF-8. */
export function readRegular(file: string, limit: number, { follow = false } = {}): string | undefined {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a pipe would hold us up before there is a chance to see that it is one.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TopologyError({ file, field: 'file', found: refusal(code), expected: 'a regular file that can be read' });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new TopologyError({ file, field: 'file', found: kindOf(stats), expected: 'a regular file' });
    return decode(file, readUpTo(file, descriptor, limit));
  } finally {
    closeSync(descriptor);
  }
}

function readUpTo(file: string, descriptor: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(limit + 1 - total, 256 * 1024));
    const length = readSync(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks, total);
    total += length;
    if (total > limit) throw new TopologyError({ file, field: 'size', found: `more than ${limit} bytes`, expected: `at most ${limit} bytes` });
    chunks.push(chunk.subarray(0, length));
  }
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TopologyError({ file, field: 'encoding', found: 'bytes that are not UTF-8', expected: 'text in UTF-8' });
  }
}

/** Whether it is a directory itself; a link to one is not. */
export function isDirectory(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Names in a directory, sorted, up to a limit that no tree of a real machine comes near. */
export function namesIn(directory: string): string[] {
  const names: string[] = [];
  const handle = opendirSync(directory);
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      names.push(entry.name);
      if (names.length > DIRECTORY_LIMIT) {
        throw new TopologyError({ file: directory, field: 'entries', found: `more than ${DIRECTORY_LIMIT}`, expected: 'the directory of a sysfs tree' });
      }
    }
  } finally {
    handle.closeSync();
  }
  return names.sort();
}

export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return 'a regular file';
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}

/** O_NOFOLLOW answers a link with ELOOP, a socket answers open() with ENXIO. */
function refusal(code: string): string {
  if (code === 'ELOOP') return 'a symbolic link';
  if (code === 'ENXIO') return 'a socket or a device';
  return code;
}
