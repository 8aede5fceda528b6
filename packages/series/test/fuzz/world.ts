/**
 * The machine under test and, beside it, what the test knows of it: the reference model of contents, a layout of every address space
 * (page → protection), files with their sizes, and references that the kernel cannot know of (pins) or has lost (defects of -rc3).
 */
import { ENOMEM } from '@pmkit/mm-core/include/linux/errno';
import type { FsType, Inode, SuperBlock } from '@pmkit/mm-core/include/linux/fs';
import { node_isset } from '@pmkit/mm-core/include/linux/nodemask';
import type { Page } from '@pmkit/mm-core/include/linux/types';
import { diskToken } from '@pmkit/mm-core/model/block-map';
import { NO_RESULT, spawn, syscall, type Machine, type Mm, type Task } from '@pmkit/mm-core';
import { watchRows } from '@pmkit/linker';
import { modelObject, ReferenceModel, type ModelObject } from '@pmkit/mm-core/testing';
import { MachineBuffers } from '../../src/catalogue/buffers.js';
import { bootAt, type AnyKernel } from '../../src/levels.js';
import type { MachineSpec } from './model.js';

/** What a page of an address space may be used for. One object a mapping, replaced and never changed. */
export interface PageRights { readonly prot: number; readonly mayWrite: boolean; readonly file: TrackedFile | null; readonly index: number; readonly shared: boolean; /** The NaT page: mapped, and never to be accessed. */ readonly reserved?: boolean }

/** A stretch of addresses that a command has mapped once: where later commands look for something to do. */
export interface Area { readonly start: number; readonly pages: number }

export interface Space { readonly mm: Mm; readonly pages: Map<number, PageRights>; areas: Area[] }

/** A file or shared segment: contents in the model, size in bytes. */
export interface TrackedFile {
  readonly object: ModelObject;
  readonly fs: FsType | 'shm';
  /** Path while it has a name. */
  path: string | null;
  size: number;
  /** Pages below it come from the disk as long as nobody has written or cut them off. */
  initialPages: number;
  readonly inode: Inode | null;
  /** Where a tmpfs counts what may still be allocated. */
  readonly sb: SuperBlock | null;
}

export interface Segment { readonly id: number; readonly pages: number; readonly file: TrackedFile }

/** What a call was to return; `whenShort` are the results that are excused when memory has run out during the command. */
interface Promise { readonly what: string; readonly found: number; readonly expected: readonly number[]; readonly whenShort: readonly number[] }

/** Something is wrong with the kernel, or with the test. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const MAX_AREAS = 10;
const INITIAL_FILE_PAGES = 6;
/** More living tasks than this make a sequence slow and show nothing new. */
export const MAX_JOBS = 6;

export class World {
  readonly k: AnyKernel;
  readonly m: Machine;
  level: number;
  readonly model = new ReferenceModel();
  /** By mm. */
  readonly spaces = new Map<Mm, Space>();
  /** Tasks that are alive, as far as we know. */
  jobs: Task[] = [];
  /** Who calls migrate_pages() and sends signals: root, with no memory of its own. */
  batchd: Task;
  readonly files: TrackedFile[] = [];
  segments: Segment[] = [];
  /** The memory of every System V segment there ever was. */
  readonly segmentFiles = new Set<TrackedFile>();
  /** References that commands hold, one entry each. */
  readonly held: Page[] = [];
  /** References that defect b of -rc3 4/10 has leaked, by page. */
  readonly leaked = new Map<number, number>();
  /** Pages that defect c has lost on a list nobody knows. */
  readonly lost = new Set<number>();
  /** Deaths that the current command must bring about: task, exit code. */
  readonly deaths = new Map<Task, number>();
  /** A migration is under way and others are about. */
  racing = false;
  /** One was, during the current command: whoever touched a page that was moving may have been killed (defect f). */
  raced = false;
  /** A cpuset was written, or a task moved into another, since somebody asked. */
  cpusetsChanged = false;
  /** Tasks that the current command may end when memory runs out. */
  readonly fragile = new Set<Task>();
  /** Log lines looked at so far. */
  logSeen = 0;
  /** Stopped processes that have a deadly signal waiting: they die of it when they continue. */
  readonly doomed = new Map<Task['signal'], number>();
  /** Why the sequence cannot go on; null while it can. */
  ended: string | null = null;
  readonly #buffers = new MachineBuffers();
  #promises: Promise[] = [];
  #nextName = 0;

