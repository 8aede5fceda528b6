/**
 * All files of the console's machine, in one tree. Whoever reads, writes or changes something does it as a process: with its rights and
 * working directory, and through its system calls wherever the simulated kernel has the call.
 *
 * Modelled: directories, links, modes of what is no inode and times, which the kernel model has not (see disk.ts), and the bytes in files (contents.ts).
 * Nothing here touches the host's file system.
 */
import { EACCES, EBUSY, EEXIST, EFBIG, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, ENXIO, EPERM, ETXTBSY, EXDEV } from '@pmkit/mm-core/include/linux/errno';
import { O_ACCMODE, O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAY_READ, MAY_WRITE, type BlockDevice, type Inode } from '@pmkit/mm-core/include/linux/fs';
import { VM_DENYWRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { CAP_CHOWN } from '@pmkit/mm-core/include/linux/sched';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Process } from '../process.js';
import { timeOfDay } from './clock.js';
import { Contents } from './contents.js';
import { driversOf } from './devices.js';
import type { DiskFs } from './disk.js';
import { FileError } from './error.js';
import { Mounting, type MountRequest } from './mounting.js';
import { Mounts } from './mounts.js';
import { isKernelFile, type Attributes, type Directory, type Node, type NodeType, type SpecialFile } from './node.js';
import { KernelOpenFile, READ_MAX, SpecialOpenFile, type OpenFile } from './open-file.js';
import { capable, mayChange, mayDelete, mayOwn, permission } from './permission.js';
import { makeStandardTree, VIRTUAL_MOUNTS } from './standard-tree.js';
import { FileStream, type Stream } from './stream.js';
import { walk, type Place } from './walk.js';

/** What stat() says. */
export interface Stat extends Attributes { readonly type: NodeType }

export interface WriteOptions {
  /** Adds to the file instead of replacing what is in it. */
  readonly append?: boolean;
  /** Fails with EEXIST when the file is there. */
  readonly exclusive?: boolean;
  /** Of a new file, before the umask of 022; default 0666. */
  readonly mode?: number;
}

/** How much of an endless device read() of a whole file gives. */
const ENDLESS_READ = 1 << 20;
/** How much is copied at a time. */
const CHUNK = 1 << 20;

/** All methods throw {FileError}; those that are async throw {Killed} when the process does not survive its system call. */
export class Files {
  readonly k: AnyKernel;
  readonly mounts = new Mounts();
  readonly contents = new Contents();
  /** Files without a name that somebody may have open still. */
  #unnamed: Inode[] = [];
  /** The end of what a process does with files: one thing after the other, whatever its program starts at once. */
  readonly #turns = new WeakMap<Process, Promise<unknown>>();

  readonly #mounting: Mounting;

  /**
   * The files of a machine that has just been booted: what its kernel has mounted, the tree of ./standard-tree.ts on it, and /proc, /sys and /dev/cpuset.
   * @param users uids that need a home besides the usual ones
   * @param before the files of the machine before a reboot: what was on its disks is there again
   */
  constructor(k: AnyKernel, users: readonly number[] = [], before: Files | null = null) {
    this.k = k;
    this.#mounting = new Mounting(k, this.mounts, driversOf(k), this.contents, (p, path) => this.place(p, path, 'mount'));
    // the root comes first in m.super_blocks; what is mounted inside the kernel only has no name
    for (const sb of k.m.super_blocks) {
      if (sb.s_root === '') continue;
      const disk = this.#mounting.adopt(sb);
      if (sb.s_root === '/') makeStandardTree(k, disk, this.contents, users);
    }
    for (const [type, target] of VIRTUAL_MOUNTS) {
      if (type !== 'cpuset' || k.m.config.CONFIG_CPUSETS) this.#mounting.mountVirtual(type, 'none', target);
    }
    if (before !== null) this.#mounting.inherit(before.#mounting);
  }

  /* ---- looking: no system call, no time ---- */

