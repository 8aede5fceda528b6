/** Copying of files and trees: what cp and, between file systems, mv do (copy.c of GNU coreutils). */
import { EISDIR, ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import { FileError, type Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { backupName, backupNote, backUp, type Backups } from './backup.js';
import { join, namesIn, quote, sameFile, statOf } from './common.js';
import { UMASK } from './mode.js';

export interface CopyOptions {
  readonly recursive: boolean;
  /** Which links are gone through. */
  readonly follow: 'always' | 'operands' | 'never';
  readonly keep: { readonly mode: boolean; readonly owner: boolean; readonly times: boolean };
  readonly force: boolean;
  readonly update: boolean;
  readonly verbose: boolean;
  readonly removeFirst: boolean;
  readonly noClobber: boolean;
  readonly as: 'copy' | 'link' | 'symlink';
  /** What is replaced is kept; null: it is not. */
  readonly backups: Backups | null;
  /** install: a directory is left out without advice, and what is removed first is told with -v. */
  readonly installs: boolean;
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

export class Copier {
  readonly #p: Process;
  readonly #options: CopyOptions;

  constructor(p: Process, options: CopyOptions) {
    this.#p = p;
    this.#options = options;
  }

  /** Copies one operand. @returns whether all of it was copied; what was not has been told. */
  copy(from: string, to: string): Promise<boolean> {
    return this.#copy(from, to, true);
  }

  async #copy(from: string, to: string, operand: boolean): Promise<boolean> {
    const { recursive, follow, as, removeFirst, backups, installs } = this.#options;
    const p = this.#p;
    const stat = statOf(p, from, follow === 'always' || (operand && follow === 'operands'));
    if (typeof stat === 'number') return this.#fail(`cannot stat ${quote(from)}: ${p.strerror(stat)}`);
    const isDirectory = stat.type === 'directory';
    if (isDirectory && !recursive) return this.#fail(`${installs ? '' : '-r not specified; '}omitting directory ${quote(from)}`);
    const there = statOf(p, to, stat.type !== 'link' && !(removeFirst && !isDirectory));
    if (there === -ENOTDIR) return this.#fail(`cannot stat ${quote(to)}: ${p.strerror(there)}`);
    if (typeof there !== 'number') {
      const goOn = await this.#mayReplace(from, to, stat, there);
      if (goOn !== null) return goOn;
      if (!isDirectory && backups !== null) return this.#copyBehind(from, to, stat, backups);
      if (!isDirectory && (removeFirst || as !== 'copy' || stat.type === 'link') && !(await this.#remove(to, installs))) return false;
    } else if (!isDirectory && there === -ENOENT && as === 'copy' && stat.type !== 'link' && typeof statOf(p, to, false) !== 'number') {
      return this.#fail(`not writing through dangling symlink ${quote(to)}`);
    }
    if (isDirectory) return this.#copyDirectory(from, to, stat, typeof there !== 'number');
    return this.#copyFile(from, to, stat, typeof there !== 'number', null);
  }

  /** Copies to where something is that is kept under another name. */
  async #copyBehind(from: string, to: string, stat: Stat, backups: Backups): Promise<boolean> {
    const old = statOf(this.#p, backupName(this.#p, to, backups), false);
    if (typeof old !== 'number' && sameFile(old, stat)) return this.#fail(`backing up ${quote(to)} might destroy source;  ${quote(from)} not copied`);
    const kept = await backUp(this.#p, to, backups);
    return kept !== null && this.#copyFile(from, to, stat, false, kept);
  }

  async #copyFile(from: string, to: string, stat: Stat, there: boolean, kept: string | null): Promise<boolean> {
    const { as, verbose } = this.#options;
    if (!(await this.#make(from, to, stat, there))) return false;
    if (verbose) this.#p.out(`${quote(from)} -> ${quote(to)}${backupNote(kept)}\n`);
    return as !== 'copy' || stat.type === 'link' || this.#keep(to, stat);
  }

  /** null: go on; else the result. */
  async #mayReplace(from: string, to: string, stat: Stat, there: Stat): Promise<boolean | null> {
    const { noClobber, update, ask, backups } = this.#options;
    // a link to the source may be put aside
    const isSame = sameFile(stat, there) && (backups === null || (statOf(this.#p, to, false) as Stat).type !== 'link');
    if (isSame && stat.type !== 'directory') return this.#fail(`${quote(from)} and ${quote(to)} are the same file`);
    if (noClobber && stat.type !== 'directory') return true;
    if (stat.type !== 'directory' && there.type === 'directory') return this.#fail(`cannot overwrite directory ${quote(to)} with non-directory`);
    if (stat.type === 'directory' && there.type !== 'directory') return this.#fail(`cannot overwrite non-directory ${quote(to)} with directory ${quote(from)}`);
    if (stat.type === 'directory') return null;
    if (update && there.mtime >= stat.mtime) return true;
    return ask !== null && !(await ask(`overwrite ${quote(to)}`)) ? true : null;
  }

  async #copyDirectory(from: string, to: string, stat: Stat, there: boolean): Promise<boolean> {
    const p = this.#p;
    const { files } = p.box;
    const source = files.canonical(p, from);
    const target = files.canonical(p, to);
    if (`${target}/`.startsWith(`${source}/`)) return this.#fail(`cannot copy a directory, ${quote(from)}, into itself, ${quote(to)}`);
    if (!there) {
      const error = await attempt(() => files.mkdir(p, to, 0o700));
      if (error !== 0) return this.#fail(`cannot create directory ${quote(to)}: ${p.strerror(error)}`);
      if (this.#options.verbose) p.out(`${quote(from)} -> ${quote(to)}\n`);
    }
    const names = namesIn(p, from);
    if (typeof names === 'number') return this.#fail(`cannot access ${quote(from)}: ${p.strerror(names)}`);
    let all = true;
    for (const name of names) if (!(await this.#copy(join(from, name), join(to, name), false))) all = false;
    if (!there) await attempt(() => files.chmod(p, to, stat.mode & ~UMASK));
    return (await this.#keep(to, stat)) && all;
  }

  async #make(from: string, to: string, stat: Stat, there: boolean): Promise<boolean> {
    const p = this.#p;
    const { files } = p.box;
    const { as, recursive, force } = this.#options;
    const made = async (what: string, action: () => Promise<void>): Promise<boolean> => {
      const error = await attempt(action);
      return error === 0 || this.#fail(`cannot create ${what} ${quote(to)}: ${p.strerror(error)}`);
    };
    if (as === 'link') return made('hard link', () => files.link(p, from, to));
    if (as === 'symlink') return made('symbolic link', () => files.symlink(p, from, to));
    if (stat.type === 'link') return made('symbolic link', () => files.symlink(p, files.readlink(p, from), to));
    if (stat.rdev !== undefined && recursive) {
      if (there && !(await this.#remove(to))) return false;
      return made('special file', () => files.mknod(p, to, stat.type as 'block', stat.mode & ~UMASK, stat.rdev!));
    }
    let error = await this.#bytes(from, to);
    if (error?.operation === 'open' && error.path === to && there && force && (await this.#remove(to))) error = await this.#bytes(from, to);
    return error === null || this.#explain(from, to, error);
  }

  async #bytes(from: string, to: string): Promise<FileError | null> {
    try {
      await this.#p.box.files.copy(this.#p, from, to);
      return null;
    } catch (error) {
      if (error instanceof FileError) return error;
      throw error;
    }
  }
  #explain(from: string, to: string, { operation, path, errno }: FileError): boolean {
    // open() of a new file with a slash behind it says EISDIR, which would be misleading
    const text = this.#p.strerror(errno === EISDIR && to.endsWith('/') ? -ENOTDIR : -errno);
    if (operation === 'read') return this.#fail(`error reading ${quote(from)}: ${text}`);
    if (operation !== 'open') return this.#fail(`error writing ${quote(to)}: ${text}`);
    return this.#fail(path === from ? `cannot open ${quote(from)} for reading: ${text}` : `cannot create regular file ${quote(to)}: ${text}`);
  }

  /** Mode, owner and times of the source, as far as they are to be kept. That root alone gives files away is no error. */
  async #keep(to: string, { mode, uid, gid, atime, mtime, type }: Stat): Promise<boolean> {
    const p = this.#p;
    const { files } = p.box;
    const { keep } = this.#options;
    if (keep.owner) await attempt(() => files.chown(p, to, uid, gid));
    if (keep.mode) await attempt(() => files.chmod(p, to, mode));
    if (!keep.times || type === 'link') return true;
    const error = await attempt(() => files.utimes(p, to, { atime, mtime }));
    return error === 0 || this.#fail(`preserving times for ${quote(to)}: ${p.strerror(error)}`);
  }
  async #remove(path: string, tells = false): Promise<boolean> {
    const error = await attempt(() => this.#p.box.files.unlink(this.#p, path));
    if (error === 0 && tells && this.#options.verbose) this.#p.out(`removed ${quote(path)}\n`);
    return error === 0 || this.#fail(`cannot remove ${quote(path)}: ${this.#p.strerror(error)}`);
  }
  #fail(message: string): boolean {
    this.#p.fail(message);
    return false;
  }
}
