/** The machine one sits at: a simulated machine with a kernel of some tree of the series, programs on its disk, and a process that everything else descends from. */
import { spawn, syscall, type MachineConfig, type Task } from '@pmkit/mm-core';
import { bootTree, exchangeCode, type Tree } from '@pmkit/series/catalogue';
import { loadFlatOf } from '@pmkit/series/flat';
import type { AnyKernel } from '@pmkit/series/levels';
import { BUILT_IN_PATHS, BUNDLED_PATHS } from './bundled.js';
import { CaptureStream, Files, nullStream, Pipe, standardDescriptors, TextStream, type Stream } from './files/index.js';
import { KernelTrace } from './kernel-trace.js';
import { Killed } from './killed.js';
import { fork, runForeground } from './launch.js';
import { Process } from './process.js';
import { commandOf, type Program } from './program.js';
import { Scheduler } from './scheduler.js';
import { BASH_PATH, installSystem, type Installed } from './system.js';

export interface BoxOptions {
  readonly tree: Tree;
  readonly machine: MachineConfig;
  /** Slots of the swap area on /dev/sdb1 that is on when the machine is up; 0 for none. Default: a quarter of the frames, 65536 at most. */
  readonly swap?: number;
  /** User of the login shell; default 0, root. */
  readonly uid?: number;
  readonly programs: readonly Program[];
}

