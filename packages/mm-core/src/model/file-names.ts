/** The files of a super block by path, and which names stand in a directory: the kernel model has whole paths only. */
import type { Inode } from '../include/linux/fs.js';

/** Paths are absolute and without a slash at the end; the root directory is `''`. */
export class FileNames extends Map<string, Inode> {
  /** Names right below a directory, each with the number of files it stands for: itself, or those somewhere below it. */
  readonly #below = new Map<string, Map<string, number>>();

  override set(path: string, inode: Inode): this {
    if (!this.has(path)) this.#count(path, 1);
    return super.set(path, inode);
  }
  override delete(path: string): boolean {
    if (this.has(path)) this.#count(path, -1);
    return super.delete(path);
  }
  override clear(): void {
    this.#below.clear();
    super.clear();
  }

  /** Names right below a directory: of files, and of directories on the way to files. None when no path goes through it. */
  namesIn(directory: string): Iterable<string> {
    return this.#below.get(directory)?.keys() ?? [];
  }
  /** Whether the path of a file goes through this directory. */
  isOnTheWay(directory: string): boolean {
    return this.#below.has(directory);
  }

  #count(path: string, by: number): void {
    for (let end = path.length; end > 0; ) {
      const slash = path.lastIndexOf('/', end - 1);
      const directory = path.slice(0, Math.max(slash, 0));
      const name = path.slice(slash + 1, end);
      const names = this.#below.get(directory) ?? new Map<string, number>();
      const count = (names.get(name) ?? 0) + by;
      if (count > 0) names.set(name, count);
      else names.delete(name);
      if (names.size > 0) this.#below.set(directory, names);
      else this.#below.delete(directory);
      end = slash;
    }
  }
}
