/**
 * A process of the console: a task of the simulated machine, and what its program needs that the kernel does not keep: arguments,
 * environment, descriptors.
 *
 * A program is an async function. It gives up the CPU in three ways only, and then others may run: a system call that sleeps, pause() (it computes) and
 * sleep() (it waits). So what happens in which order is the scheduler's to say and always the same.
 *
 * What it prints is written at once where nobody has to wait for that (a terminal, a pipe with room), else before its next system call: as a program
 * of the C library does that flushes after each line. A full pipe makes it sleep there.
 */
import { NO_RESULT, type MaySleep, type Task } from '@pmkit/mm-core';
import { EBADF } from '@pmkit/mm-core/include/linux/errno';
import { touch } from '@pmkit/mm-core';
import type { Box } from './box.js';
import { FileError, TextStream, type Descriptors, type Stat, type Stream, type WriteOptions } from './files/index.js';
import { Killed } from './killed.js';
import { strerror } from './strerror.js';

export { strerror };

/** What a process is started with. */
export interface ProcessInit {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** It takes them over. */
  readonly fds: Descriptors;
}

/** Runs another program in a process that has begun with one: by name, as execvp() finds it. */
export type Execute = (p: Process, argv: readonly string[]) => Promise<number>;

export class Process {
  readonly box: Box;
  readonly task: Task;
  /** argv[0] is the name it was called by. */
  argv: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  readonly fds: Descriptors;
  /** Errno of the first write to standard output that has failed; 0 for none. */
  writeError = 0;
  /** Signal that has ended it, when its parent has waited for it; 0 for none. */
  endedBy = 0;
  readonly #execute: Execute;
  /** What it has printed that is not written yet. */
  #pending: { readonly fd: number; readonly stream: Stream; readonly data: Uint8Array }[] = [];

  constructor(box: Box, task: Task, init: ProcessInit, execute: Execute) {
    this.box = box;
    this.task = task;
    this.argv = init.argv;
    this.env = new Map(init.env);
    this.cwd = init.cwd;
    this.fds = init.fds;
    this.#execute = execute;
    box.processes.set(task, this);
  }

  get pid(): number {
    return this.task.pid;
  }
  /** The command's name, for its messages. */
  get name(): string {
    const [command = ''] = this.argv;
    return command.slice(command.lastIndexOf('/') + 1);
  }

