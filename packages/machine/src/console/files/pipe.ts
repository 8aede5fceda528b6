/**
 * pipe(2), after fs/pipe.c of 2.6.12: a ring of PIPE_BUFFERS pages. A write fills the last page up if all of its last part fits there, and takes new pages
 * for the rest; who finds no page free sleeps, and so does who finds nothing to read. The simulated kernel has no pipes, so they are modelled here: the sleep is
 * one of the task (state S, which signals interrupt), the pages are not taken from its memory.
 */
import { EBADF, EPIPE } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../process.js';
import { FileError } from './error.js';
import type { Stream } from './stream.js';

const PIPE_BUFFERS = 16;
/** asm-ia64/signal.h */
const SIGPIPE = 13;

export class Pipe {
  readonly reader: Stream;
  readonly writer: Stream;
  readonly #pageSize: number;
  /** What is in each page, oldest first. */
  readonly #pages: Uint8Array[] = [];
  readonly #name: string;
  #readers = 0;
  #writers = 0;

  /**
   * @param pageSize bytes of a page of the machine
   * @param ino number of its inode
   */
  constructor(pageSize: number, ino: number) {
    this.#pageSize = pageSize;
    this.#name = `pipe:[${ino}]`;
    const common = { name: this.#name, close: (): Promise<void> => Promise.resolve() };
    this.reader = {
      ...common,
      read: (p, count) => this.#read(p, -1, count),
      readTo: (p, end, count, due) => this.#readTo(p, end, count, due),
      put: () => false, write: () => Promise.reject(new FileError(EBADF, 'write', this.#name)),
      hold: () => { this.#readers++; }, release: () => { this.#readers--; },
    };
    this.writer = {
      ...common,
      read: () => Promise.reject(new FileError(EBADF, 'read', this.#name)), readTo: () => Promise.reject(new FileError(EBADF, 'read', this.#name)),
      put: data => this.#put(data), write: (p, data) => this.#write(p, data),
      hold: () => { this.#writers++; }, release: () => { this.#writers--; },
    };
  }

  async #read(p: Process, end: number, count: number, due = Infinity): Promise<Uint8Array> {
    const { scheduler, k } = p.box;
    const ready = (): boolean => this.#pages.length > 0 || this.#writers === 0;
    while (!ready() && k.m.now < due) await scheduler.sleepUntil(p, ready, due);
    return this.#take(end, count);
  }
  /** Byte by byte, as bash reads from what it cannot seek in. */
  async #readTo(p: Process, end: number, count: number, due?: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const piece = await this.#read(p, end, left, due);
      if (piece.length === 0) break;
      pieces.push(piece);
      left -= piece.length;
      if (piece.at(-1) === end) break;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
  /** Up to `count` bytes from the pages; nothing behind the first `end`. */
  #take(end: number, count: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0 && this.#pages.length > 0; ) {
      const page = this.#pages[0]!;
      const found = page.indexOf(end);
      const length = Math.min(left, found < 0 ? page.length : found + 1);
      pieces.push(page.subarray(0, length));
      if (length === page.length) this.#pages.shift();
      else this.#pages[0] = page.subarray(length);
      left -= length;
      if (found >= 0 && found < length) break;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** All or nothing. */
  #put(data: Uint8Array): boolean {
    if (this.#readers === 0) return false;
    const last = this.#pages.at(-1);
    const tail = data.length % this.#pageSize;
    const merged = last !== undefined && tail > 0 && last.length + tail <= this.#pageSize;
    if (this.#pages.length + Math.ceil((data.length - (merged ? tail : 0)) / this.#pageSize) > PIPE_BUFFERS) return false;
    this.#fill(data);
    return true;
  }
  /** As much as there is room for. @returns how many bytes. */
  #fill(data: Uint8Array): number {
    let at = 0;
    const last = this.#pages.at(-1);
    const tail = data.length % this.#pageSize;
    if (last !== undefined && tail > 0 && last.length + tail <= this.#pageSize) {
      this.#pages[this.#pages.length - 1] = Buffer.concat([last, data.subarray(0, tail)]);
      at = tail;
    }
    while (at < data.length && this.#pages.length < PIPE_BUFFERS) {
      const page = data.slice(at, at + this.#pageSize);
      this.#pages.push(page);
      at += page.length;
    }
    return at;
  }
  async #write(p: Process, data: Uint8Array): Promise<void> {
    const { scheduler, k } = p.box;
    for (let at = 0; at < data.length; ) {
      if (this.#readers === 0) {
        // Who does not mind the signal learns it from the call.
        await scheduler.inKernel(p, () => k.__group_send_sig_info(SIGPIPE, p.task));
        throw new FileError(EPIPE, 'write', this.#name);
      }
      at += this.#fill(data.subarray(at));
      if (at < data.length) await scheduler.sleepUntil(p, () => this.#pages.length < PIPE_BUFFERS || this.#readers === 0);
    }
  }
}