  /** Where a path leads. `follow`: through a link at its end. */
  place(p: Process, path: string, operation = 'stat', follow = true): Place {
    return walk(this.mounts, p, path, follow, operation);
  }
  /**
   * The path by which the simulated kernel knows a file, for system calls that take one. The file need not exist; when a directory on the way does not, or
   * cannot be searched, it is '', which every call refuses with -ENOENT.
   */
  canonical(p: Process, path: string): string {
    try {
      return this.place(p, path, 'open').path;
    } catch (error) {
      if (error instanceof FileError) return '';
      throw error;
    }
  }
  stat(p: Process, path: string): Stat {
    return statOf(this.#there(this.place(p, path, 'stat'), path, 'stat'));
  }
  lstat(p: Process, path: string): Stat {
    return statOf(this.#there(this.place(p, path, 'lstat', false), path, 'lstat'));
  }
  exists(p: Process, path: string): boolean {
    try {
      return this.place(p, path).node !== undefined;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }
  /** access(): whether the process may do that, `mask` of MAY_READ, MAY_WRITE, MAY_EXEC. False for what is not there. */
  access(p: Process, path: string, mask: number): boolean {
    if (!this.exists(p, path)) return false;
    const node = this.place(p, path).node!;
    return permission(p.task, node, node.attributes(), mask) === 0;
  }
  /** Names in a directory, sorted by their bytes, without `.` and `..`. */
  list(p: Process, path: string): string[] {
    const node = this.#directory(p, path, 'scandir');
    check(permission(p.task, node, node.attributes(), MAY_READ), 'scandir', path);
    return [...node.names(p)].sort();
  }
  /** The same with what each is, links not followed. */
  listTypes(p: Process, path: string): { readonly name: string; readonly type: NodeType }[] {
    const node = this.#directory(p, path, 'scandir');
    return this.list(p, path).flatMap(name => {
      const entry = node.lookup(name, p);
      return entry === undefined ? [] : [{ name, type: entry.type }];
    });
  }
  readlink(p: Process, path: string): string {
    const node = this.#there(this.place(p, path, 'readlink', false), path, 'readlink');
    if (node.type !== 'link') throw new FileError(EINVAL, 'readlink', path);
    const target = node.target(p);
    if (typeof target === 'number') throw new FileError(-target, 'readlink', path);
    if (target === '') throw new FileError(ENOENT, 'readlink', path);
    return target;
  }
  realpath(p: Process, path: string): string {
    const place = this.place(p, path, 'realpath');
    this.#there(place, path, 'realpath');
    return place.path;
  }

  /* ---- reading and writing ---- */

  /**
   * open(2).
   * @param flags O_RDONLY and so on of asm-ia64/fcntl.h
   * @param mode of a new file, before the umask
   */
  open(p: Process, path: string, flags: number, mode = 0o666): Promise<OpenFile> {
    return this.#inTurn(p, () => this.#open(p, path, flags, mode));
  }
  /** The same for who shares it with processes that he forks. */
  openStream(p: Process, path: string, flags: number): Promise<Stream> {
    return this.#inTurn(p, async () => new FileStream(await this.#open(p, path, flags, 0o666)));
  }
  /** The same for who wants a descriptor of the task. @returns it, or a negative errno: -ENXIO for what has no inode. */
  async descriptor(p: Process, path: string, flags: number, mode?: number): Promise<number> {
    try {
      const file = await this.open(p, path, flags, mode);
      return file instanceof KernelOpenFile ? file.fd : -ENXIO;
    } catch (error) {
      if (error instanceof FileError) return -error.errno;
      throw error;
    }
  }
  /** All of a file, which fails with EFBIG when that is more than 64 MB: then read it in pieces. Of a device without an end the first megabyte. */
  read(p: Process, path: string): Promise<Uint8Array> {
    return this.#inTurn(p, async () => {
      const size = this.#sizeToRead(p, path);
      if (size > READ_MAX && size < Infinity) throw new FileError(EFBIG, 'read', path);
      const file = await this.#open(p, path, O_RDONLY, 0);
      return using(file, () => (size === Infinity ? readAll(file) : file.read(size)));
    });
  }
  /** The same as text. Views of the kernel are text to begin with. */
  async readText(p: Process, path: string): Promise<string> {
    const { node } = this.place(p, path, 'open');
    if (node === undefined || node.type === 'directory' || node.type === 'link' || isKernelFile(node) || node.text === undefined) {
      return decoder.decode(await this.read(p, path));
    }
    this.#mayOpen(p, node, path, O_RDONLY);
    const text = node.text(p);
    if (typeof text === 'number') throw new FileError(-text, 'read', path);
    return text;
  }
  /** Replaces what is in a file, or makes it. Nothing to write is no write(2), only the open(). */
  write(p: Process, path: string, data: Uint8Array, { append = false, exclusive = false, mode = 0o666 }: WriteOptions = {}): Promise<void> {
    const flags = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC) | (exclusive ? O_EXCL : 0);
    return this.#inTurn(p, async () => {
      const file = await this.#open(p, path, flags, mode);
      await using(file, () => writeAll(file, data));
    });
  }
  /** Cuts a file off, or lets it grow by a hole. */
  truncate(p: Process, path: string, length: number): Promise<void> {
    return this.#inTurn(p, async () => {
      const file = await this.#open(p, path, O_RDWR, 0);
      await using(file, () => file.truncate(length));
    });
  }
  /** Copies bytes and mode of a file, a piece at a time; what was in `to` is replaced. A copy of a program is a program. */
  copy(p: Process, from: string, to: string): Promise<void> {
    return this.#inTurn(p, async () => {
      const { mode } = this.stat(p, from);
      const source = await this.#open(p, from, O_RDONLY, 0);
      await using(source, async () => {
        if (this.exists(p, to) && this.#same(p, from, to)) throw new FileError(EINVAL, 'copy', to);
        const target = await this.#open(p, to, O_WRONLY | O_CREAT | O_TRUNC, mode);
        await using(target, () => this.#copyAll(source, target));
      });
    });
  }

  /* ---- names ---- */

  mkdir(p: Process, path: string, mode = 0o777): Promise<void> {
    return this.#change(p, 'mkdir', [path, mode], path, () => this.#make(p, path, 'mkdir', false, (parent, name) => parent.mkdir?.(name, mode, p.task)));
  }
  symlink(p: Process, target: string, path: string): Promise<void> {
    return this.#change(p, 'symlink', [target, path], path, () =>
      (target === '' ? -ENOENT : this.#make(p, path, 'symlink', true, (parent, name) => parent.symlink?.(name, target, p.task))));
  }
  link(p: Process, existing: string, path: string): Promise<void> {
    return this.#change(p, 'link', [existing, path], path, () => {
      const from = this.place(p, existing, 'link', false);
      const node = this.#there(from, existing, 'link');
      if (!isKernelFile(node)) return -EPERM;
      return this.#make(p, path, 'link', true, (parent, name, mount) => (mount === from.mount ? parent.link?.(name, node) : -EXDEV));
    });
  }
  rmdir(p: Process, path: string): Promise<void> {
    return this.#change(p, 'rmdir', [path], path, () => this.#rmdir(p, path));
  }
  /** unlink(2): everything but a directory. */
  unlink(p: Process, path: string): Promise<void> {
    return this.#inTurn(p, async () => {
      const place = this.place(p, path, 'unlink', false);
      const node = this.#there(place, path, 'unlink');
      if (node.type === 'directory') throw new FileError(EISDIR, 'unlink', path);
      check(mayDelete(p.task, place.parent!, node), 'unlink', path);
      if (!isKernelFile(node)) {
        check(await p.inKernel('unlink', [place.path], () => place.parent!.unlink?.(place.name) ?? -EPERM), 'unlink', path);
        return;
      }
      check(await p.sys('unlink', place.path), 'unlink', path);
      this.#touch(place.parent!);
      this.#forget(node.inode);
    });
  }
  /** unlink() or rmdir(); `recursive`: with everything below it. A link is removed, not what it leads to. */
  async remove(p: Process, path: string, { recursive = false } = {}): Promise<void> {
    if (this.lstat(p, path).type !== 'directory') return this.unlink(p, path);
    if (recursive) {
      const prefix = path.endsWith('/') ? path : `${path}/`;
      for (const name of this.list(p, path)) await this.remove(p, `${prefix}${name}`, { recursive });
    }
    return this.rmdir(p, path);
  }
  /** rename(2). What was at the new path is removed first: not at the same moment, as the kernel model has no rename(). */
  async rename(p: Process, from: string, to: string): Promise<void> {
    const old = this.place(p, from, 'rename', false);
    const target = this.place(p, to, 'rename', false);
    const error = this.#mayRename(p, old, target);
    if (error !== 0) throw new FileError(-error, 'rename', from);
    if (old.path === target.path || (target.node !== undefined && this.#sameNode(old.node!, target.node))) return;
    if (target.node !== undefined) await (target.node.type === 'directory' ? this.rmdir(p, to) : this.unlink(p, to));
    await this.#change(p, 'rename', [old.path, target.path], from, () => old.parent!.rename!(old.name, target.parent!, target.name));
  }
  mknod(p: Process, path: string, type: 'character' | 'block', mode: number, rdev: readonly [number, number]): Promise<void> {
    return this.#change(p, 'mknod', [path, mode], path, () =>
      (p.task.euid === 0 ? this.#make(p, path, 'mknod', true, (parent, name) => parent.mknod?.(name, type, mode, rdev, p.task)) : -EPERM));
  }

  /* ---- mounting ---- */

  /** mount(2): see Mounting for what it refuses. */
  mount(p: Process, request: MountRequest): Promise<void> {
    const { source, target, type } = request;
    return this.#change(p, 'mount', [source, target, type], target, () => this.#mounting.mount(p, request));
  }
  /** umount(2). What is on a disk is written there first, and is seen again when it is mounted again; what is in a tmpfs is gone. */
  umount(p: Process, target: string): Promise<void> {
    return this.#inTurn(p, async () => {
      check(this.#mounting.mayUnmount(p, target), 'umount', target);
      const mount = this.#mounting.mountAt(p, target);
      if (mount.disk !== null) await this.#emptyCaches(p, mount.disk);
      check(await p.inKernel('umount', [target], () => {
        this.mounts.remove(mount);
        if (mount.disk !== null) this.k.m.super_blocks.splice(this.k.m.super_blocks.indexOf(mount.disk.sb), 1);
        return 0;
      }), 'umount', target);
    });
  }
  /** The disk behind a device node, or a negative errno. */
  disk(p: Process, device: string): BlockDevice | number {
    try {
      return this.#mounting.disk(p, device);
    } catch (error) {
      if (error instanceof FileError) return -error.errno;
      throw error;
    }
  }
  /** What kind of file system is on the disk behind a device node: ext2, ext3 or xfs; undefined for none. */
  typeOn(p: Process, device: string): string | undefined {
    const disk = this.disk(p, device);
    return typeof disk === 'number' ? undefined : this.#mounting.typeOn(disk);
  }
  /** What mkfs does: an empty file system of that type on a disk. */
  format(p: Process, device: string, type: string): Promise<void> {
    return this.#change(p, 'mkfs', [device, type], device, () =>
      (this.access(p, device, MAY_WRITE) || !this.exists(p, device) ? this.#mounting.format(p, device, type) : -EACCES));
  }

  /* ---- attributes ---- */

  chmod(p: Process, path: string, mode: number): Promise<void> {
    return this.#change(p, 'chmod', [path, mode], path, () => {
      const node = this.#there(this.place(p, path, 'chmod'), path, 'chmod');
      const error = mayOwn(p.task, node.attributes());
      if (error === 0 && node.setAttributes === undefined) return -EPERM;
      if (error === 0) node.setAttributes!({ mode: mode & 0o7777 });
      return error;
    });
  }
  /** chown(2), which follows links; -1 leaves an id as it is. Only root gives files away; the owner may give them his own group. */
  chown(p: Process, path: string, uid: number, gid: number): Promise<void> {
    return this.#change(p, 'chown', [path, uid, gid], path, () => {
      const node = this.#there(this.place(p, path, 'chown'), path, 'chown');
      const is = node.attributes();
      const toOwnGroup = is.uid === p.task.fsuid && (uid === -1 || uid === is.uid) && (gid === -1 || gid === is.gid || gid === p.task.egid);
      if (node.setAttributes === undefined || (!toOwnGroup && !capable(p.task, CAP_CHOWN))) return -EPERM;
      node.setAttributes({ ...(uid === -1 ? {} : { uid }), ...(gid === -1 ? {} : { gid }) });
      return 0;
    });
  }
  /** utimes(2), in milliseconds since 1970; null: now, which everybody may say who may write. */
  utimes(p: Process, path: string, times: { readonly atime: number; readonly mtime: number } | null): Promise<void> {
    return this.#change(p, 'utimes', [path], path, () => {
      const node = this.#there(this.place(p, path, 'utime'), path, 'utime');
      const is = node.attributes();
      let error = mayOwn(p.task, is);
      if (error !== 0 && times === null) error = permission(p.task, node, is, MAY_WRITE);
      if (error !== 0) return times === null ? -EACCES : error;
      const now = timeOfDay(this.k.m);
      node.setAttributes?.(times ?? { atime: now, mtime: now });
      return 0;
    });
  }

  /* ---- inside ---- */

  /** Lets a process do one thing with files after the other, also when its program starts several at once (Promise.all). */
  #inTurn<T>(p: Process, action: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(p) ?? Promise.resolve();
    const mine = before.then(action);
    this.#turns.set(p, mine.catch(() => undefined));
    return mine;
  }
  #change(p: Process, call: string, args: readonly unknown[], path: string, action: () => number): Promise<void> {
    return this.#inTurn(p, async () => {
      let failure: unknown;
      const result = await p.inKernel(call, args, () => {
        try {
          return action();
        } catch (error) {
          if (!(error instanceof FileError)) throw error;
          failure = error;
          return -error.errno;
        }
      });
      if (failure instanceof FileError) throw failure;
      check(result, call, path);
    });
  }

  /** invalidate_inodes() of a file system that goes away: after it no page of it is in memory. */
  async #emptyCaches(p: Process, { sb }: DiskFs): Promise<void> {
    const { k } = this;
    if (sb.bdev === null) {
      const inodes = [...sb.inodes.values()];
      await p.inKernel('umount', [sb.s_root], () => {
        for (const [path, inode] of [...sb.s_names]) k.vfs_unlink(inode, path);
        return 0;
      });
      for (const inode of inodes) this.contents.forget(inode);
      return;
    }
    await p.sys('sync');
    await p.inKernel('umount', [sb.s_root], function* () {
      for (const { i_mapping } of sb.inodes.values()) yield* k.truncate_inode_pages(i_mapping, 0);
      if (sb.bt_mapping !== null) yield* k.truncate_inode_pages(sb.bt_mapping, 0);
      return 0;
    });
  }

  #there({ node }: Place, path: string, operation: string): Node {
    if (node === undefined) throw new FileError(ENOENT, operation, path);
    return node;
  }
  #directory(p: Process, path: string, operation: string): Directory {
    const node = this.#there(this.place(p, path, operation), path, operation);
    if (node.type !== 'directory') throw new FileError(ENOTDIR, operation, path);
    return node;
  }

  async #open(p: Process, path: string, flags: number, mode: number): Promise<KernelOpenFile | SpecialOpenFile> {
    const place = this.place(p, path, 'open', (flags & O_EXCL) === 0 || (flags & O_CREAT) === 0);
    const { node } = place;
    if (node === undefined) this.#mayCreate(p, place, path, flags);
    else {
      if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw new FileError(EEXIST, 'open', path);
      if (node.type === 'directory') throw new FileError(EISDIR, 'open', path);
      if (node.type !== 'link' && !isKernelFile(node)) {
        this.#mayOpen(p, node, path, flags);
        return new SpecialOpenFile(p, node, path, flags);
      }
      const writes = (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0;
      if (writes && isKernelFile(node) && isExecuted(node.inode) && permission(p.task, node, node.attributes(), MAY_WRITE) === 0) throw new FileError(ETXTBSY, 'open', path);
    }
    const fd = await p.sys('open', place.path, flags, mode);
    check(fd, 'open', path);
    const { disk } = place.mount;
    const inode = p.task.files.get(fd)!.f_inode;
    if (node === undefined) this.#touch(place.parent!);
    if (node === undefined || (flags & O_TRUNC) !== 0) {
      delete inode.program;
      this.contents.truncated(inode);
      disk!.modified(inode);
    }
    return new KernelOpenFile(p, fd, path, disk!, this.contents);
  }
  #mayCreate(p: Process, { parent, slash }: Place, path: string, flags: number): void {
    if ((flags & O_CREAT) === 0) throw new FileError(ENOENT, 'open', path);
    if (slash) throw new FileError(EISDIR, 'open', path);
    if (parent!.createError !== 0) throw new FileError(-parent!.createError, 'open', path);
    check(mayChange(p.task, parent!), 'open', path);
  }
  #mayOpen(p: Process, node: SpecialFile, path: string, flags: number): void {
    const access = flags & O_ACCMODE;
    const mask = access === O_RDONLY ? MAY_READ : access === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
    check(permission(p.task, node, node.attributes(), mask), 'open', path);
    check(node.openError?.(p, (mask & MAY_WRITE) !== 0) ?? 0, 'open', path);
  }

  #sizeToRead(p: Process, path: string): number {
    const { node } = this.place(p, path, 'open');
    if (node === undefined || node.type === 'directory' || node.type === 'link') return 0;
    if (isKernelFile(node)) return node.inode.i_size;
    return node.bytes === undefined ? Infinity : ENDLESS_READ;
  }
  async #copyAll(source: OpenFile, target: OpenFile): Promise<void> {
    for (;;) {
      const data = await source.read(CHUNK);
      if (data.length === 0) break;
      await writeAll(target, data);
    }
    if (source instanceof KernelOpenFile && target instanceof KernelOpenFile && source.inode.program !== undefined) target.inode.program = source.inode.program;
  }

  /** Makes a name in a directory. `slashIsError`: only directories can be named with a slash at the end. */
  #make(p: Process, path: string, operation: string, slashIsError: boolean, make: (parent: Directory, name: string, mount: Place['mount']) => number | undefined): number {
    const { node, parent, name, slash, mount } = this.place(p, path, operation, false);
    if (node !== undefined || parent === null) return -EEXIST;
    if (slash && slashIsError) return -ENOENT;
    const error = mayChange(p.task, parent);
    return error === 0 ? make(parent, name, mount) ?? -EPERM : error;
  }
  #rmdir(p: Process, path: string): number {
    const place = this.place(p, path, 'rmdir', false);
    const { node, parent, name } = place;
    // do_rmdir(): LAST_DOTDOT and LAST_DOT
    if (/(^|\/)\.\.\/*$/.test(path)) return -ENOTEMPTY;
    if (/(^|\/)\.\/*$/.test(path)) return -EINVAL;
    if (this.#there(place, path, 'rmdir').type !== 'directory') return -ENOTDIR;
    if (this.#isMounted(place)) return -EBUSY;
    if (parent === null) return -EBUSY;
    const error = mayDelete(p.task, parent, node!);
    return error === 0 ? parent.rmdir?.(name) ?? -EPERM : error;
  }
  /** A name in a directory has come or gone. */
  #touch(directory: Directory): void {
    directory.setAttributes?.({ mtime: timeOfDay(this.k.m) });
  }
  /** Something is mounted on a directory, or below it. */
  #isMounted({ path }: Place): boolean {
    return this.mounts.at(path) !== undefined || this.mounts.anyBelow(path);
  }

  #mayRename(p: Process, old: Place, target: Place): number {
    if (old.node === undefined) return -ENOENT;
    if (old.parent === null || target.parent === null || this.#isMounted(old) || (target.node !== undefined && this.#isMounted(target))) return -EBUSY;
    if (old.mount !== target.mount) return -EXDEV;
    const isDirectory = old.node.type === 'directory';
    if (isDirectory && `${target.path}/`.startsWith(`${old.path}/`) && target.path !== old.path) return -EINVAL;
    if (!isDirectory && target.slash) return -ENOTDIR;
    if (target.node !== undefined && isDirectory !== (target.node.type === 'directory')) return isDirectory ? -ENOTDIR : -EISDIR;
    const error = mayDelete(p.task, old.parent, old.node);
    if (error !== 0) return error;
    const mayReplace = target.node === undefined ? mayChange(p.task, target.parent) : mayDelete(p.task, target.parent, target.node);
    return mayReplace === 0 && old.parent.rename === undefined ? -EPERM : mayReplace;
  }
  #sameNode(a: Node, b: Node): boolean {
    return a === b || (isKernelFile(a) && isKernelFile(b) && a.inode === b.inode);
  }
  #same(p: Process, a: string, b: string): boolean {
    return this.#sameNode(this.place(p, a).node!, this.place(p, b).node!);
  }

  /** The bytes of a file without a name go when nobody has it open any more. */
  #forget(inode: Inode): void {
    if (inode.i_nlink === 0) this.#unnamed.push(inode);
    this.#unnamed = this.#unnamed.filter(one => {
      if (one.i_count === 0) this.contents.forget(one);
      return one.i_count > 0;
    });
  }
}

const decoder = new TextDecoder();

/** deny_write_access(): somebody runs the program in the file. The kernel model does not count it in the inode; its vmas say so. */
function isExecuted({ i_mapping }: Inode): boolean {
  for (let vma = i_mapping.i_mmap; vma !== null; vma = vma.shared_next) if ((vma.vm_flags & VM_DENYWRITE) !== 0) return true;
  return false;
}

const statOf = (node: Node): Stat => ({ type: node.type, ...node.attributes() });

function check(result: number, operation: string, path: string): void {
  if (result < 0) throw new FileError(-result, operation, path);
}

async function using<T>(file: OpenFile, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    await file.close();
  }
}

async function readAll(file: OpenFile): Promise<Uint8Array> {
  const first = await file.read(READ_MAX);
  const pieces = [first];
  for (let piece = first; piece.length > 0; pieces.push(piece)) piece = await file.read(READ_MAX);
  return pieces.length === 2 ? first : Buffer.concat(pieces);
}

async function writeAll(file: OpenFile, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) at += await file.write(at === 0 ? data : data.subarray(at));
}
