/**
 * Open files of a process: what a descriptor leads to. Files of the kernel have a descriptor of the task and are read and written by its system calls;
 * for others all there is to say is said when they are first read.
 */
import { EBADF, EINVAL, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { O_ACCMODE, O_APPEND, O_RDONLY, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import type { File, Inode } from '@pmkit/mm-core/include/linux/fs';
import type { Process } from '../process.js';
import type { Contents } from './contents.js';
import type { DiskFs } from './disk.js';
import { FileError } from './error.js';
import type { SpecialFile } from './node.js';

/** All methods throw {FileError}, and {Killed} when the process does not survive the call. */
export interface OpenFile {
  /** Up to `count` bytes from the position on; none at the end. */
  read(count: number): Promise<Uint8Array>;
  /** One write(2) at the position. @returns how many bytes were written: fewer than given when the disk is full or memory has run out. */
  write(data: Uint8Array): Promise<number>;
  /** Sets the position, in bytes from the start. */
  seek(position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Most bytes that one read(2) gives here; a real one gives up to 2 GB. */
export const READ_MAX = 64 << 20;
/** Most bytes of one write(2): file->f_maxcount. */
const WRITE_MAX = 0x7fff_ffff;

/** A file with an inode, open in the task as `fd`. */
export class KernelOpenFile implements OpenFile {
  readonly #p: Process;
  readonly #fd: number;
  readonly #path: string;
  readonly #fs: DiskFs;
  readonly #contents: Contents;
  readonly #file: File;

  constructor(p: Process, fd: number, path: string, fs: DiskFs, contents: Contents) {
    this.#p = p;
    this.#fd = fd;
    this.#path = path;
    this.#fs = fs;
    this.#contents = contents;
    this.#file = p.task.files.get(fd)!;
  }
  /** What a process that has the descriptor from this one does with it: both are the same open file. */
  as(p: Process): KernelOpenFile {
    return p === this.#p ? this : new KernelOpenFile(p, this.#fd, this.#path, this.#fs, this.#contents);
  }
  /** The name it was opened by. */
  get path(): string {
    return this.#path;
  }
  /** The descriptor in the task, for system calls that take one. */
  get fd(): number {
    return this.#fd;
  }
  get inode(): Inode {
    return this.#file.f_inode;
  }

  async read(count: number): Promise<Uint8Array> {
    const from = this.#file.f_pos;
    const length = await this.#call('read', Math.min(count, READ_MAX));
    this.#fs.times(this.inode).atime = this.#fs.now();
    return this.#contents.read(this.inode, from, length);
  }

  async write(data: Uint8Array): Promise<number> {
    if (!this.#contents.hasRoom(data.length)) throw new FileError(ENOSPC, 'write', this.#path);
    this.#contents.beforeWrite(this.inode);
    const length = await this.#call('write', Math.min(data.length, WRITE_MAX));
    if (length === 0) return 0;
    delete this.inode.program; // it is no program any more
    this.#contents.written(this.inode, this.#file.f_pos - length, data.subarray(0, length));
    this.#fs.modified(this.inode);
    return length;
  }

  async seek(position: number): Promise<void> {
    await this.#call('lseek', position);
  }
  /** So many bytes back. */
  async back(count: number): Promise<void> {
    if (count > 0) await this.#call('lseek', this.#file.f_pos - count);
  }
  async truncate(length: number): Promise<void> {
    await this.#call('ftruncate', length);
    delete this.inode.program;
    this.#contents.truncated(this.inode);
    this.#fs.modified(this.inode);
  }
  async close(): Promise<void> {
    await this.#call('close');
  }

  async #call(name: string, ...args: readonly number[]): Promise<number> {
    const result = await this.#p.sys(name, this.#fd, ...args);
    if (result < 0) throw new FileError(-result, name, this.#path);
    return result;
  }
}

const encoder = new TextEncoder();

/** A device, or a file that shows the kernel's state: seq_file and its like make the text at the first read. */
export class SpecialOpenFile implements OpenFile {
  readonly #p: Process;
  readonly #node: SpecialFile;
  readonly #path: string;
  readonly #flags: number;
  /** Of the open file: whoever has it from the process that opened it shares it. */
  readonly #shared: { text: Uint8Array | null; position: number };

  constructor(p: Process, node: SpecialFile, path: string, flags: number, shared: { text: Uint8Array | null; position: number } = { text: null, position: 0 }) {
    this.#p = p;
    this.#node = node;
    this.#path = path;
    this.#flags = flags;
    this.#shared = shared;
  }
  /** The kernel knows it by none. */
  readonly fd = undefined;
  /** See KernelOpenFile. */
  as(p: Process): SpecialOpenFile {
    return p === this.#p ? this : new SpecialOpenFile(p, this.#node, this.#path, this.#flags, this.#shared);
  }
  get path(): string {
    return this.#path;
  }

  read(count: number): Promise<Uint8Array> {
    if ((this.#flags & O_ACCMODE) === O_WRONLY) return this.#fail(EBADF, 'read');
    const stream = this.#node.stream?.(this.#p);
    if (stream !== undefined) return stream.read(this.#p, Math.min(count, READ_MAX));
    if (this.#node.bytes !== undefined) return Promise.resolve(this.#node.bytes(Math.min(count, READ_MAX)));
    const shared = this.#shared;
    if (shared.text === null) {
      const text = this.#node.text?.(this.#p) ?? -EINVAL;
      if (typeof text === 'number') return this.#fail(-text, 'read');
      shared.text = encoder.encode(text);
    }
    const part = shared.text.subarray(shared.position, shared.position + count);
    shared.position += part.length;
    return Promise.resolve(part);
  }
  async write(data: Uint8Array): Promise<number> {
    if ((this.#flags & O_ACCMODE) === O_RDONLY) return this.#fail(EBADF, 'write');
    if (data.length === 0) return 0;
    const result = await (this.#node.write?.(this.#p, data) ?? -EINVAL);
    if (result < 0) return this.#fail(-result, 'write');
    if ((this.#flags & O_APPEND) === 0) this.#shared.position += result;
    return result;
  }
  seek(position: number): Promise<void> {
    if (position < 0) return this.#fail(EINVAL, 'lseek');
    this.#shared.position = position;
    return Promise.resolve();
  }
  back(count: number): Promise<void> {
    this.#shared.position -= count;
    return Promise.resolve();
  }
  truncate(): Promise<void> {
    return this.#fail(EINVAL, 'ftruncate');
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  #fail(errno: number, operation: string): Promise<never> {
    return Promise.reject(new FileError(errno, operation, this.#path));
  }
}
