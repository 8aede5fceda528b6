/**
 * ext2, ext3, XFS and tmpfs as mounted file systems: files are the kernel's inodes, found by path in the super block; directories, symbolic
 * links and device nodes, which the kernel model has not, are kept here. Modelled: a directory has no blocks and costs no I/O.
 */
import { ENOTEMPTY } from '@pmkit/mm-core/include/linux/errno';
import type { Inode, SuperBlock } from '@pmkit/mm-core/include/linux/fs';
import type { AnyKernel } from '@pmkit/series/levels';
import { timeOfDay, BOOT_TIME } from './clock.js';
import type { AttributeChange, Attributes, Creator, Directory, KernelFile, Link, Node, SpecialFile } from './node.js';

/** What a directory's size is: one block of a disk file system. */
const DIRECTORY_SIZE = 4096;
const UMASK = 0o022;

interface Times { atime: number; mtime: number; ctime: number }
type Own = OwnDirectory | OwnLink | DeviceNode;

/** A device's driver: what reading and writing its node does. */
export type Drivers = (type: 'character' | 'block', rdev: readonly [number, number]) => Omit<SpecialFile, 'type' | 'attributes' | 'setAttributes'>;

/** One super block and what is ours of it. It outlives its mount: a disk that is mounted again has its files still. */
export class DiskFs {
  readonly k: AnyKernel;
  readonly sb: SuperBlock;
  readonly drivers: Drivers;
  readonly root: OwnDirectory;
  readonly #times = new WeakMap<Inode, Times>();

  constructor(k: AnyKernel, sb: SuperBlock, drivers: Drivers) {
    this.k = k;
    this.sb = sb;
    this.drivers = drivers;
    this.root = new OwnDirectory(this, null, '', { mode: sb.s_type === 'tmpfs' ? 0o1777 : 0o755, uid: 0, gid: 0 }, BOOT_TIME);
  }

  now(): number {
    return timeOfDay(this.k.m);
  }
  /** Times of an inode; of one that was made without us, those at which the machine was booted or it became dirty. */
  times(inode: Inode): Times {
    let times = this.#times.get(inode);
    if (times === undefined) {
      const time = BOOT_TIME + inode.dirtied_when;
      this.#times.set(inode, (times = { atime: time, mtime: time, ctime: time }));
    }
    return times;
  }
  /** A file was written to, or cut off. */
  modified(inode: Inode): void {
    const times = this.times(inode);
    times.mtime = times.ctime = this.now();
  }
  /** The node of an inode of this file system. */
  file(inode: Inode): KernelFile {
    return new DiskFile(this, inode);
  }
}

