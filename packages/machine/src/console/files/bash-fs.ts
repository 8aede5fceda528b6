/**
 * The machine's files as just-bash wants them: what its interpreter and its commands do with files is done by whichever process acts at the
 * moment. Errors are {FileError}s, whose texts have the form that its commands look for.
 */
import { EINVAL, EISDIR } from '@pmkit/mm-core/include/linux/errno';
import type { CpOptions, FileContent, FsStat, IFileSystem, MkdirOptions, RmOptions } from 'just-bash';
import type { Box } from '../box.js';
import type { Process } from '../process.js';
import { decodeText, encodeText, encodingOf, type EncodingOption } from './encoding.js';
import { FileError } from './error.js';
import type { Files, Stat } from './files.js';

/** What the interface asks for, and the rest of what stat() says. */
export type BashStat = FsStat & Pick<Stat, 'type' | 'uid' | 'gid' | 'nlink' | 'rdev'>;

export class BashFs implements IFileSystem {
  readonly #box: Box;
  readonly #acting: () => Process;

  /** @param acting who does what is asked for */
  constructor(box: Box, acting: () => Process) {
    this.#box = box;
    this.#acting = acting;
  }
  get #files(): Files {
    return this.#box.files;
  }

  async readFile(path: string, options?: EncodingOption): Promise<string> {
    const encoding = encodingOf(options);
    const p = this.#acting();
    return encoding === 'utf8' ? this.#files.readText(p, path) : decodeText(await this.#files.read(p, path), encoding);
  }
  readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#files.read(this.#acting(), path);
  }
  writeFile(path: string, content: FileContent, options?: EncodingOption): Promise<void> {
    return this.#files.write(this.#acting(), path, bytesOf(content, options));
  }
  appendFile(path: string, content: FileContent, options?: EncodingOption): Promise<void> {
    return this.#files.write(this.#acting(), path, bytesOf(content, options), { append: true });
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#files.exists(this.#acting(), path));
  }
  stat(path: string): Promise<BashStat> {
    return settled(() => this.#statOf(path, this.#files.stat(this.#acting(), path), true));
  }
  lstat(path: string): Promise<BashStat> {
    return settled(() => this.#statOf(path, this.#files.lstat(this.#acting(), path), false));
  }
  readdir(path: string): Promise<string[]> {
    return settled(() => this.#files.list(this.#acting(), path));
  }
  readdirWithFileTypes(path: string): Promise<{ name: string; isFile: boolean; isDirectory: boolean; isSymbolicLink: boolean }[]> {
    return settled(() => this.#files.listTypes(this.#acting(), path).map(({ name, type }) => ({ name, ...kindOf(type) })));
  }
  readlink(path: string): Promise<string> {
    return settled(() => this.#files.readlink(this.#acting(), path));
  }
  realpath(path: string): Promise<string> {
    return settled(() => this.#files.realpath(this.#acting(), path));
  }

  async mkdir(path: string, { recursive = false }: MkdirOptions = {}): Promise<void> {
    const p = this.#acting();
    if (!recursive) return this.#files.mkdir(p, path);
    for (let slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) await this.#mkdirUnlessThere(p, path.slice(0, slash));
    return this.#mkdirUnlessThere(p, path);
  }
  async #mkdirUnlessThere(p: Process, path: string): Promise<void> {
    if (this.#files.exists(p, path) && this.#files.stat(p, path).type === 'directory') return;
    await this.#files.mkdir(p, path);
  }
  async rm(path: string, { recursive = false, force = false }: RmOptions = {}): Promise<void> {
    try {
      await this.#files.remove(this.#acting(), path, { recursive });
    } catch (error) {
      if (!force || !(error instanceof FileError) || error.code !== 'ENOENT') throw error;
    }
  }
  async cp(from: string, to: string, { recursive = false }: CpOptions = {}): Promise<void> {
    const p = this.#acting();
    const files = this.#files;
    if (!recursive && files.stat(p, from).type === 'directory') throw new FileError(EISDIR, 'cp', from);
    const target = files.place(p, to, 'cp', false);
    if (`${target.path}/`.startsWith(`${files.realpath(p, from)}/`) && files.lstat(p, from).type === 'directory') throw new FileError(EINVAL, 'cp', to);
    await (recursive ? copyTree(files, p, from, to, false) : files.copy(p, from, to));
  }
  /** rename(), or a copy when it goes to another file system, as mv does it. */
  async mv(from: string, to: string): Promise<void> {
    const p = this.#acting();
    try {
      await this.#files.rename(p, from, to);
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'EXDEV') throw error;
      await copyTree(this.#files, p, from, to, true);
      await this.#files.remove(p, from, { recursive: true });
    }
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#files.chmod(this.#acting(), path, mode);
  }
  symlink(target: string, path: string): Promise<void> {
    return this.#files.symlink(this.#acting(), target, path);
  }
  link(existing: string, path: string): Promise<void> {
    return this.#files.link(this.#acting(), existing, path);
  }
  utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    return this.#files.utimes(this.#acting(), path, { atime: atime.getTime(), mtime: mtime.getTime() });
  }

  /** The path as text, without `.` and `..`: links are not looked at, as in a shell's logical working directory. */
  resolvePath(base: string, path: string): string {
    const names: string[] = [];
    for (const name of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    return `/${names.join('/')}`;
  }
  /** Every path there is, but those of processes. */
  getAllPaths(): string[] {
    const p = this.#acting();
    const paths: string[] = ['/'];
    const collect = (directory: string): void => {
      for (const { name, type } of this.#files.listTypes(p, directory === '' ? '/' : directory)) {
        const path = `${directory}/${name}`;
        paths.push(path);
        if (type === 'directory' && path !== '/proc' && this.#files.access(p, path, SEARCH)) collect(path);
      }
    };
    collect('');
    return paths;
  }

  /** An inode of the kernel is known by its number, by whichever of its names; what else there is has one place, which is its path. */
  #statOf(path: string, { type, mode, size, mtime, dev: [major, minor], ino, uid, gid, nlink, rdev }: Stat, follow: boolean): BashStat {
    const place = this.#files.place(this.#acting(), path, 'stat', follow);
    const identity = type === 'file' && place.mount.disk !== null ? `${major}:${minor}:${ino}` : place.path;
    return {
      ...kindOf(type), type, mode, size, mtime: new Date(mtime), identity, uid, gid, nlink, ...(rdev === undefined ? {} : { rdev }),
    };
  }
}

/** MAY_READ and MAY_EXEC. */
const SEARCH = 5;

/** Devices count as files. */
const kindOf = (type: Stat['type']): Pick<FsStat, 'isFile' | 'isDirectory' | 'isSymbolicLink'> =>
  ({ isFile: type !== 'directory' && type !== 'link', isDirectory: type === 'directory', isSymbolicLink: type === 'link' });

function bytesOf(content: FileContent, options: EncodingOption | undefined): Uint8Array {
  return typeof content === 'string' ? encodeText(content, encodingOf(options)) : content;
}

/** Copies a file, a link, or a directory with all that is in it; with `preserve` owner, where the process may give files away, mode and times are the same. */
async function copyTree(files: Files, p: Process, from: string, to: string, preserve: boolean): Promise<void> {
  const { type, mode, uid, gid, atime, mtime } = files.lstat(p, from);
  if (type === 'link') return files.symlink(p, files.readlink(p, from), to);
  if (type === 'directory') {
    if (!files.exists(p, to)) await files.mkdir(p, to, mode | 0o700);
    for (const name of files.list(p, from)) await copyTree(files, p, `${from}/${name}`, `${to}/${name}`, preserve);
  } else await files.copy(p, from, to);
  if (!preserve) return;
  if (p.task.fsuid === 0) await files.chown(p, to, uid, gid);
  await files.chmod(p, to, mode);
  await files.utimes(p, to, { atime, mtime });
}

/** What needs no waiting, as a promise: an error is a rejection. */
function settled<T>(look: () => T): Promise<T> {
  return new Promise(resolve => { resolve(look()); });
}
