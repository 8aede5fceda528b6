/**
 * The bytes of the kernel's files. The simulated kernel knows what is in a page as one token; what a shell writes and reads are bytes, kept
 * here beside the inode. Modelled: bytes do not go through pages, so what a program stores through a mapping is not seen here (the token is), and bytes
 * that nobody has written through a file are zeros, as in a hole.
 */
import type { Inode } from '@pmkit/mm-core/include/linux/fs';
import { elfImage } from './elf-image.js';

/** Bytes are kept in pieces of this size; a piece of zeros is not kept. */
const PIECE = 4096;
/** Bytes kept for all files of a machine: the host's memory is the limit of this model, and a disk that is full is what one sees. */
const KEPT_BYTES_MAX = 256 << 20;

interface Bytes {
  readonly pieces: Map<number, Uint8Array>;
  /** i_size and truncate_count of the mapping when they were last looked at: a truncation in between has cut bytes off. */
  size: number;
  truncations: number;
}

const truncationsOf = ({ i_mapping }: Inode): number => i_mapping.truncate_count;

export class Contents {
  readonly #bytes = new WeakMap<Inode, Bytes>();
  #kept = 0;

  /** Bytes [`from`, `from + count`) of the file, as far as it goes. */
  read(inode: Inode, from: number, count: number): Uint8Array {
    const length = Math.max(0, Math.min(count, inode.i_size - from));
    const out = new Uint8Array(length);
    const bytes = this.#current(inode);
    if (bytes === undefined) {
      if (inode.program !== undefined && length > 0) out.set(elfImage(inode.program).subarray(from, from + length));
      return out;
    }
    forPieces(from, length, (index, offset, size, at) => {
      const piece = bytes.pieces.get(index);
      if (piece !== undefined) out.set(piece.subarray(offset, offset + size), at);
    });
    return out;
  }

  /** What was in a file before the simulation began; its inode has that size. */
  preset(inode: Inode, data: Uint8Array): void {
    this.written(inode, 0, data);
  }
  /** The bytes of `old`, which other contents keep, belong to `inode` from now on. */
  move(from: Contents, old: Inode, inode: Inode): void {
    const bytes = from.#current(old);
    if (bytes === undefined) return;
    this.#bytes.set(inode, { ...bytes, truncations: truncationsOf(inode) });
    this.#kept += bytes.pieces.size * PIECE;
    from.#bytes.delete(old);
    from.#kept -= bytes.pieces.size * PIECE;
  }
  /** Before write(): what others have cut off meanwhile is gone. */
  beforeWrite(inode: Inode): void {
    this.#current(inode);
  }
  /** What write() has just put at `at`; i_size says so already. A write that failed may have truncated the file to the size it had. */
  written(inode: Inode, at: number, data: Uint8Array): void {
    const bytes = this.#bytes.get(inode) ?? this.#begin(inode);
    bytes.truncations = truncationsOf(inode);
    forPieces(at, data.length, (index, offset, size, from) => { this.#store(bytes, index, offset, data.subarray(from, from + size)); });
    bytes.size = inode.i_size;
  }
  /** Whether so many bytes more may be kept. */
  hasRoom(count: number): boolean {
    return this.#kept + count <= KEPT_BYTES_MAX;
  }
  /** After a truncation to i_size, whose length is known. */
  truncated(inode: Inode): void {
    const bytes = this.#bytes.get(inode);
    if (bytes === undefined) return;
    this.#cut(bytes, inode.i_size);
    bytes.truncations = truncationsOf(inode);
  }
  /** The file is gone. */
  forget(inode: Inode): void {
    const bytes = this.#bytes.get(inode);
    if (bytes !== undefined) this.#cut(bytes, 0);
    this.#bytes.delete(inode);
  }

  /** The bytes that are still valid. Somebody else's truncation, of whatever length, has emptied the file as far as we know. */
  #current(inode: Inode): Bytes | undefined {
    const bytes = this.#bytes.get(inode);
    if (bytes === undefined) return undefined;
    if (bytes.truncations !== truncationsOf(inode)) this.#cut(bytes, 0);
    else if (inode.i_size < bytes.size) this.#cut(bytes, inode.i_size);
    bytes.truncations = truncationsOf(inode);
    bytes.size = inode.i_size;
    return bytes;
  }
  #begin(inode: Inode): Bytes {
    const bytes: Bytes = { pieces: new Map(), size: inode.i_size, truncations: truncationsOf(inode) };
    this.#bytes.set(inode, bytes);
    return bytes;
  }
  #store(bytes: Bytes, index: number, offset: number, data: Uint8Array): void {
    let piece = bytes.pieces.get(index);
    if (piece === undefined) {
      if (data.every(byte => byte === 0)) return;
      piece = new Uint8Array(PIECE);
      bytes.pieces.set(index, piece);
      this.#kept += PIECE;
    }
    piece.set(data, offset);
  }
  #cut(bytes: Bytes, size: number): void {
    for (const [index, piece] of bytes.pieces) {
      if (index * PIECE >= size) {
        bytes.pieces.delete(index);
        this.#kept -= PIECE;
      } else if ((index + 1) * PIECE > size) piece.fill(0, size - index * PIECE);
    }
    bytes.size = size;
  }
}

/** Calls `visit` for every piece that a range touches: number of the piece, where in it, how much, and how far into the range. */
function forPieces(from: number, length: number, visit: (index: number, offset: number, size: number, at: number) => void): void {
  for (let at = 0; at < length; ) {
    const index = Math.floor((from + at) / PIECE);
    const offset = (from + at) % PIECE;
    const size = Math.min(PIECE - offset, length - at);
    visit(index, offset, size, at);
    at += size;
  }
}
