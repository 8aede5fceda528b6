/** A file written as a whole. */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes `text` beside the file and renames it into place, so that a crash leaves the old file or the new one. Makes the directory.
 * @throws {Error} of the system; the file is what it was then.
 */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const descriptor = openSync(temporary, 'wx');
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // What could not be written often cannot be removed either; the first error is the one to report.
  }
}