class DiskFile implements KernelFile {
  readonly type = 'file';
  readonly inode: Inode;
  readonly #fs: DiskFs;
  constructor(fs: DiskFs, inode: Inode) {
    this.#fs = fs;
    this.inode = inode;
  }
  attributes(): Attributes {
    const { i_mode, i_uid, i_gid, i_nlink, i_size, i_ino, i_sb } = this.inode;
    return { mode: i_mode & 0o7777, uid: i_uid, gid: i_gid, nlink: i_nlink, size: i_size, ino: i_ino, dev: i_sb.s_dev, ...this.#fs.times(this.inode) };
  }
  setAttributes({ mode, uid, gid, atime, mtime }: AttributeChange): void {
    const { inode } = this;
    if (mode !== undefined) inode.i_mode = mode;
    if (uid !== undefined) inode.i_uid = uid;
    if (gid !== undefined) inode.i_gid = gid;
    Object.assign(this.#fs.times(inode), { ctime: this.#fs.now() }, atime === undefined ? {} : { atime }, mtime === undefined ? {} : { mtime });
  }
}

/** Owner, mode and times of what has no inode in the kernel. */
abstract class OwnNode {
  readonly fs: DiskFs;
  readonly ino: number;
  mode: number;
  uid: number;
  gid: number;
  readonly times: Times;

  constructor(fs: DiskFs, ino: number, { mode, uid, gid }: Pick<Attributes, 'mode' | 'uid' | 'gid'>, now: number) {
    this.fs = fs;
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.times = { atime: now, mtime: now, ctime: now };
  }
  protected attributesWith(size: number, nlink: number): Attributes {
    const { mode, uid, gid, ino, times } = this;
    return { mode, uid, gid, nlink, size, ino, dev: this.fs.sb.s_dev, ...times };
  }
  setAttributes({ mode, uid, gid, atime, mtime }: AttributeChange): void {
    if (mode !== undefined) this.mode = mode;
    if (uid !== undefined) this.uid = uid;
    if (gid !== undefined) this.gid = gid;
    Object.assign(this.times, { ctime: this.fs.now() }, atime === undefined ? {} : { atime }, mtime === undefined ? {} : { mtime });
  }
}

export class OwnLink extends OwnNode implements Link {
  readonly type = 'link';
  readonly text: string;
  constructor(fs: DiskFs, target: string, owner: Pick<Attributes, 'mode' | 'uid' | 'gid'>) {
    super(fs, fs.sb.next_ino++, owner, fs.now());
    this.text = target;
  }
  attributes(): Attributes {
    return this.attributesWith(this.text.length, 1);
  }
  target(): string {
    return this.text;
  }
}

export class DeviceNode extends OwnNode implements SpecialFile {
  readonly type: 'character' | 'block';
  readonly rdev: readonly [number, number];
  constructor(fs: DiskFs, type: 'character' | 'block', rdev: readonly [number, number], owner: Pick<Attributes, 'mode' | 'uid' | 'gid'>) {
    super(fs, fs.sb.next_ino++, owner, fs.now());
    this.type = type;
    this.rdev = rdev;
    Object.assign(this, fs.drivers(type, rdev));
  }
  attributes(): Attributes {
    return { ...this.attributesWith(0, 1), rdev: this.rdev };
  }
}

const ROOT_INO: Readonly<Record<string, number>> = { ext2: 2, ext3: 2, xfs: 128, tmpfs: 1 };

export class OwnDirectory extends OwnNode implements Directory {
  readonly type = 'directory';
  readonly createError = 0;
  parent: OwnDirectory | null;
  name: string;
  readonly #own = new Map<string, Own>();
  #directories = 0;

  constructor(fs: DiskFs, parent: OwnDirectory | null, name: string, owner: Pick<Attributes, 'mode' | 'uid' | 'gid'>, now: number) {
    super(fs, parent === null ? ROOT_INO[fs.sb.s_type]! : fs.sb.next_ino++, owner, now);
    this.parent = parent;
    this.name = name;
  }

  /** Its path as the kernel's names begin: without a slash at the end. */
  get path(): string {
    if (this.parent !== null) return `${this.parent.path}/${this.name}`;
    const { s_root } = this.fs.sb;
    return s_root === '/' ? '' : s_root;
  }
  attributes(): Attributes {
    return this.attributesWith(DIRECTORY_SIZE, 2 + this.#directories);
  }

  lookup(name: string): Node | undefined {
    const own = this.#own.get(name);
    if (own !== undefined) return own;
    const { s_names } = this.fs.sb;
    const path = `${this.path}/${name}`;
    const inode = s_names.get(path);
    if (inode !== undefined) return this.fs.file(inode);
    // A file was made below a directory that nobody has made: the kernel model lets one do that.
    return s_names.isOnTheWay(path) ? this.#add(name, new OwnDirectory(this.fs, this, name, ROOT_OWNS, BOOT_TIME)) : undefined;
  }
  names(): Iterable<string> {
    return new Set([...this.#own.keys(), ...this.fs.sb.s_names.namesIn(this.path)]);
  }

  /** The directory of that name, made for root when nothing of that name is there. @throws {TypeError} when it is something else. */
  subdirectory(name: string): OwnDirectory {
    if (this.lookup(name) === undefined) this.mkdir(name, ROOT_OWNS.mode, { fsuid: 0, egid: 0 });
    const there = this.lookup(name);
    if (there instanceof OwnDirectory) return there;
    throw new TypeError(`${this.path}/${name}: expected a directory, found a ${there!.type}`);
  }
  mkdir(name: string, mode: number, by: Creator): number {
    this.#add(name, new OwnDirectory(this.fs, this, name, { mode: mode & ~UMASK & 0o1777, uid: by.fsuid, gid: by.egid }, this.fs.now()));
    return this.#changed();
  }
  symlink(name: string, target: string, by: Creator): number {
    this.#add(name, new OwnLink(this.fs, target, { mode: 0o777, uid: by.fsuid, gid: by.egid }));
    return this.#changed();
  }
  mknod(name: string, type: 'character' | 'block', mode: number, rdev: readonly [number, number], by: Creator): number {
    this.#add(name, new DeviceNode(this.fs, type, rdev, { mode: mode & 0o7777, uid: by.fsuid, gid: by.egid }));
    return this.#changed();
  }
  link(name: string, { inode }: KernelFile): number {
    this.fs.sb.s_names.set(`${this.path}/${name}`, inode);
    inode.i_nlink++;
    return this.#changed();
  }

  rmdir(name: string): number {
    const directory = this.lookup(name) as OwnDirectory;
    for (const _ of directory.names()) return -ENOTEMPTY;
    this.#take(name);
    return this.#changed();
  }
  unlink(name: string): number {
    this.#take(name);
    return this.#changed();
  }

  rename(name: string, to: OwnDirectory, newName: string): number {
    const from = `${this.path}/${name}`;
    this.#moveFiles(from, `${to.path}/${newName}`);
    const node = this.#take(name);
    if (node !== undefined) {
      to.#add(newName, node);
      if (node.type === 'directory') {
        node.parent = to;
        node.name = newName;
      }
    }
    this.#changed();
    return to.#changed();
  }

  /** The kernel's files at and below a path get their new names. */
  #moveFiles(from: string, to: string): void {
    const { s_names } = this.fs.sb;
    const moved: string[] = [];
    const collect = (path: string): void => {
      if (s_names.has(path)) moved.push(path);
      for (const name of s_names.namesIn(path)) collect(`${path}/${name}`);
    };
    collect(from);
    for (const old of moved) {
      const inode = s_names.get(old)!;
      const path = to + old.slice(from.length);
      s_names.delete(old);
      s_names.set(path, inode);
      if (inode.path === old) inode.path = path;
    }
  }
  #add<T extends Own>(name: string, node: T): T {
    this.#own.set(name, node);
    if (node.type === 'directory') this.#directories++;
    return node;
  }
  #take(name: string): Own | undefined {
    const node = this.#own.get(name);
    this.#own.delete(name);
    if (node?.type === 'directory') this.#directories--;
    return node;
  }
  /** A name has come or gone. */
  #changed(): 0 {
    this.times.mtime = this.times.ctime = this.fs.now();
    return 0;
  }
}
const ROOT_OWNS = { mode: 0o755, uid: 0, gid: 0 };
