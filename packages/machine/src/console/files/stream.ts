/**
 * Open file descriptions, as the descriptors of processes share them: who was forked, or has duplicated a descriptor, reads on where the others stopped.
 * Files of the kernel are open in the tasks themselves, so offset and O_APPEND are the kernel's own; pipes are in ./pipe.ts.
 */
import type { Process } from '../process.js';
import type { KernelOpenFile, OpenFile, SpecialOpenFile } from './open-file.js';

/** All methods that take a process do what they do by its rights and in its time; they throw {FileError} and {Killed}. */
export interface Stream {
  /** What a link in /proc/PID/fd says. */
  readonly name: string;
  /** The descriptor of the kernel behind it, where there is one. */
  readonly fd?: number | undefined;
  /** Up to `count` bytes, none at the end. Waits for the first. */
  read(p: Process, count: number): Promise<Uint8Array>;
  /** Up to `count` bytes, of which `end` is the last if it is among them; fewer at the end of input, or when it is `due` (simulated ms) before there are any. */
  readTo(p: Process, end: number, count: number, due?: number): Promise<Uint8Array>;
  /** Writes at once, if nobody needs to wait for that. @returns whether it has. */
  put(data: Uint8Array): boolean;
  /** Writes all of it. */
  write(p: Process, data: Uint8Array): Promise<void>;
  /** One descriptor more leads here, or one less. */
  hold(): void;
  release(): void;
  /** The last descriptor of a process is closed, while the process goes on. */
  close(p: Process): Promise<void>;
}

const nothing = new Uint8Array();

/** What streams have in common that are nobody's file: they end, and take nothing. */
class Plain implements Stream {
  readonly name: string = '/dev/null';
  read(_p: Process, _count: number): Promise<Uint8Array> {
    return Promise.resolve(nothing);
  }
  readTo(p: Process, _end: number, count: number): Promise<Uint8Array> {
    return this.read(p, count);
  }
  put(_data: Uint8Array): boolean {
    return true;
  }
  write(_p: Process, data: Uint8Array): Promise<void> {
    this.put(data);
    return Promise.resolve();
  }
  hold(): void { /* nobody counts */ }
  release(): void { /* nobody counts */ }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** /dev/null. */
export const nullStream = (): Stream => new Plain();

/** What somebody outside sees at once. `write` is given whole characters. */
export class TerminalStream extends Plain {
  override readonly name = '/dev/tty';
  readonly #write: (text: string) => void;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  constructor(write: (text: string) => void) {
    super();
    this.#write = write;
  }
  override put(data: Uint8Array): boolean {
    const text = this.#decoder.decode(data, { stream: true });
    if (text !== '') this.#write(text);
    return true;
  }
}

/** What somebody collects. */
export class CaptureStream extends Plain {
  override readonly name = 'pipe:[0]';
  readonly #pieces: Uint8Array[] = [];
  override put(data: Uint8Array): boolean {
    this.#pieces.push(data);
    return true;
  }
  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes);
  }
}

/** Input that is there from the beginning: what was given from outside, a here-document. */
export class TextStream extends Plain {
  override readonly name: string;
  readonly #data: Uint8Array;
  #at = 0;
  constructor(data: string | Uint8Array, name = '/dev/tty') {
    super();
    this.name = name;
    this.#data = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  }
  override read(_p: Process, count: number): Promise<Uint8Array> {
    const from = this.#at;
    this.#at = Math.min(from + count, this.#data.length);
    return Promise.resolve(this.#data.subarray(from, this.#at));
  }
  override readTo(p: Process, end: number, count: number): Promise<Uint8Array> {
    const found = this.#data.indexOf(end, this.#at);
    return this.read(p, found < 0 ? count : Math.min(count, found + 1 - this.#at));
  }
}

/** How much is read of a file at a time to find the end of a line. */
const PIECE = 4096;

/** A file that a process has opened, and those have that were forked from it. */
export class FileStream implements Stream {
  readonly #file: KernelOpenFile | SpecialOpenFile;
  constructor(file: KernelOpenFile | SpecialOpenFile) {
    this.#file = file;
  }
  get name(): string {
    return this.#file.path;
  }
  get fd(): number | undefined {
    return this.#file.fd;
  }
  read(p: Process, count: number): Promise<Uint8Array> {
    return this.#file.as(p).read(count);
  }
  /** As bash reads a line of a file: a piece, and back to behind the line. */
  async readTo(p: Process, end: number, count: number): Promise<Uint8Array> {
    const file = this.#file.as(p);
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const piece = await file.read(Math.min(left, PIECE));
      if (piece.length === 0) break;
      const found = piece.indexOf(end);
      if (found >= 0) {
        pieces.push(piece.subarray(0, found + 1));
        await file.back(piece.length - found - 1);
        break;
      }
      pieces.push(piece);
      left -= piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
  put(): boolean {
    return false;
  }
  async write(p: Process, data: Uint8Array): Promise<void> {
    const file: OpenFile = this.#file.as(p);
    for (let at = 0; at < data.length; ) at += await file.write(at === 0 ? data : data.subarray(at));
  }
  hold(): void { /* the kernel counts, descriptor by descriptor */ }
  release(): void { /* the same */ }
  close(p: Process): Promise<void> {
    return this.#file.as(p).close();
  }
}

/** Which descriptor of a process leads where. */
export class Descriptors {
  readonly #open = new Map<number, Stream>();

  get(fd: number): Stream | undefined {
    return this.#open.get(fd);
  }
  set(fd: number, stream: Stream): void {
    stream.hold();
    this.#open.get(fd)?.release();
    this.#open.set(fd, stream);
  }
  delete(fd: number): void {
    this.#open.get(fd)?.release();
    this.#open.delete(fd);
  }
  /** Whether any descriptor leads there. */
  has(stream: Stream): boolean {
    for (const open of this.#open.values()) if (open === stream) return true;
    return false;
  }
  get numbers(): number[] {
    return [...this.#open.keys()].sort((a, b) => a - b);
  }
  /** Those of a child. */
  copy(): Descriptors {
    const copy = new Descriptors();
    for (const [fd, stream] of this.#open) copy.set(fd, stream);
    return copy;
  }
  /** The process is gone. */
  clear(): void {
    for (const stream of this.#open.values()) stream.release();
    this.#open.clear();
  }
}

/** Descriptors 0, 1 and 2. */
export function standardDescriptors(input: Stream, output: Stream, errors: Stream): Descriptors {
  const descriptors = new Descriptors();
  descriptors.set(0, input);
  descriptors.set(1, output);
  descriptors.set(2, errors);
  return descriptors;
}
