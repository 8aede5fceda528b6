/** A small machine with a kernel of one tree, and what scenarios do on it: make tasks, map memory, call the kernel. All of it is recorded. */
import { definitionsOf } from '@pmkit/linker';
import { BAD_POINTER, load, NO_RESULT, residentPage, run, spawn, syscall, touch, type MachineConfig, type MaySleep, type Page, type SpawnOptions, type Task } from '@pmkit/mm-core';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { nodeList } from '@pmkit/mm-core/model/objects';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { SIGCONT, SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import type { AnyKernel } from '../levels.js';
import { treeName, type Tree } from './behaviour.js';
import { bootTree } from './boot-tree.js';
import { MachineBuffers } from './buffers.js';
import { pagesText, policyText, stateOf, taskName, type Recording, type Step } from './recording.js';

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_ANONYMOUS = 0x20;
/** The system call's number, the last one of ia64's table. */
export const MIGRATE_PAGES = 1279;

/** Four nodes of 256 frames (4 MB), two CPUs each: node n has CPUs 2n and 2n + 1. */
export const SMALL_MACHINE: MachineConfig = { nodes: [0, 1, 2, 3].map(id => ({ id, pages: 256, cpus: [2 * id, 2 * id + 1] })) };

export interface LabOptions {
  /** Boots another kernel than that of the tree: one of a stack that is no level. */
  readonly bootKernel?: (config: MachineConfig) => AnyKernel;
  /** Records the state of the machine after every step, not only at the end. */
  readonly everyState?: boolean;
  /** Called in place of each migrate_pages() call, with the caller, the arguments and the call itself. */
  readonly aroundMigrate?: (lab: Lab, caller: Task, args: readonly unknown[], call: () => number) => number;
  /** Called before each step, with the number of those done; what it throws ends the scenario. */
  readonly beforeStep?: (lab: Lab, done: number) => void;
  /** Called after each step, with the task that took it. */
  readonly afterStep?: (lab: Lab, step: Step, task: Task) => void;
}
export interface BootOptions {
  /** What differs from SMALL_MACHINE. */
  readonly machine?: Partial<MachineConfig>;
  /** Usable swap slots; default 256, 0 for none. */
  readonly swap?: number;
}
/** A mapped range: address in bytes, length in pages. */
export interface Mapping { readonly task: Task; readonly address: number; readonly pages: number }

export class Lab {
  readonly tree: Tree;
  readonly #options: LabOptions;
  readonly #steps: Step[] = [];
  readonly #buffers = new MachineBuffers();
  #kernel: AnyKernel | undefined;
  #batchd: Task | undefined;
  #logged = 0;

  constructor(tree: Tree, options: LabOptions = {}) {
    this.tree = tree;
    this.#options = options;
  }

  /**
   * Boots the machine of the scenario and starts the batch scheduler on it.
   * @throws {LinkError} when the tree does not build.
   */
  boot({ machine, swap = 256 }: BootOptions = {}): AnyKernel {
    const config = { ...SMALL_MACHINE, ...machine, buffer: this.#buffers.allocate };
    const { bootKernel } = this.#options;
    const k = bootKernel === undefined ? bootTree(this.tree, config) : bootKernel(config);
    this.#kernel = k;
    this.#batchd = spawn(k, { comm: 'batchd', cpu: k.m.cpus[0]! });
    // not a step of the scenario, so not recorded
    const error = swap > 0 ? syscall(k, this.#batchd, 'swapon', k.add_disk('swap', 8, 32, 1), swap + 1, 0) : 0;
    if (error < 0) throw new RangeError(`swap: ${swap} slots: swapon() returned ${errnoName(error)}`);
    this.#logged = k.m.log.length;
    return k;
  }

  /** The running kernel. Booted with the defaults when the scenario has not done so. */
  get k(): AnyKernel {
    return this.#kernel ?? this.boot();
  }

  /** The batch scheduler: root, on the first CPU. */
  get batchd(): Task {
    if (this.#batchd === undefined) this.boot();
    return this.#batchd!;
  }

  /** A function of the kernel by name, bound to it; undefined at a level where there is none. */
  row(name: string): ((...args: unknown[]) => unknown) | undefined {
    const { k } = this;
    const definition = (k as unknown as Record<string, unknown>)[name];
    return this.hasSymbol(name) ? (definition as (...args: unknown[]) => unknown).bind(k) : undefined;
  }

  /** Whether a symbol is linked in this tree. */
  hasSymbol(name: string): boolean {
    return definitionsOf(this.k).has(name);
  }

  /** A task on a CPU of `node` (default 1). */
  job({ node = 1, ...options }: SpawnOptions & { readonly node?: number } = {}): Task {
    const { m } = this.k;
    return spawn(this.k, { comm: 'job', cpu: m.cpus.find(cpu => m.cpu_to_node[cpu] === node)!, ...options });
  }

  /** A system call by number or name. @returns its result; NO_RESULT when it did not come back. */
  call(task: Task, call: number | string, ...args: readonly unknown[]): number {
    this.#begin();
    const enter = (): number => syscall(this.k, task, call, ...args);
    const { aroundMigrate } = this.#options;
    const result = call === MIGRATE_PAGES && aroundMigrate !== undefined ? aroundMigrate(this, task, args, enter) : enter();
    const name = call === MIGRATE_PAGES ? 'migrate_pages' : typeof call === 'number' ? `syscall_${call}` : call;
    const text = TAKES_MASK.has(name) ? args.map(maskText) : args.map(argumentText);
    this.#record(task, `${name}(${text.join(', ')})`, this.result(result));
    return result;
  }

  /** A system call that the scenario cannot do without. @throws {Error} with call and errno when it fails. */
  must(task: Task, call: number | string, ...args: readonly unknown[]): number {
    const result = this.call(task, call, ...args);
    if (result < 0) throw new Error(`${taskName(task)}: ${call}() returned ${errnoName(result)}`);
    return result;
  }

  /**
   * Has a task go through a kernel function by name, one that no system call enters by itself.
   * @returns its result, 0 when it has none; NO_RESULT when it did not come back.
   * @throws {RangeError} when the kernel of this tree has no such function.
   */
  enter(task: Task, name: string, ...args: readonly unknown[]): number {
    const row = this.row(name);
    if (row === undefined) throw new RangeError(`${name}() is not linked at level ${treeName(this.tree)}`);
    this.#begin();
    const outcome = run(this.k, task, path(() => row(...args)));
    const result = outcome.kind === 'returned' ? outcome.value : NO_RESULT;
    // a NULL at the end is not shown: a function that has got one more argument, and does not get one, is called as before
    const shown = args.slice(0, args.findLastIndex(argument => argument !== null) + 1);
    this.#record(task, `${name}(${shown.map(argumentText).join(', ')})`, this.result(result));
    return result;
  }

  /** Records what a task would have done, and why it did not. */
  note(task: Task, call: string, why: string): string {
    this.#begin();
    this.#record(task, call, why);
    return why;
  }

  /** Reads or writes one word in each page; how many were done, fewer when the task died on the way. */
  touch({ task, address, pages }: Mapping, access: 'read' | 'write' = 'write'): number {
    this.#begin();
    const done = touch(this.k, task, address, pages, access);
    this.#record(task, `${access}(${hex(address)}, ${pages} pages)`, String(done));
    return done;
  }

  /** Maps private anonymous memory, and writes to it unless `access` says otherwise. */
  anonymous(task: Task, pages: number, access: 'write' | 'read' | 'none' = 'write', prot: number = PROT_READ | PROT_WRITE): Mapping {
    const address = this.must(task, 'mmap', 0, pages * this.k.m.PAGE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return this.#touched({ task, address, pages }, access);
  }

  /** A new file on the root file system (ext3), or below /data (XFS, mounted at first use). */
  file(path: string, pages: number, mode = 0o666): string {
    const { k } = this;
    const mount = path.startsWith('/data/') ? '/data' : '/';
    let sb = k.m.super_blocks.find(candidate => candidate.s_root === mount);
    sb ??= k.new_super_block('xfs', '/data', k.add_disk('sdb', 8, 16, 1), Math.min(4096, k.m.PAGE_SIZE));
    k.new_inode(sb, path, pages * k.m.PAGE_SIZE, mode);
    return path;
  }

  /** Maps a file from its start. */
  mapFile(task: Task, path: string, pages: number, prot: number, flags: number, access: 'write' | 'read' | 'none' = 'read'): Mapping {
    const fd = this.must(task, 'open', path, (prot & PROT_WRITE) !== 0 && flags === MAP_SHARED ? 2 : 0, 0);
    const address = this.must(task, 'mmap', 0, pages * this.k.m.PAGE_SIZE, prot, flags, fd, 0);
    this.must(task, 'close', fd);
    return this.#touched({ task, address, pages }, access);
  }

  /** migrate_pages() by the batch scheduler, or by whom one says, from each node of `from` to the one of `to` at the same place. */
  migrate(task: Task | number, from: readonly number[], to: readonly number[], by: Task = this.batchd): number {
    const pid = typeof task === 'number' ? task : task.pid;
    return this.call(by, MIGRATE_PAGES, pid, from.length, Uint32Array.from(from), Uint32Array.from(to));
  }

  stop(task: Task): void {
    this.must(this.batchd, 'kill', task.pid, SIGSTOP);
  }
  cont(task: Task): void {
    this.must(this.batchd, 'kill', task.pid, SIGCONT);
  }

  /** Where the pages of a mapping are: `N1=4 N2=12 swap=1`; empty when none is there or the task has no memory any more. */
  pages({ task, address, pages }: Mapping): string {
    return task.mm === null ? '' : pagesText(this.k.m, task.mm, address, address + pages * this.k.m.PAGE_SIZE);
  }
  /** The frame of a page of a mapping (default the first), and the node it is on (-1: none). */
  frame({ task, address }: Mapping, index = 0): Page {
    return residentPage(this.k.m, task, address + index * this.k.m.PAGE_SIZE);
  }
  nodeOf(mapping: Mapping, index = 0): number {
    const page = this.frame(mapping, index);
    return page === 0 ? -1 : page_to_nid(this.k.m, page);
  }
  /** What the task reads in each page, in a form that only differs when something was lost. */
  contents({ task, address, pages }: Mapping): string {
    return Array.from({ length: pages }, (_, i) => load(this.k, task, address + i * this.k.m.PAGE_SIZE)).join(' ');
  }

  /** The policy of a task, and the one of the vma that a mapping begins in. */
  policy(task: Task): string {
    return policyText(task.mempolicy);
  }
  vmaPolicy({ task, address }: Mapping): string {
    const vma = task.mm === null ? null : this.k.find_vma(task.mm, address);
    return policyText(vma?.vm_policy ?? null);
  }

  /** A result as text: a number, an errno by name, or what became of who called. */
  result(result: number): string {
    return result === NO_RESULT ? 'did not return' : errnoName(result);
  }
  /** The kernel log from `from` on (a number of lines, as log().length gave it). */
  log(from = 0): string[] {
    return this.k.m.log.slice(from).map(line => line.text);
  }

  /** What has been recorded. */
  recording(seen: string): Recording {
    return { steps: this.#steps, end: stateOf(this.k.m), seen };
  }

  /** The machine is not looked at any more: its memory may be used for the next one. */
  dispose(): void {
    if (this.#kernel !== undefined) this.#buffers.release(this.#kernel.m);
  }

  #touched(mapping: Mapping, access: 'write' | 'read' | 'none'): Mapping {
    if (access !== 'none') this.touch(mapping, access);
    return mapping;
  }

  #record(task: Task, call: string, result: string): void {
    const { m } = this.k;
    const log = this.log(this.#logged);
    this.#logged = m.log.length;
    const step: Step = { who: taskName(task), call, result, log, ...(this.#options.everyState === true ? { state: stateOf(m) } : {}) };
    this.#steps.push(step);
    this.#options.afterStep?.(this, step, task);
  }

  #begin(): void {
    this.#options.beforeStep?.(this, this.#steps.length);
  }
}

/** A call of a kernel function as a way through the kernel, whether the function may sleep or not. */
function* path(call: () => unknown): MaySleep<number> {
  let result = call();
  if (typeof result === 'object' && result !== null && 'next' in result) result = yield* result as MaySleep<unknown>;
  return typeof result === 'number' ? result : 0;
}

/** Calls whose arrays are node masks, not node ids. */
const TAKES_MASK: ReadonlySet<string> = new Set(['mbind', 'set_mempolicy', 'get_mempolicy']);

const hex = (address: number): string => `0x${address.toString(16)}`;

const maskText = (argument: unknown): string => (argument instanceof Uint32Array ? `{${formatList(nodeList(argument))}}` : argumentText(argument));

function argumentText(argument: unknown): string {
  if (argument === null || argument === undefined) return 'NULL';
  if (argument === BAD_POINTER) return 'BAD_POINTER';
  if (argument instanceof Uint32Array) return `{${formatList(argument)}}`;
  if (typeof argument === 'number') return argument >= 2 ** 32 ? hex(argument) : String(argument);
  if (typeof argument === 'string') return JSON.stringify(argument);
  return typeof argument === 'object' && 'name' in argument ? String(argument.name) : '…';
}
