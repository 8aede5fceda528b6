/**
 * What text tools read and write. Text is bytes here, as in the locale C that the machine has: a string with one character, 0 to 255, for each byte.
 * Everything is read in pieces, so that a tool that has enough stops there.
 */
import { EISDIR } from '@pmkit/mm-core/include/linux/errno';
import { O_RDONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { decodeText, encodeText } from '../../files/encoding.js';
import { FileError, type OpenFile } from '../../files/index.js';
import type { Process } from '../../process.js';
import type { Definition, Parsed } from '../system/define.js';
import { helpOf, parseOptions } from '../system/define.js';

/** IO_BUFSIZE of coreutils: bytes of a read(2). */
const PIECE = 128 << 10;

/** A file that cannot be opened, or, `reading`, that cannot be read. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly errno: number;
  readonly reading: boolean;
  constructor(errno: number, reading: boolean) {
    super(`errno ${errno}`);
    this.errno = errno;
    this.reading = reading;
  }
}

/** A directory can be opened, but not read. */
const DIRECTORY: OpenFile = {
  read: () => Promise.reject(new FileError(EISDIR, 'read', '')), write: () => Promise.resolve(0), seek: () => Promise.resolve(), truncate: () => Promise.resolve(), close: () => Promise.resolve(),
};

/** Opens an operand; `-` is standard input, all of which is read. @throws {InputError} */
export async function openInput(p: Process, file: string): Promise<OpenFile | string> {
  if (file === '-') return decodeText(await p.inputBytes(), 'latin1');
  try {
    return await p.box.files.open(p, file, O_RDONLY);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.errno === EISDIR) return DIRECTORY;
    throw new InputError(error.errno, false);
  }
}

/** The bytes of an operand, in pieces that are not empty. @throws {InputError} */
export async function* bytesOf(p: Process, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  if (file === '-') {
    yield* bytesFrom({ read: count => p.read(count) });
    return;
  }
  const input = await openInput(p, file);
  if (typeof input === 'string') return;
  try {
    yield* bytesFrom(input);
  } finally {
    await input.close();
  }
}
/** The same as text. @throws {InputError} */
export async function* piecesOf(p: Process, file: string): AsyncGenerator<string, void, undefined> {
  for await (const piece of bytesOf(p, file)) yield decodeText(piece, 'latin1');
}

async function* bytesFrom(file: Pick<OpenFile, 'read'>): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const piece = await file.read(PIECE).catch((error: unknown) => {
      throw error instanceof FileError ? new InputError(error.errno, true) : error;
    });
    if (piece.length === 0) return;
    yield piece;
  }
}
/** The rest of an open file as text. @throws {InputError} */
export async function* piecesFrom(file: Pick<OpenFile, 'read'>): AsyncGenerator<string, void, undefined> {
  for await (const piece of bytesFrom(file)) yield decodeText(piece, 'latin1');
}

/** Lines, each with what ends it; the last may be without. As many at a time as a piece has. @throws {InputError} */
export async function* linesOf(pieces: AsyncIterable<string>, end = '\n'): AsyncGenerator<string[], void, undefined> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split(end);
    rest = lines.pop()!;
    if (lines.length > 0) yield lines.map(line => line + end);
  }
  if (rest !== '') yield [rest];
}

/** All of an operand. @throws {InputError} */
export async function contentsOf(p: Process, file: string): Promise<string> {
  let text = '';
  for await (const piece of piecesOf(p, file)) text += piece;
  return text;
}

/** Bytes that are copied in a millisecond: modelled, about what the memory of the day allowed. */
const BYTES_IN_A_MS = 1 << 18;
/** Bytes that a process has written since that cost it time. */
const written = new WeakMap<Process, number>();

/** Writes bytes to standard output; waits where a reader is slow, and takes time, so that output without an end ends when somebody wants it to. */
export async function emit(p: Process, bytes: string | Uint8Array): Promise<void> {
  p.out(typeof bytes === 'string' ? encodeText(bytes, 'latin1') : bytes);
  await p.flush();
  const since = (written.get(p) ?? 0) + bytes.length;
  written.set(p, since % BYTES_IN_A_MS);
  if (since >= BYTES_IN_A_MS) await p.pause(Math.floor(since / BYTES_IN_A_MS));
}

/** Reads the options. A number is the exit code of a program that has nothing more to do: after --help, or wrong use. */
export function begin(p: Process, definition: Pick<Definition, 'synopsis' | 'summary' | 'options'>, ...[usage, long, wrong = 1]: [usage: string, long?: Parameters<typeof parseOptions>[2], wrong?: number]): Parsed | number {
  const parsed = parseOptions(p, usage, long);
  if (parsed === null) return wrong;
  if (!parsed.has('help')) return parsed;
  p.out(helpOf(definition));
  return 0;
}

/** Does something with each operand, in order; complaints about those that cannot be read are made by `complain`. @returns 1 when there was one, else 0. */
export async function forEachInput(files: readonly string[], action: (file: string) => Promise<void>, complain: (file: string, error: InputError) => void): Promise<number> {
  let code = 0;
  for (const file of files) {
    try {
      await action(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complain(file, error);
      code = 1;
    }
  }
  return code;
}