  /** Writes to standard output, or to standard error. Text as it is: no newline is added. */
  out(text: string | Uint8Array): void {
    this.print(1, text);
  }
  err(text: string): void {
    this.print(2, text);
  }
  /** Writes to a descriptor. */
  print(fd: number, text: string | Uint8Array): void {
    if (text.length === 0) return;
    const data = typeof text === 'string' ? encoder.encode(text) : text;
    const stream = this.fds.get(fd);
    if (stream === undefined) {
      if (fd === 1 && this.writeError === 0) this.writeError = EBADF;
    } else if (this.#pending.length > 0 || !stream.put(data)) this.#pending.push({ fd, stream, data });
  }
  /** Writes what is pending; who has to wait for a reader does that here. What goes wrong with standard output is in writeError. @throws {Killed} */
  async flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const pending = this.#pending;
      this.#pending = [];
      for (const { fd, stream, data } of pending) {
        try {
          await stream.write(this, data);
        } catch (error) {
          if (!(error instanceof FileError)) throw error;
          if (fd === 1 && this.writeError === 0) this.writeError = error.errno;
        }
      }
    }
  }
  /** close_stdout(): what a program does at its end. @returns its exit code, which is another when it could not write. */
  async closeOutput(exitCode: number): Promise<number> {
    await this.flush();
    if (this.writeError === 0) return exitCode;
    this.err(`${this.argv[0] ?? ''}: write error: ${strerror(this.writeError)}\n`);
    this.writeError = 0;
    await this.flush();
    return 1;
  }

  /** Up to `count` bytes of standard input, none at its end; waits for the first. @throws {FileError} */
  async read(count: number): Promise<Uint8Array> {
    await this.flush();
    const stream = this.fds.get(0);
    if (stream === undefined) throw new FileError(EBADF, 'read', '-');
    return stream.read(this, count);
  }
  /** A line of standard input with its newline, '' at the end. Nothing behind it is read. @throws {FileError} */
  async readLine(): Promise<string> {
    await this.flush();
    const line = await this.fds.get(0)?.readTo(this, NEWLINE, Infinity);
    return decoder.decode(line);
  }
  /** All that is left of standard input, as bytes or as text. What cannot be read is empty. */
  async inputBytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let piece; (piece = await this.read(INPUT_PIECE).catch(emptyUnlessKilled)).length > 0;) pieces.push(piece);
    return Buffer.concat(pieces);
  }
  async input(): Promise<string> {
    return decoder.decode(await this.inputBytes());
  }

  /** `NAME: MESSAGE` on standard error. @returns the exit code, so that a program may end with `return p.fail(…)`. */
  fail(message: string, exitCode = 1): number {
    this.err(`${this.name}: ${message}\n`);
    return exitCode;
  }

  /**
   * Makes a system call, by number or by name without sys_.
   * @returns its result; a negative errno is data.
   * @throws {Killed} when the process does not come back from it: killed, BUG(), stuck.
   */
  async sys(call: number | string, ...args: readonly unknown[]): Promise<number> {
    await this.#flushed();
    return this.#sys(call, args);
  }
  async #sys(call: number | string, args: readonly unknown[]): Promise<number> {
    await this.box.scheduler.runnable(this);
    const result = await this.box.scheduler.syscall(this, call, args);
    if (result === NO_RESULT) throw new Killed(this.task);
    await this.box.scheduler.runnable(this);
    return result;
  }

  /**
   * Goes through code of the kernel that the simulated kernel has no system call for, as the call of that name.
   * @returns 0 or more, or a negative errno. @throws as sys().
   */
  async inKernel(call: string, args: readonly unknown[], body: () => number | MaySleep<number>): Promise<number> {
    const { scheduler } = this.box;
    await this.#flushed();
    await scheduler.runnable(this);
    await scheduler.gate?.(this.task);
    const result = await scheduler.finish(this, scheduler.enter(this, call, args, pathThrough(body)));
    if (result === NO_RESULT) throw new Killed(this.task);
    await scheduler.runnable(this);
    return result;
  }

  /* Files: see Files for the rest of what can be done with them. All throw {FileError} with an errno. */

  /** All of a file as text; a path may begin at the working directory. */
  readFile(path: string): Promise<string> {
    return this.box.files.readText(this, path);
  }
  /** Replaces what is in a file, or makes it. Of files that show the kernel's state: one write(2). */
  writeFile(path: string, data: string | Uint8Array, options?: WriteOptions): Promise<void> {
    return this.box.files.write(this, path, typeof data === 'string' ? new TextEncoder().encode(data) : data, options);
  }
  /** Names in a directory, sorted, without `.` and `..`. */
  readDir(path: string): string[] {
    return this.box.files.list(this, path);
  }
  stat(path: string): Stat {
    return this.box.files.stat(this, path);
  }
  /** Whether something is there. */
  exists(path: string): boolean {
    return this.box.files.exists(this, path);
  }
  /** open(2) of a file that has an inode (for mmap() and the like). @returns a descriptor, or a negative errno: -ENXIO for devices and views of the kernel. */
  open(path: string, flags: number, mode = 0o666): Promise<number> {
    return this.box.files.descriptor(this, path, flags, mode);
  }
  /** The path by which the simulated kernel knows a file, for the system calls that take one (unlink, execve); '' when a directory on the way is missing. */
  canonical(path: string): string {
    return this.box.files.canonical(this, path);
  }

  /** Reads or writes one word in each of so many pages. @throws {Killed} when the process did not survive it. */
  async touch(address: number, pages: number, access: 'read' | 'write'): Promise<void> {
    await this.#flushed();
    await this.box.expectFaults(pages);
    await this.box.scheduler.runnable(this);
    const done = touch(this.box.k, this.task, address, pages, access);
    await this.box.scheduler.runnable(this);
    if (done < pages && this.task.state !== 'R') throw new Killed(this.task);
  }

  /** Computes for so many ms of simulated time: others run meanwhile. */
  async pause(ms: number): Promise<void> {
    await this.#flushed();
    await this.box.scheduler.pause(this, ms);
  }
  /** Sleeps (state S) for so many ms of simulated time, or until a signal. */
  async sleep(ms: number): Promise<void> {
    await this.#flushed();
    await this.box.scheduler.sleep(this, ms);
  }

  /** A task that this process has forked, as a process: same environment and descriptors, but for its input when that is given. */
  forked(task: Task, argv: readonly string[] = this.argv, stdin?: string): Process {
    const { box, env, cwd } = this;
    const fds = this.fds.copy();
    if (stdin !== undefined) fds.set(0, new TextStream(stdin));
    return new Process(box, task, { argv, env, cwd, fds }, this.#execute);
  }

  /** execvp(): this process goes on as another program. @returns its exit code; 127 with a message when there is none of that name. */
  async exec(argv: readonly string[]): Promise<number> {
    return this.#execute(this, argv);
  }

  /** What is pending is written first. Not while that is being done. */
  async #flushed(): Promise<void> {
    if (this.#pending.length > 0) await this.flush();
  }

  /** strerror() of a negative result, for messages. */
  strerror(result: number): string {
    return strerror(-result);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NEWLINE = 10;
const INPUT_PIECE = 1 << 16;
const none = new Uint8Array();
function emptyUnlessKilled(error: unknown): Uint8Array {
  if (error instanceof FileError) return none;
  throw error;
}

/** A function of the kernel that may sleep or not, as a way through it. */
function* pathThrough(body: () => number | MaySleep<number>): MaySleep<number> {
  const result = body();
  return typeof result === 'number' ? result : yield* result;
}
