/** Files and directories that are on no disk: /proc, /sys and the cpuset file system are made of these. */
import { EACCES } from '@pmkit/mm-core/include/linux/errno';
import type { AnyKernel } from '@pmkit/series/levels';
import type { View } from '../../views/index.js';
import type { Process } from '../process.js';
import { BOOT_TIME } from './clock.js';
import type { Attributes, Directory, Link, Node, SpecialFile } from './node.js';

export interface Owner { readonly uid: number; readonly gid: number }
export const ROOT: Owner = { uid: 0, gid: 0 };

/** Stands for a device number of its own: proc 0:3, sysfs 0:0, cpuset 0:5, as the first anonymous devices of a boot. */
export type Device = readonly [major: number, minor: number];

/** Attributes of a virtual node. Inode numbers are made from the path, so that they stay what they are. */
export function virtualAttributes(dev: Device, path: string, mode: number, { uid, gid }: Owner, size = 0): Attributes {
  return { mode, uid, gid, nlink: 1, size, ino: inodeNumber(path), dev, atime: BOOT_TIME, mtime: BOOT_TIME, ctime: BOOT_TIME };
}
/** FNV-1a of the path, never 0. */
function inodeNumber(path: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  return (hash >>> 0) || 1;
}

/** Names that come and go. */
export interface Entries {
  lookup(name: string, p: Process): Node | undefined;
  names(p: Process): Iterable<string>;
}

/** A directory whose entries are given once, or looked up each time, or both. Nobody can make files in it. */
export class VirtualDirectory implements Directory {
  readonly type = 'directory';
  readonly createError: number;
  readonly dev: Device;
  readonly path: string;
  readonly #entries = new Map<string, Node>();
  readonly #changing: Entries | null;
  readonly #mode: number;
  readonly #owner: Owner;

  constructor(dev: Device, path: string, options: { readonly changing?: Entries; readonly mode?: number; readonly owner?: Owner; readonly createError?: number } = {}) {
    this.dev = dev;
    this.path = path;
    this.#changing = options.changing ?? null;
    this.#mode = options.mode ?? 0o555;
    this.#owner = options.owner ?? ROOT;
    this.createError = options.createError ?? -EACCES;
  }
  attributes(): Attributes {
    return { ...virtualAttributes(this.dev, this.path, this.#mode, this.#owner), nlink: 2 };
  }
  lookup(name: string, p: Process): Node | undefined {
    return this.#entries.get(name) ?? this.#changing?.lookup(name, p);
  }
  *names(p: Process): Iterable<string> {
    yield* this.#entries.keys();
    if (this.#changing !== null) yield* this.#changing.names(p);
  }

  add(name: string, node: Node): void {
    this.#entries.set(name, node);
  }
  /** The directory of that name, made when it is not there. */
  directory(name: string, mode?: number): VirtualDirectory {
    const there = this.#entries.get(name);
    if (there instanceof VirtualDirectory) return there;
    const made = new VirtualDirectory(this.dev, `${this.path}/${name}`, { createError: this.createError, ...(mode === undefined ? {} : { mode }) });
    this.add(name, made);
    return made;
  }
  /** Puts views at their paths below this directory, with the directories on the way. */
  addViews(views: Readonly<Record<string, View>>, make: (view: View, path: string) => Node): void {
    for (const [below, view] of Object.entries(views)) {
      const names = below.split('/');
      const last = names.pop()!;
      const at = names.reduce<VirtualDirectory>((directory, name) => directory.directory(name), this);
      at.add(last, make(view, `${at.path}/${last}`));
    }
  }
}

export class VirtualLink implements Link {
  readonly type = 'link';
  readonly #attributes: Attributes;
  readonly #target: (p: Process) => string | number;
  readonly #follow: ((p: Process) => Node | undefined) | null;
  constructor(dev: Device, path: string, target: (p: Process) => string | number, owner: Owner = ROOT, follow: ((p: Process) => Node | undefined) | null = null) {
    this.#attributes = virtualAttributes(dev, path, 0o777, owner);
    this.#target = target;
    this.#follow = follow;
  }
  attributes(): Attributes {
    return this.#attributes;
  }
  target(p: Process): string | number {
    return this.#target(p);
  }
  follow(p: Process): Node | undefined {
    return this.#follow?.(p);
  }
}

/** What a virtual file does. */
export interface TextFileOptions extends Pick<SpecialFile, 'text' | 'write' | 'openError' | 'bytes'> {
  readonly mode: number;
  readonly owner?: Owner;
  readonly size?: number;
  readonly type?: 'file' | 'character';
}

export function textFile(dev: Device, path: string, { mode, owner = ROOT, size = 0, type = 'file', ...behaviour }: TextFileOptions): SpecialFile {
  return { type, attributes: () => virtualAttributes(dev, path, mode, owner, size), ...behaviour };
}

const decoder = new TextDecoder();

/** A view of the kernel as a file. `subject` is looked up at every use, as the file may outlive it. */
export function viewFile<S>(k: AnyKernel, view: View<S>, subject: S, dev: Device, path: string, more: Partial<TextFileOptions> = {}): SpecialFile {
  const write = view.write?.bind(view);
  return textFile(dev, path, {
    mode: view.mode ?? 0o444,
    text: () => {
      const error = view.readError?.(k, subject) ?? 0;
      return error < 0 ? error : view.text(k, subject);
    },
    ...(write === undefined ? {} : {
      write: (p: Process, data: Uint8Array) => {
        const error = write(k, p.task, decoder.decode(data));
        return error < 0 ? error : data.length;
      },
    }),
    ...more,
  });
}