/** What a program printed and how it ended. */
export interface RunResult { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** Loading a flat kernel pays for itself after so many faults. */
const FLAT_PAGES = 50_000;

export class Box {
  readonly options: BoxOptions;
  readonly scheduler: Scheduler;
  /** Who watches the functions of the running kernel. */
  readonly trace = new KernelTrace(() => this.#kernel);
  /** Called when the machine has been booted again: kernel, files and login process are others, and every process that was there is gone. */
  readonly onReboot = new Set<() => void>();
  /** What holds resources of this computer as long as it runs: scripts in the background. */
  readonly atPowerOff = new Set<() => void>();
  /** By command. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Errors of the kit itself that processes have met: always a defect. */
  readonly internalErrors: unknown[] = [];
  /** By task, also when it has ended. */
  readonly processes = new WeakMap<Task, Process>();
  /** /dev/tty. */
  terminal: Stream = nullStream();
  #kernel: AnyKernel;
  #tree: Tree;
  #files: Files;
  #login: Process;
  #pipes = 0;
  #touched = 0;

  /** @throws {LinkError} when the tree does not build; {RangeError} naming what of the machine cannot be. */
  constructor(options: BoxOptions) {
    this.options = options;
    this.programs = new Map(options.programs.map(program => [commandOf(program), program]));
    this.scheduler = new Scheduler(() => this.#kernel);
    this.#tree = options.tree;
    this.#kernel = this.#boot(options.tree);
    this.#files = new Files(this.#kernel, [options.uid ?? 0]);
    this.#login = this.#logIn();
  }

  /** The running kernel. After a reboot it is another one. */
  get k(): AnyKernel {
    return this.#kernel;
  }
  /** All files of the running machine. */
  get files(): Files {
    return this.#files;
  }
  /** The tree that runs. */
  get tree(): Tree {
    return this.#tree;
  }
  /** The login shell: parent of what is run from outside. */
  get login(): Process {
    return this.#login;
  }

  /** Runs a program as a child of the login shell, with nobody else in between. @throws {RangeError} when there is no such program. */
  async run(argv: readonly string[], stdin = ''): Promise<RunResult> {
    const { login } = this;
    const task = await fork(this, login);
    const [stdout, stderr] = [new CaptureStream(), new CaptureStream()];
    const p = new Process(this, task, { argv, env: login.env, cwd: login.cwd, fds: standardDescriptors(new TextStream(stdin), stdout, stderr) }, execute);
    let exitCode = 0;
    try {
      exitCode = await runForeground(login, p, () => execute(p, argv));
    } catch (error) {
      // a program that has rebooted the machine has done what it was to do
      if (!(error instanceof Killed) || login === this.#login) throw error;
    }
    return { stdout: stdout.text, stderr: stderr.text, exitCode };
  }

  /**
   * Boots the machine again with the kernel of a tree. What is on its disks stays; memory, processes and time begin anew. Processes that were there learn
   * that they are gone (Killed) when they next do something; so does the caller, if it is one of them.
   * @throws {LinkError} when the tree does not build; the machine runs on then.
   */
  reboot(tree: Tree): void {
    const { m } = this.#kernel;
    const kernel = this.#boot(tree);
    this.trace.forget();
    for (const task of m.tasks.values()) task.state = 'X';
    this.#kernel = kernel;
    this.#tree = tree;
    this.#files = new Files(kernel, [this.options.uid ?? 0], this.#files);
    this.#login = this.#logIn();
    this.scheduler.powerOff();
    for (const tell of this.onReboot) tell();
  }

  /**
   * Exchanges the code of the running kernel for that of a level; memory and processes stay.
   * @throws {LiveChangeError} when a task sleeps inside code that would be replaced; {RangeError} for a level that is none. Nothing is changed then.
   */
  goTo(level: number): void {
    this.trace.exchange(() => { exchangeCode(this.#kernel, level); });
    this.#tree = { level, hotplug: false };
  }

  /** Somebody is about to touch so many pages. When many have been touched, the flat kernel of the level is loaded: faults take it from then on. The machine is the same. */
  async expectFaults(pages: number): Promise<void> {
    this.#touched += pages;
    if (this.#touched >= FLAT_PAGES) await loadFlatOf(this.#kernel);
  }

  /** Nobody looks at the machine any more: what still runs on it is given up. */
  powerOff(): void {
    for (const stop of this.atPowerOff) stop();
  }

  /** pipe(2). */
  makePipe(): Pipe {
    return new Pipe(this.#kernel.m.PAGE_SIZE, ++this.#pipes);
  }

  /** A new login process, when the last one was killed. */
  logInAgain(): void {
    this.#login = this.#logIn();
  }

  /** Notes an error of the kit itself. @returns what to tell the user. */
  internalError(error: unknown): string {
    this.internalErrors.push(error);
    return `internal error of pmkit: ${error instanceof Error ? error.message : String(error)}`;
  }

  #boot(tree: Tree): AnyKernel {
    const { machine, swap, programs } = this.options;
    const k = bootTree(tree, machine);
    const bundled = [...BUILT_IN_PATHS, ...BUNDLED_PATHS].filter(([name]) => !this.programs.has(name)).map(([, path]) => ({ path }));
    installSystem(k, [BASH, ...programs, ...bundled]);
    const slots = swap ?? Math.min(65536, Math.floor(k.m.totalram_pages / 4));
    if (slots > 0) syscall(k, k.m.init_task, 'swapon', k.add_disk('sdb1', 8, 17, 1), slots + 1, 0);
    return k;
  }

  #logIn(): Process {
    const { uid = 0 } = this.options;
    const task = spawn(this.#kernel, { program: BASH.path, comm: 'bash', uid, cpu: this.#kernel.m.cpus[0]! });
    task.gid = task.egid = task.sgid = uid; // every user has a group of his own, of the same number
    const user = uid === 0 ? 'root' : `user${uid}`;
    const home = uid === 0 ? '/root' : `/home/${user}`;
    const env = new Map([['PATH', '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'], ['HOME', home], ['USER', user], ['LOGNAME', user], ['SHELL', BASH.path], ['TERM', 'xterm'], ['LANG', 'C']]);
    return new Process(this, task, { argv: ['-bash'], env, cwd: home, fds: standardDescriptors(new TextStream(''), nullStream(), nullStream()) }, execute);
  }
}

const BASH: Installed = { path: BASH_PATH, text: 40, data: 3 };

/** execvp() without a shell: a program of the registry, by command or path. */
async function execute(p: Process, argv: readonly string[]): Promise<number> {
  const [command = ''] = argv;
  const program = p.box.programs.get(command.slice(command.lastIndexOf('/') + 1));
  if (program === undefined) {
    p.err(`${command}: command not found\n`);
    return 127;
  }
  const error = await p.sys('execve', program.path);
  if (error < 0) return p.fail(p.strerror(error), 126);
  p.argv = argv;
  return p.closeOutput(await program.run(p));
}
