/** What is mounted where: the list /proc/mounts shows, and the trees that paths go through. */
import { escapePath } from '../../views/index.js';
import type { DiskFs } from './disk.js';
import type { Directory } from './node.js';

/** mangle(): these would break a line of fields. */
const BLANKS = ' \t\n\\';

export interface Mount {
  /** ext2, ext3, xfs, tmpfs, proc, sysfs, cpuset. */
  readonly type: string;
  /** As mount(2) was told: a device node, or any word for a file system without one. */
  readonly source: string;
  /** Canonical path of the mount point. */
  readonly target: string;
  readonly root: Directory;
  /** The kernel's super block, for those that have one. */
  readonly disk: DiskFs | null;
}

export class Mounts {
  /** In the order in which they were mounted; of those on one directory the last is seen. */
  readonly #list: Mount[] = [];
  readonly #top = new Map<string, Mount>();

  add(mount: Mount): void {
    this.#list.push(mount);
    this.#top.set(mount.target, mount);
  }
  remove(mount: Mount): void {
    this.#list.splice(this.#list.indexOf(mount), 1);
    const below = this.#list.findLast(({ target }) => target === mount.target);
    if (below === undefined) this.#top.delete(mount.target);
    else this.#top.set(mount.target, below);
  }
  /** What is mounted on a directory, and seen there. */
  at(path: string): Mount | undefined {
    return this.#top.get(path);
  }
  /** Whether something is mounted below a directory. */
  anyBelow(path: string): boolean {
    const prefix = path === '/' ? '/' : `${path}/`;
    return this.#list.some(({ target }) => target !== '/' && target.startsWith(prefix));
  }
  [Symbol.iterator](): Iterator<Mount> {
    return this.#list[Symbol.iterator]();
  }

  /** /proc/mounts (show_vfsmnt() of fs/namespace.c): one line each, blanks in names as octal. Options are not modelled: all are mounted read-write. */
  text(): string {
    return `rootfs / rootfs rw 0 0\n${this.#list.map(({ source, target, type }) => `${escapePath(source, BLANKS)} ${escapePath(target, BLANKS)} ${type} rw 0 0\n`).join('')}`;
  }
}
