/** mount(2), umount(2) and what mkfs writes on a disk. */
import { EBUSY, EINVAL, ENODEV, ENOENT, ENOTBLK, ENOTDIR, EPERM } from '@pmkit/mm-core/include/linux/errno';
import type { BlockDevice, FsType, SuperBlock } from '@pmkit/mm-core/include/linux/fs';
import { CAP_SYS_ADMIN } from '@pmkit/mm-core/include/linux/sched';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Process } from '../process.js';
import type { Contents } from './contents.js';
import { CpusetFs } from './cpuset-fs.js';
import { DISKS } from './devices.js';
import { DiskFs, type Drivers } from './disk.js';
import type { Mount, Mounts } from './mounts.js';
import type { Directory, SpecialFile } from './node.js';
import { capable } from './permission.js';
import { procRoot } from './proc.js';
import { copyDisk, type OldDisk } from './survive.js';
import { sysRoot } from './sysfs.js';

export interface MountRequest {
  /** ext2, ext3, xfs, tmpfs, proc, sysfs or cpuset. */
  readonly type: string;
  /** A block device, for those that need one; otherwise any word. */
  readonly source: string;
  readonly target: string;
}

const DISK_TYPES: ReadonlySet<string> = new Set(['ext2', 'ext3', 'xfs']);
/** ms a page of I/O takes on a disk that is added: as on sda. */
const MS_PER_PAGE = 1;
/** Bytes of a block as mkfs makes them, if a page is not smaller. */
const BLOCK_SIZE = 4096;

/** What is on a disk: the type mkfs gave it, its file system once it was mounted, or what it had on it before the machine was rebooted. */
interface Format { readonly type: FsType; fs: DiskFs | null; old: OldDisk | null }

/** Where walks find nodes; the same as Files.place(). */
type Find = (p: Process, path: string) => { readonly path: string; readonly node: unknown };

export class Mounting {
  readonly #k: AnyKernel;
  readonly #mounts: Mounts;
  readonly #drivers: Drivers;
  readonly #contents: Contents;
  readonly #find: Find;
  /** By the disk's name. */
  readonly #formats = new Map<string, Format>();
  /** Of proc, sysfs and cpuset there is one each, however often it is mounted. */
  readonly #single = new Map<string, Directory>();

  constructor(k: AnyKernel, mounts: Mounts, drivers: Drivers, contents: Contents, find: Find) {
    this.#k = k;
    this.#contents = contents;
    this.#mounts = mounts;
    this.#drivers = drivers;
    this.#find = find;
  }

