/**
 * What file systems of the console are made of. Every file system answers in these terms, whether it lies on a simulated disk or shows
 * the kernel's state; path walking, permissions and mounting know nothing else of it.
 */
import type { Inode } from '@pmkit/mm-core/include/linux/fs';
import type { Task } from '@pmkit/mm-core';
import type { Process } from '../process.js';
import type { Stream } from './stream.js';

export type NodeType = 'file' | 'directory' | 'link' | 'character' | 'block';

/** struct kstat. Times are milliseconds since 1970, simulated. */
export interface Attributes {
  /** Permission bits with set-id and sticky bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Bytes. */
  readonly size: number;
  readonly ino: number;
  readonly dev: readonly [major: number, minor: number];
  /** Of a device file: which device it is. */
  readonly rdev?: readonly [major: number, minor: number];
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** What chmod(), chown() and utime() change. */
export type AttributeChange = Partial<Pick<Attributes, 'mode' | 'uid' | 'gid' | 'atime' | 'mtime'>>;

/** Whose credentials something new gets. */
export type Creator = Pick<Task, 'fsuid' | 'egid'>;

interface NodeBase {
  attributes(): Attributes;
  /** Absent: nobody can change them (-EPERM). */
  setAttributes?(change: AttributeChange): void;
}

/** A directory. Names are single components, never `.` or `..`. Results are 0 or a negative errno. */
export interface Directory extends NodeBase {
  readonly type: 'directory';
  lookup(name: string, p: Process): Node | undefined;
  /** Names in it, in no order. */
  names(p: Process): Iterable<string>;
  /** What open(O_CREAT) of a name that is not there says; 0 where an inode of the kernel can be made. */
  readonly createError: number;
  /* Absent: -EPERM. Nothing of that name is there when they are called. */
  mkdir?(name: string, mode: number, by: Creator): number;
  symlink?(name: string, target: string, by: Creator): number;
  mknod?(name: string, type: 'character' | 'block', mode: number, rdev: readonly [number, number], by: Creator): number;
  link?(name: string, file: KernelFile): number;
  /* Absent: -EPERM. The node is there, and is no mount point. A file of the kernel is not removed this way but by unlink(). */
  rmdir?(name: string): number;
  unlink?(name: string): number;
  /** Moves a node of this directory into another one of the same file system, where nothing of that name is. */
  rename?(name: string, to: Directory, newName: string): number;
}

/** A symbolic link. */
export interface Link extends NodeBase {
  readonly type: 'link';
  /** Its text, or a negative errno. */
  target(p: Process): string | number;
  /** A link of /proc that leads to what it stands for, whatever its text says. */
  follow?(p: Process): Node | undefined;
}

/** A regular file of the kernel: an inode with pages. It is opened, read and written by system calls. */
export interface KernelFile extends NodeBase {
  readonly type: 'file';
  readonly inode: Inode;
}

/** A file whose contents are made when it is read, or a device. */
export interface SpecialFile extends NodeBase {
  readonly type: 'file' | 'character' | 'block';
  /** Fails the open() of everybody: 0 or a negative errno. */
  openError?(p: Process, write: boolean): number;
  /** All it says now. Absent: a negative errno is in readError. */
  text?(p: Process): string | number;
  /** An endless device: so many bytes. */
  bytes?(count: number): Uint8Array;
  /** What it stands for, when it is a descriptor of somebody: then nothing of the other ways to read and write it is asked for. */
  stream?(p: Process): Stream | undefined;
  /** One write(2). @returns bytes taken, or a negative errno. Absent: -EINVAL. */
  write?(p: Process, data: Uint8Array): number | Promise<number>;
}

export type Node = Directory | Link | KernelFile | SpecialFile;

export const isKernelFile = (node: Node): node is KernelFile => 'inode' in node;
