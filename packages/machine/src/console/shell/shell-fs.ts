/**
 * The file system as one shell sees it: the machine's, and a directory of the shell's own in front of it, which no program sees. There are the
 * terminal, the descriptors of redirections (see rewrite.ts) and texts that were rewritten before they are sourced.
 *
 * just-bash gives up a whole script when a file system throws while a redirection is written. So what goes wrong there is kept, and
 * __pmkit_close reports it.
 */
import type { FileContent, IFileSystem } from 'just-bash';
import { PRIVATE } from './rewrite.js';
import { quote } from './words.js';

/** Where a shell's output goes. */
export interface Sink { out(text: string): void; err(text: string): void }

/** What the shell's interpreter is told of commands, so that it finds them as bash does. */
export interface CommandLookup {
  /** Whether the shell itself looks, and not a command that it runs. */
  isShell(): boolean;
  /** Whether a name is a command of the shell's: built in, or a program. */
  isCommand(name: string): boolean;
}

/** A redirection that is under way: every write to it is appended to the file. */
export interface Descriptor { readonly path: string; error: Error | null }

export class ShellFiles {
  readonly fs: IFileSystem;
  readonly #base: IFileSystem;
  readonly #sink: Sink;
  /** By number of the redirection; the innermost last, for a function that calls itself. */
  readonly #descriptors = new Map<number, Descriptor[]>();
  readonly #texts: string[] = [];

  constructor(base: IFileSystem, sink: Sink, lookup: CommandLookup) {
    this.#base = base;
    this.#sink = sink;
    this.fs = commandsFound(overlay(base, {
      writeFile: (path, content, encoding) => this.#write(path, content, encoding),
      appendFile: (path, content, encoding) => this.#write(path, content, encoding),
      readFile: path => Promise.resolve(this.#texts[textNumber(path)] ?? ''),
      readFileBuffer: path => Promise.resolve(new TextEncoder().encode(this.#texts[textNumber(path)] ?? '')),
      exists: () => Promise.resolve(true),
      stat: () => Promise.resolve(FILE_STAT),
      lstat: () => Promise.resolve(FILE_STAT),
      realpath: path => Promise.resolve(path),
    }), lookup);
  }

  /**
   * Opens a file for `>`, `>>` and the like: it is there afterwards, and empty unless appended to.
   * @throws what the file system has against it.
   */
  async open(site: number, path: string, append: boolean): Promise<void> {
    if (append) await this.#base.appendFile(path, '');
    else await this.#base.writeFile(path, '');
    const descriptors = this.#descriptors.get(site) ?? [];
    descriptors.push({ path, error: null });
    this.#descriptors.set(site, descriptors);
  }

  /** What went wrong while a redirection was written; null for nothing. */
  errorOf(site: number): Error | null {
    return this.#descriptors.get(site)?.at(-1)?.error ?? null;
  }
  /** The end of a redirection. */
  close(site: number): void {
    this.#descriptors.get(site)?.pop();
  }

  /** What is in a file, for who reads a script itself: fs.readFile() gives the interpreter something else for one that is executable (see commandsFound()). */
  async readScript(path: string): Promise<string> {
    return new TextDecoder().decode(await this.fs.readFileBuffer(path));
  }

  /** A path under which `source` finds a text. */
  keepText(text: string): string {
    return `${PRIVATE}/text/${this.#texts.push(text) - 1}`;
  }

  async #write(path: string, content: FileContent, encoding: Encoding): Promise<void> {
    if (content.length === 0) return;
    if (path === `${PRIVATE}/out`) this.#sink.out(textOf(content, encoding));
    else if (path === `${PRIVATE}/err`) this.#sink.err(textOf(content, encoding));
    else await this.writeDescriptor(Number(path.slice(`${PRIVATE}/fd/`.length)), content, encoding);
  }

  /** Appends to the file of a redirection that is open. */
  async writeDescriptor(site: number, content: FileContent, encoding?: Encoding): Promise<void> {
    const descriptor = this.#descriptors.get(site)?.at(-1);
    if (descriptor === undefined) return;
    try {
      await this.#base.appendFile(descriptor.path, content, encoding);
    } catch (error) {
      descriptor.error ??= error as Error;
    }
  }
}

const FILE_STAT = { isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o600, size: 0, mtime: new Date(0) } as const;
const textNumber = (path: string): number => Number(path.slice(`${PRIVATE}/text/`.length));

/** just-bash gives bytes as latin1 and says so. */
type Encoding = Parameters<IFileSystem['writeFile']>[2];
function textOf(content: FileContent, encoding: Encoding): string {
  const name = typeof encoding === 'object' ? encoding.encoding : encoding;
  if (typeof content !== 'string') return new TextDecoder().decode(content);
  return name === 'binary' || name === 'latin1' ? Buffer.from(content, 'latin1').toString('utf8') : content;
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
function commandsFound(base: IFileSystem, lookup: CommandLookup): IFileSystem {
  let found = '';
  const isOurs = (path: string): boolean => lookup.isCommand(path.slice(path.lastIndexOf('/') + 1));
  const own: Partial<IFileSystem> = {
    exists: async path => (CANONICAL.test(path) && isOurs(path)) || base.exists(path),
    stat: async path => {
      if (CANONICAL.test(path) && isOurs(path)) return COMMAND_STAT;
      const stat = await base.stat(path);
      found = lookup.isShell() && stat.isFile && (stat.mode & 0o111) !== 0 ? path : '';
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
