/**
 * The file system as the interpreter of one shell sees it: the machine's, and a directory of the shell's own in front of it, which no program sees. There are the
 * shell's descriptors 1 and 2, for what the interpreter itself prints, and texts that were rewritten before they are sourced.
 */
import type { FileContent, IFileSystem } from 'just-bash';
import { PRIVATE, TURN_PATH } from './rewrite.js';
import { quote } from './words.js';

/** What the file system is told of a shell. */
export interface ShellSide {
  /** Writes to a descriptor of the shell. */
  print(fd: number, data: Uint8Array | string): Promise<void>;
  /** Whether a name is a command of the shell's: built in, or a program. */
  isCommand(name: string): boolean;
  /** A round of a loop begins, with this `$?`: whether it may go straight on. */
  goesStraightOn(status: number): boolean;
}

export class ShellFiles {
  readonly fs: IFileSystem;
  readonly #shell: ShellSide;
  readonly #texts: string[] = [];

  constructor(base: IFileSystem, shell: ShellSide) {
    this.#shell = shell;
    this.fs = commandsFound(overlay(base, {
      writeFile: (path, content, encoding) => this.#write(path, content, encoding),
      appendFile: (path, content, encoding) => this.#write(path, content, encoding),
      readFile: path => Promise.resolve(this.#texts[textNumber(path)] ?? ''),
      readFileBuffer: path => Promise.resolve(new TextEncoder().encode(this.#texts[textNumber(path)] ?? '')),
      exists: path => Promise.resolve(!path.startsWith(TURN_PATH) || shell.goesStraightOn(Number(path.slice(TURN_PATH.length)))),
      stat: () => Promise.resolve(FILE_STAT),
      lstat: () => Promise.resolve(FILE_STAT),
      realpath: path => Promise.resolve(path),
    }), shell);
  }

  /** What is in a file, for who reads a script itself: fs.readFile() gives the interpreter something else for one that is executable (see commandsFound()). */
  async readScript(path: string): Promise<string> {
    return new TextDecoder().decode(await this.fs.readFileBuffer(path));
  }

  /** A path under which the interpreter finds a text. */
  keepText(text: string): string {
    return `${PRIVATE}/text/${this.#texts.push(text) - 1}`;
  }

  async #write(path: string, content: FileContent, encoding: Encoding): Promise<void> {
    if (content.length > 0) await this.#shell.print(path === `${PRIVATE}/err` ? 2 : 1, textOf(content, encoding));
  }
}

const FILE_STAT = { isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o600, size: 0, mtime: new Date(0) } as const;
const textNumber = (path: string): number => Number(path.slice(`${PRIVATE}/text/`.length));

/** just-bash gives bytes as latin1 and says so. */
type Encoding = Parameters<IFileSystem['writeFile']>[2];
function textOf(content: FileContent, encoding: Encoding): Uint8Array | string {
  const name = typeof encoding === 'object' ? encoding.encoding : encoding;
  if (typeof content !== 'string') return content;
  return name === 'binary' || name === 'latin1' ? Buffer.from(content, 'latin1') : content;
}

/** `base`, with the methods of `own` in place of its own for paths in the private directory. */
function overlay(base: IFileSystem, own: Partial<IFileSystem>): IFileSystem {
  return new Proxy(base, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function') return method;
      const ours = own[key as keyof IFileSystem] as ((...args: unknown[]) => unknown) | undefined;
      return (...args: unknown[]): unknown => {
        const [path] = args;
        const isPrivate = ours !== undefined && typeof path === 'string' && path.startsWith(`${PRIVATE}/`);
        return isPrivate ? ours(...args) : (method as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/**
 * just-bash knows its commands only by files in /bin and /usr/bin, and runs any other executable file as a script inside the shell. So the shell
 * finds each command it has there, wherever it is installed; and when it is about to read a script that it has found, it is given one that hands the
 * file to __pmkit_run. Its lookup asks exists() or stat() and then reads: nobody else does that with an executable file in one go.
 */
function commandsFound(base: IFileSystem, lookup: ShellSide): IFileSystem {
  let found = '';
  const isOurs = (path: string): boolean => lookup.isCommand(path.slice(path.lastIndexOf('/') + 1));
  const own: Partial<IFileSystem> = {
    exists: async path => (CANONICAL.test(path) && isOurs(path)) || base.exists(path),
    stat: async path => {
      if (CANONICAL.test(path) && isOurs(path)) return COMMAND_STAT;
      const stat = await base.stat(path);
      found = stat.isFile && (stat.mode & 0o111) !== 0 ? path : '';
      return stat;
    },
    readFile: async (path, options) => {
      const isScript = found === path && found !== '';
      found = '';
      return isScript ? `__pmkit_run ${quote(path)} "$@"` : base.readFile(path, options);
    },
  };
  return new Proxy(base, {
    get(target, key) {
      const ours = own[key as keyof IFileSystem];
      if (ours !== undefined) return ours;
      const method: unknown = Reflect.get(target, key, target);
      return typeof method === 'function' ? (method as (...args: unknown[]) => unknown).bind(target) : method;
    },
  });
}
const CANONICAL = /^(?:\/usr)?\/bin\/[^/]+$/;
const COMMAND_STAT = { ...FILE_STAT, mode: 0o755 } as const;