  /** Whether the flat kernel runs wherever it can; else nothing but the table does. */
  readonly flat: boolean;

  constructor(spec: MachineSpec, flat = false) {
    this.flat = flat;
    const frames = spec.memoryless ? [...spec.nodes, 0] : spec.nodes;
    this.k = bootAt(spec.level, {
      nodes: frames.map((pages, i) => ({ id: spec.holes ? 2 * i : i, pages, cpus: Array.from({ length: spec.cpusPerNode }, (_, j) => i * spec.cpusPerNode + j) })),
      pageSize: spec.pageSize,
      maxOrder: 9,
      poison: spec.poison,
      ...(spec.maxDmaPfn === 0 ? {} : { maxDmaPfn: spec.maxDmaPfn }),
      config: { CONFIG_SWAP: spec.configSwap, CONFIG_CPUSETS: spec.configCpusets },
      reconstruction: { record_all_unmapped: spec.recordAll, release_inactive: spec.releaseInactive },
      buffer: this.#buffers.allocate,
    });
    const { k } = this;
    if (!flat) watchRows(k);
    this.m = k.m;
    this.level = spec.level;
    const disk = (name: string, minor: number) => k.add_disk(name, 8, minor, 1);
    const blocksize = spec.pageSize / spec.blocksPerPage;
    k.new_super_block('ext2', '/ext2', disk('sdb', 16), blocksize);
    k.new_super_block('xfs', '/xfs', disk('sdc', 32), blocksize);
    for (const root of ['/', '/ext2/', '/xfs/', '/dev/shm/']) this.newFile(`${root}data`, INITIAL_FILE_PAGES);
    spec.swap.forEach(slots => void this.swapon(slots));
    this.batchd = this.newBatchd();
    this.logSeen = this.m.log.length;
  }

  /** The machine is not looked at any more: the next one may have its memory. */
  dispose(): void {
    this.#buffers.release(this.m);
  }

  /* machine */

