/** A disk outlives the kernel that had it mounted: what was on it is found by the next one. Everything in it counts as written. */
import type { Inode } from '@pmkit/mm-core/include/linux/fs';
import type { Contents } from './contents.js';
import { DeviceNode, OwnDirectory, OwnLink, type DiskFs } from './disk.js';
import { isKernelFile, type Attributes, type Node } from './node.js';

/** A file system of a machine that is no more, and where the bytes of its files are. */
export interface OldDisk { readonly fs: DiskFs; readonly contents: Contents }

/** Puts everything that was on a disk on the same disk of the new machine, in place of what is there; programs that are installed anew stay. */
export function copyDisk(old: OldDisk, fs: DiskFs, contents: Contents): void {
  new Copy(old, fs, contents).directory(old.fs.root, fs.root);
}

class Copy {
  readonly #old: OldDisk;
  readonly #fs: DiskFs;
  readonly #contents: Contents;
  /** New inodes by old ones, for files with several names. */
  readonly #made = new Map<Inode, Inode>();

  constructor(old: OldDisk, fs: DiskFs, contents: Contents) {
    this.#old = old;
    this.#fs = fs;
    this.#contents = contents;
  }

  directory(from: OwnDirectory, to: OwnDirectory): void {
    for (const name of from.names()) this.#node(from.lookup(name)!, to, name);
    to.setAttributes(kept(from.attributes()));
  }

  #node(node: Node, to: OwnDirectory, name: string): void {
    if (isKernelFile(node)) {
      this.#file(node.inode, to, name);
      return;
    }
    const attributes = node.attributes();
    const by = { fsuid: attributes.uid, egid: attributes.gid };
    if (node instanceof OwnDirectory) {
      this.directory(node, to.subdirectory(name));
      return;
    }
    if (to.lookup(name) !== undefined) to.unlink(name);
    if (node instanceof OwnLink) to.symlink(name, node.text, by);
    else if (node instanceof DeviceNode) to.mknod(name, node.type, attributes.mode, node.rdev, by);
  }

  #file(old: Inode, to: OwnDirectory, name: string): void {
    const { k, sb } = this.#fs;
    const path = `${to.path}/${name}`;
    const there = sb.s_names.get(path);
    if (there?.program !== undefined && old.program !== undefined) return;
    if (there !== undefined) k.vfs_unlink(there, path);
    const made = this.#made.get(old);
    if (made !== undefined) {
      to.link(name, this.#fs.file(made));
      return;
    }
    const inode = k.new_inode(sb, path, old.i_size, old.i_mode);
    this.#made.set(old, inode);
    if (old.program !== undefined) inode.program = old.program;
    this.#contents.move(this.#old.contents, old, inode);
    const node = this.#fs.file(inode);
    node.setAttributes!(kept(this.#old.fs.file(old).attributes()));
  }
}

/** Owner, mode and times. */
const kept = ({ mode, uid, gid, atime, mtime }: Attributes): Pick<Attributes, 'mode' | 'uid' | 'gid' | 'atime' | 'mtime'> => ({ mode, uid, gid, atime, mtime });