  /** Mounts what the kernel has mounted itself when it came up: the root and /dev/shm. */
  adopt(sb: SuperBlock): DiskFs {
    const fs = new DiskFs(this.#k, sb, this.#drivers);
    if (sb.bdev !== null) this.#formats.set(sb.bdev.name, { type: sb.s_type, fs, old: null });
    this.#mounts.add({ type: sb.s_type, source: sb.bdev === null ? 'none' : `/dev/${sb.bdev.name}`, target: sb.s_root, root: fs.root, disk: fs });
    return fs;
  }
  /** After a reboot: the disks of the machine before. Those that are mounted by now have their files at once, the others when they are mounted. */
  inherit(before: Mounting): void {
    for (const [name, { type, fs, old }] of before.#formats) {
      const disk = fs === null ? old : { fs, contents: before.#contents };
      const mounted = this.#formats.get(name)?.fs;
      if (mounted !== undefined && mounted !== null && disk !== null) copyDisk(disk, mounted, this.#contents);
      else this.#formats.set(name, { type, fs: null, old: disk });
    }
  }
  /** Mounts one of those that are on no disk, without asking. */
  mountVirtual(type: string, source: string, target: string): void {
    this.#mounts.add({ type, source, target, root: this.#virtualRoot(type)!, disk: null });
  }

  /** mount(2). 0, or -EPERM, -ENOENT, -ENOTDIR, -ENODEV (no such type), -ENOTBLK, -EBUSY, -EINVAL (no such file system on the disk). */
  mount(p: Process, { type, source, target }: MountRequest): number {
    if (!capable(p.task, CAP_SYS_ADMIN)) return -EPERM;
    const at = this.#find(p, target);
    const directory = at.node as { readonly type: string } | undefined;
    if (directory === undefined) return -ENOENT;
    if (directory.type !== 'directory') return -ENOTDIR;
    const there = this.#mounts.at(at.path);
    if (at.path === '/') return -EBUSY; // a root that nobody could leave
    if (there !== undefined && there.root === this.#single.get(type)) return -EBUSY; // do_add_mount(): the same file system, whatever it is called
    if (DISK_TYPES.has(type)) return this.#mountDisk(p, type as FsType, source, at.path);
    if (type === 'tmpfs') {
      const fs = new DiskFs(this.#k, this.#k.new_super_block('tmpfs', at.path, null, 0), this.#drivers);
      this.#mounts.add({ type, source, target: at.path, root: fs.root, disk: fs });
      return 0;
    }
    if (this.#virtualRoot(type) === undefined) return -ENODEV;
    this.mountVirtual(type, source, at.path);
    return 0;
  }

  /** What must be true for umount(2): 0, or -EPERM, -EINVAL (no mount point), -EBUSY (in use). */
  mayUnmount(p: Process, target: string): number {
    if (!capable(p.task, CAP_SYS_ADMIN)) return -EPERM;
    const { path, node } = this.#find(p, target);
    if (node === undefined) return -ENOENT;
    const mount = this.#mounts.at(path);
    if (mount === undefined) return -EINVAL;
    return path === '/' || this.#mounts.anyBelow(path) || this.#isInUse(p, mount) ? -EBUSY : 0;
  }
  /** The mount of a target for which mayUnmount() said 0. */
  mountAt(p: Process, target: string): Mount {
    return this.#mounts.at(this.#find(p, target).path)!;
  }

  /** Writes an empty file system on a disk. 0, or -ENOENT, -ENOTBLK, -EBUSY (mounted, or swap), -EINVAL (no type that lies on disks). */
  format(p: Process, source: string, type: string): number {
    const disk = this.disk(p, source);
    if (typeof disk === 'number') return disk;
    if (!DISK_TYPES.has(type)) return -EINVAL;
    if (this.#isTaken(disk)) return -EBUSY;
    this.#formats.set(disk.name, { type: type as FsType, fs: null, old: null });
    return 0;
  }

  #mountDisk(p: Process, type: FsType, source: string, target: string): number {
    const disk = this.disk(p, source);
    if (typeof disk === 'number') return disk;
    const format = this.#formats.get(disk.name);
    // ext2 and ext3 read each other's disks
    if (format === undefined || (format.type === 'xfs') !== (type === 'xfs')) return -EINVAL;
    if (this.#isTaken(disk)) return -EBUSY;
    if (format.fs === null) {
      format.fs = new DiskFs(this.#k, this.#k.new_super_block(type, target, disk, Math.min(BLOCK_SIZE, this.#k.m.PAGE_SIZE)), this.#drivers);
      if (format.old !== null) copyDisk(format.old, format.fs, this.#contents);
      format.old = null;
    } else this.#putBack(format.fs.sb, target);
    this.#mounts.add({ type: format.fs.sb.s_type, source, target, root: format.fs.root, disk: format.fs });
    return 0;
  }
  /** A disk that was unmounted: its inodes are known still, by the names they had then. */
  #putBack(sb: SuperBlock, target: string): void {
    const old = sb.s_root;
    Object.assign(sb, { s_root: target });
    for (const [path, inode] of [...sb.s_names]) {
      const name = target + path.slice(old.length);
      sb.s_names.delete(path);
      sb.s_names.set(name, inode);
      if (inode.path === path) inode.path = name;
    }
    this.#k.m.super_blocks.push(sb);
  }

  #virtualRoot(type: string): Directory | undefined {
    const there = this.#single.get(type);
    if (there !== undefined) return there;
    const k = this.#k;
    let root: Directory;
    if (type === 'proc') root = procRoot(k, this.#mounts);
    else if (type === 'sysfs') root = sysRoot(k);
    else if (type === 'cpuset' && k.m.config.CONFIG_CPUSETS) root = new CpusetFs(k).root;
    else return undefined;
    this.#single.set(type, root);
    return root;
  }

  /** The disk behind a device node; -ENOENT, -ENOTBLK or -ENODEV when there is none. */
  disk(p: Process, source: string): BlockDevice | number {
    const { node } = this.#find(p, source) as { readonly node: SpecialFile | undefined };
    if (node === undefined) return -ENOENT;
    const { rdev } = node.attributes();
    if (node.type !== 'block' || rdev === undefined) return -ENOTBLK;
    const [major, minor] = rdev;
    const known = [...this.#k.m.bdevs.values()].find(({ dev }) => dev[0] === major && dev[1] === minor);
    if (known !== undefined) return known;
    const disk = DISKS.find(([, diskMajor, diskMinor]) => diskMajor === major && diskMinor === minor);
    return disk === undefined ? -ENODEV : this.#k.add_disk(disk[0], major, minor, MS_PER_PAGE);
  }
  /** The file system that is on a disk, as blkid would find it. */
  typeOn(disk: BlockDevice): FsType | undefined {
    return this.#formats.get(disk.name)?.type;
  }
  #isTaken(disk: BlockDevice): boolean {
    const { m } = this.#k;
    return m.super_blocks.some(({ bdev }) => bdev === disk) || m.swap_info.some(area => area?.bdev === disk);
  }
  #isInUse({ box }: Process, { target, disk }: Mount): boolean {
    for (const inode of disk?.sb.inodes.values() ?? []) if (inode.i_count > 0) return true;
    for (const task of this.#k.m.tasks.values()) {
      const cwd = task.mm === null ? undefined : box.processes.get(task)?.cwd;
      if (cwd !== undefined && `${cwd}/`.startsWith(`${target}/`)) return true;
    }
    return false;
  }
}
