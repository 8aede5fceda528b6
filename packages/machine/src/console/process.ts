/**
 * A process of the console: a task of the simulated machine, and what its program needs that the kernel does not keep: arguments,
 * environment, standard input, what it printed.
 *
 * A program is an async function. It gives up the CPU in three ways only, and then others may run: a system call that sleeps, pause() (it computes) and
 * sleep() (it waits). So what happens in which order is the scheduler's to say and always the same.
 */
import { NO_RESULT, type MaySleep, type Task } from '@pmkit/mm-core';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { touch } from '@pmkit/mm-core';
import type { Box } from './box.js';
import type { Stat, WriteOptions } from './files/index.js';
import { Killed } from './killed.js';

/** What a process is started with. */
export interface ProcessInit {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly stdin: string;
  /** Contents of files that only this process has, by path: what a shell's `<(…)` stands for. */
  readonly given?: ReadonlyMap<string, string>;
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
  /** All of standard input, as text. */
  readonly stdin: string;
  stdout = '';
  stderr = '';
  /** Signal that has ended it, when its parent has waited for it; 0 for none. */
  endedBy = 0;
  /** Files that only it has, by path. */
  readonly given: Map<string, string>;
  readonly #execute: Execute;
  /** Whose output it writes to, when that is not its own. */
  readonly #terminal: Process | null;

  constructor(box: Box, task: Task, init: ProcessInit, execute: Execute, terminal: Process | null = null) {
    this.box = box;
    this.task = task;
    this.argv = init.argv;
    this.env = new Map(init.env);
    this.cwd = init.cwd;
    this.stdin = init.stdin;
    this.given = new Map(init.given);
    this.#execute = execute;
    this.#terminal = terminal;
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
  out(text: string): void {
    if (this.#terminal === null) this.stdout += text;
    else this.#terminal.out(text);
  }
  err(text: string): void {
    if (this.#terminal === null) this.stderr += text;
    else this.#terminal.err(text);
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
    await scheduler.runnable(this);
    const result = await scheduler.finish(this, scheduler.enter(this, call, args, pathThrough(body)));
    if (result === NO_RESULT) throw new Killed(this.task);
    await scheduler.runnable(this);
    return result;
  }

  /* Files: see Files for the rest of what can be done with them. All throw {FileError} with an errno. */

  /** All of a file as text; a path may begin at the working directory. */
  readFile(path: string): Promise<string> {
    const given = this.given.get(path);
    return given === undefined ? this.box.files.readText(this, path) : Promise.resolve(given);
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
    await this.box.scheduler.runnable(this);
    const done = touch(this.box.k, this.task, address, pages, access);
    await this.box.scheduler.runnable(this);
    if (done < pages && this.task.state !== 'R') throw new Killed(this.task);
  }

  /** Computes for so many ms of simulated time: others run meanwhile. */
  async pause(ms: number): Promise<void> {
    await this.box.scheduler.pause(this, ms);
  }
  /** Sleeps (state S) for so many ms of simulated time, or until a signal. */
  async sleep(ms: number): Promise<void> {
    await this.box.scheduler.sleep(this, ms);
  }

  /** A task that this process has forked, as a process: same environment and input; what it prints comes out here. */
  forked(task: Task, argv: readonly string[] = this.argv, stdin = this.stdin): Process {
    const { box, env, cwd, given } = this;
    return new Process(box, task, { argv, env, cwd, stdin, given }, this.#execute, this);
  }

  /** execvp(): this process goes on as another program. @returns its exit code; 127 with a message when there is none of that name. */
  async exec(argv: readonly string[]): Promise<number> {
    return this.#execute(this, argv);
  }

  /** strerror() of a negative result, for messages. */
  strerror(result: number): string {
    return strerror(-result);
  }
}

/** A function of the kernel that may sleep or not, as a way through it. */
function* pathThrough(body: () => number | MaySleep<number>): MaySleep<number> {
  const result = body();
  return typeof result === 'number' ? result : yield* result;
}

/** Texts of glibc 2.3 for the errno that the simulated kernel returns. @param errno positive. */
export function strerror(errno: number): string {
  return TEXTS[errnoName(-errno)] ?? `Unknown error ${errno}`;
}
const TEXTS: Readonly<Record<string, string>> = {
  '-EPERM': 'Operation not permitted', '-ENOENT': 'No such file or directory', '-ESRCH': 'No such process', '-EINTR': 'Interrupted system call', '-EIO': 'Input/output error',
  '-ENXIO': 'No such device or address', '-E2BIG': 'Argument list too long', '-ENOEXEC': 'Exec format error', '-EBADF': 'Bad file descriptor', '-ECHILD': 'No child processes',
  '-EAGAIN': 'Resource temporarily unavailable', '-ENOMEM': 'Cannot allocate memory', '-EACCES': 'Permission denied', '-EFAULT': 'Bad address', '-ENOTBLK': 'Block device required',
  '-EBUSY': 'Device or resource busy', '-EEXIST': 'File exists', '-EXDEV': 'Invalid cross-device link', '-ENODEV': 'No such device', '-ENOTDIR': 'Not a directory',
  '-EISDIR': 'Is a directory', '-EINVAL': 'Invalid argument', '-ENFILE': 'Too many open files in system', '-EMFILE': 'Too many open files', '-ENOTTY': 'Inappropriate ioctl for device',
  '-EFBIG': 'File too large', '-ENOSPC': 'No space left on device', '-ESPIPE': 'Illegal seek', '-EROFS': 'Read-only file system', '-EPIPE': 'Broken pipe', '-ERANGE': 'Numerical result out of range',
  '-ENAMETOOLONG': 'File name too long', '-ENOSYS': 'Function not implemented', '-ENOTEMPTY': 'Directory not empty', '-ELIBBAD': 'Accessing a corrupted shared library', '-EIDRM': 'Identifier removed',
  '-ELOOP': 'Too many levels of symbolic links', '-EOVERFLOW': 'Value too large for defined data type', '-ETXTBSY': 'Text file busy',
};