  swapon(slots: number): number {
    const bdev = this.k.add_disk(`swap${this.#nextName++}`, 8, 64 + this.#nextName, 1);
    return syscall(this.k, this.m.init_task, 'swapon', bdev, slots + 1, 0);
  }
  newBatchd(): Task {
    return spawn(this.k, { comm: 'batchd', cpu: this.m.cpus[0]! });
  }
  /** A task that has no memory yet. */
  newJob(node: number, uid: number): Task {
    const task = spawn(this.k, { comm: `job${this.#nextName++}`, cpu: this.m.cpus[node % this.m.cpus.length]!, uid });
    this.jobs.push(task);
    this.spaces.set(task.mm!, { mm: task.mm!, pages: new Map(), areas: [] });
    this.model.create(task.mm);
    return task;
  }
  pageOf(address: number): number {
    return address / this.m.PAGE_SIZE;
  }

  /* tasks and address spaces */

  spaceOf(task: Task): Space {
    return this.spaces.get(task.mm!)!;
  }
  /** A living task that runs in user mode; null when all are stopped or dead. */
  runnable(pick: number): Task | null {
    const candidates = this.jobs.filter(task => task.state === 'R');
    return candidates.length === 0 ? null : candidates[pick % candidates.length]!;
  }
  any(pick: number): Task | null {
    return this.jobs.length === 0 ? null : this.jobs[pick % this.jobs.length]!;
  }
  /** The command ends a process, all of its threads: as wait4() would report it. */
  dies(task: Task, code: number): void {
    for (const job of this.jobs) if (job.signal === task.signal && !this.deaths.has(job)) this.deaths.set(job, code);
  }
  /** What fork() does to the model. */
  forked(parent: Task, child: Task): void {
    this.jobs.push(child);
    const from = this.spaceOf(parent);
    if (child.mm === parent.mm) return;
    this.spaces.set(child.mm!, { mm: child.mm!, pages: new Map(from.pages), areas: [...from.areas] });
    this.model.fork(parent.mm, child.mm);
  }
  /** Address spaces without a living task are gone. */
  forgetSpaces(): void {
    const living = new Set(this.jobs.map(task => task.mm));
    for (const mm of this.spaces.keys()) {
      if (living.has(mm)) continue;
      this.spaces.delete(mm);
      this.model.exit(mm);
    }
  }

  /** `pages` pages at page number `start` are mapped, whatever was there. `rights.index` is that of the first. */
  mapped(space: Space, start: number, pages: number, rights: PageRights): void {
    const { file, index, shared } = rights;
    this.model.map(space.mm, start, pages, file === null ? undefined : { object: file.object, pgoff: index, shared });
    for (let i = 0; i < pages; i++) space.pages.set(start + i, file === null ? rights : { ...rights, index: index + i });
    space.areas = [...space.areas.filter(area => area.start !== start), { start, pages }].slice(-MAX_AREAS);
  }
  unmapped(space: Space, start: number, pages: number): void {
    this.model.unmap(space.mm, start, pages);
    for (let page = start; page < start + pages; page++) space.pages.delete(page);
  }

  /* files */

  newFile(path: string, pages: number, mode = 0o666): TrackedFile {
    const { k } = this;
    const sb = k.lookup_mnt(path)!;
    return this.track(k.new_inode(sb, path, pages * this.m.PAGE_SIZE, mode), path);
  }
  /** Starts to follow a file that has just been made. */
  track(inode: Inode, path: string): TrackedFile {
    const fs = inode.i_sb.s_type;
    const file: TrackedFile = {
      object: modelObject(index => (index < file.initialPages ? diskToken(inode, index) : 0)),
      fs, path, size: inode.i_size, initialPages: fs === 'tmpfs' ? 0 : inode.i_size / this.m.PAGE_SIZE, inode, sb: inode.i_sb,
    };
    this.files.push(file);
    return file;
  }
  /** A file that still has a name; `programs` too, which are never cut off or removed: what runs of them would not be known. */
  file(pick: number, programs = false): TrackedFile | null {
    const named = this.files.filter(file => file.path !== null && (programs || file.inode?.program === undefined));
    return named.length === 0 ? null : named[pick % named.length]!;
  }
  newPath(fs: number): string {
    return `${['/', '/ext2/', '/xfs/', '/dev/shm/'][fs % 4]!}file${this.#nextName++}`;
  }
  /** Nodes that a task may allocate on, as its own copy of its cpuset has it. */
  allows(task: Task, node: number): boolean {
    return !this.m.config.CONFIG_CPUSETS || node_isset(node, task.mems_allowed);
  }
  /** Whether a page index lies inside the file: touching it does not end in SIGBUS. */
  inFile(file: TrackedFile, index: number): boolean {
    return index * this.m.PAGE_SIZE < file.size;
  }
  /** The file was cut off, or grew by a hole. Pages behind the end are gone everywhere, private copies too. */
  truncated(file: TrackedFile, size: number): void {
    const end = Math.ceil(size / this.m.PAGE_SIZE);
    if (size < file.size) {
      file.initialPages = Math.min(file.initialPages, end);
      this.model.truncate(file.object, end);
    }
    file.size = size;
  }

  /** Notes a result; it is judged when the command's log has been read. NO_RESULT is judged by what became of the task. */
  promise(what: string, found: number, expected: number | readonly number[], ...whenShort: readonly number[]): void {
    if (found !== NO_RESULT) this.#promises.push({ what, found, expected: typeof expected === 'number' ? [expected] : expected, whenShort });
  }
  /** Something failed as it does when memory has run out. */
  mustBeShort(what: string): void {
    this.promise(what, -ENOMEM, [], -ENOMEM);
  }
  /** @returns a sentence for every result that was not as promised. */
  brokenPromises(shortage: boolean): string[] {
    const broken = this.#promises.filter(({ found, expected, whenShort }) => !expected.includes(found) && !(shortage && whenShort.includes(found)));
    this.#promises = [];
    return broken.map(({ what, found, expected }) => `${what} returned ${found}, expected ${expected.join(' or ')}`);
  }

  /** Pages that somebody pinned or defect b left with a reference too many, for check_invariants(). */
  pins(): Map<number, number> {
    const pins = new Map(this.leaked);
    for (const page of this.held) pins.set(page, (pins.get(page) ?? 0) + 1);
    return pins;
  }
}
