/**
 * The cpuset file system as one mounts it on /dev/cpuset: kernel/cpuset.c of 2.6.12. Files and their errors are the kernel's own
 * (kernel/cpuset_fs.ts); owners and modes, which it does not model, are kept here: all belongs to whoever made the cpuset, directories are 0755, files
 * 0644.
 */
import { EACCES, EEXIST, ENAMETOOLONG } from '@pmkit/mm-core/include/linux/errno';
import type { Cpuset } from '@pmkit/mm-core/include/linux/cpuset';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Process } from '../process.js';
import { BOOT_TIME, timeOfDay } from './clock.js';
import type { AttributeChange, Attributes, Creator, Directory, Node, SpecialFile } from './node.js';
import { ROOT, virtualAttributes, type Device, type Owner } from './virtual.js';

const DEVICE: Device = [0, 5];
const NAME_MAX = 255;
const FILES = ['cpus', 'mems', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release', 'tasks'];
const decoder = new TextDecoder();

/** What belongs to a node of a cpuset: by name, '' is the directory. */
type Meta = Map<string, AttributeChange & Owner>;

export class CpusetFs {
  readonly k: AnyKernel;
  readonly root: Directory;
  readonly #meta = new WeakMap<Cpuset, Meta>();

  constructor(k: AnyKernel) {
    this.k = k;
    this.root = new CpusetDirectory(this, k.m.top_cpuset);
  }
  meta(cs: Cpuset, name: string): AttributeChange & Owner {
    return this.#meta.get(cs)?.get(name) ?? ROOT;
  }
  change(cs: Cpuset, name: string, change: AttributeChange): void {
    const meta = this.#meta.get(cs) ?? new Map<string, AttributeChange & Owner>();
    meta.set(name, { ...this.meta(cs, name), ...change });
    this.#meta.set(cs, meta);
  }
  /** A new cpuset with all its files belongs to who made it. */
  own(cs: Cpuset, owner: Owner): void {
    this.#meta.set(cs, new Map(['', ...FILES].map(name => [name, { ...owner, mtime: timeOfDay(this.k.m) }])));
  }
}

/** Attributes and their changes, the same for directories and files. */
abstract class CpusetNode {
  readonly fs: CpusetFs;
  readonly cs: Cpuset;
  readonly file: string;
  readonly #mode: number;
  constructor(fs: CpusetFs, cs: Cpuset, file: string, mode: number) {
    this.fs = fs;
    this.cs = cs;
    this.file = file;
    this.#mode = mode;
  }
  attributes(): Attributes {
    const { mode = this.#mode, atime = BOOT_TIME, mtime = BOOT_TIME, uid, gid } = this.fs.meta(this.cs, this.file);
    const path = `${this.fs.k.cpuset_path(this.cs)}/${this.file}`;
    return { ...virtualAttributes(DEVICE, `cpuset:${path}`, mode, { uid, gid }), atime, mtime, ctime: mtime };
  }
  setAttributes(change: AttributeChange): void {
    this.fs.change(this.cs, this.file, change);
  }
}

class CpusetDirectory extends CpusetNode implements Directory {
  readonly type = 'directory';
  readonly createError = -EACCES;
  constructor(fs: CpusetFs, cs: Cpuset) {
    super(fs, cs, '', 0o755);
  }
  get path(): string {
    return this.fs.k.cpuset_path(this.cs);
  }
  override attributes(): Attributes {
    return { ...super.attributes(), nlink: 2 + this.cs.children.size };
  }
  lookup(name: string): Node | undefined {
    if (FILES.includes(name)) return new CpusetFile(this.fs, this.cs, name);
    const child = this.cs.children.get(name);
    return child === undefined ? undefined : new CpusetDirectory(this.fs, child);
  }
  *names(): Iterable<string> {
    yield* FILES;
    yield* this.cs.children.keys();
  }
  mkdir(name: string, _mode: number, by: Creator): number {
    if (name.length > NAME_MAX) return -ENAMETOOLONG;
    if (FILES.includes(name)) return -EEXIST;
    const error = this.fs.k.cpuset_mkdir(`${this.path}/${name}`);
    if (error === 0) this.fs.own(this.cs.children.get(name)!, { uid: by.fsuid, gid: by.egid });
    return error;
  }
  rmdir(name: string): number {
    return this.fs.k.cpuset_rmdir(`${this.path}/${name}`);
  }
}

class CpusetFile extends CpusetNode implements SpecialFile {
  readonly type = 'file';
  constructor(fs: CpusetFs, cs: Cpuset, file: string) {
    super(fs, cs, file, 0o644);
  }
  text(): string | number {
    return this.fs.k.cpuset_read(this.fs.k.cpuset_path(this.cs), this.file);
  }
  /** One write(2), in the name of the current task: a pid of 0 means it. */
  write(p: Process, data: Uint8Array): Promise<number> {
    const { k } = this.fs;
    return p.inKernel('write', [this.file, data.length], () => k.cpuset_write(k.cpuset_path(this.cs), this.file, decoder.decode(data)));
  }
}
