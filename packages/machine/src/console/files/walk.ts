/** From a path to a node: path_lookup() of fs/namei.c (2.6.12) over everything that is mounted. */
import { EACCES, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import { MAY_EXEC } from '@pmkit/mm-core/include/linux/fs';
import type { Process } from '../process.js';
import { FileError } from './error.js';
import type { Mount, Mounts } from './mounts.js';
import type { Directory, Node } from './node.js';
import { permission } from './permission.js';

/** PATH_MAX with its NUL, NAME_MAX, and how many symbolic links one path may go through. */
const PATH_MAX = 4096;
const NAME_MAX = 255;
const MAX_LINKS = 40;

/** Where a path leads. */
export interface Place {
  /** Absolute, without links, `.` and `..`: what the kernel model calls the file. */
  readonly path: string;
  /** Undefined: nothing is there, but the directory it would be in is. */
  readonly node: Node | undefined;
  /** The directory it is in and its name there; null for the root, and for paths that end in `.` or `..`. */
  readonly parent: Directory | null;
  readonly name: string;
  /** The file system of the node, or of the directory it would be in. */
  readonly mount: Mount;
  /** The path ended in a slash: it means a directory. */
  readonly slash: boolean;
}

interface Level { readonly node: Directory; readonly path: string; readonly mount: Mount }

/**
 * @param follow whether a link at the end is followed
 * @throws {FileError} when a directory on the way is missing, no directory, not to be searched, or there are too many links.
 */
export function walk(mounts: Mounts, p: Process, path: string, follow: boolean, operation: string): Place {
  const fail: (errno: number) => never = errno => {
    throw new FileError(errno, operation, path);
  };
  if (path === '') fail(ENOENT);
  if (path.includes('\0')) fail(EINVAL);
  if (path.length >= PATH_MAX) fail(ENAMETOOLONG);
  const rootMount = mounts.at('/')!;
  const levels: Level[] = [{ node: rootMount.root, path: '/', mount: rootMount }];
  /* Components still to go, the next one last. */
  const rest = (path.startsWith('/') ? path : `${p.cwd}/${path}`).split('/').reverse();
  let links = 0;
  let last: { readonly parent: Directory; readonly name: string } | null = null;
  const slash = path.endsWith('/');
  while (rest.length > 0) {
    const name = rest.pop()!;
    if (name === '' || name === '.') continue;
    const here = levels.at(-1)!;
    if (permission(p.task, here.node, here.node.attributes(), MAY_EXEC) !== 0) fail(EACCES);
    if (name === '..') {
      if (levels.length > 1) levels.pop();
      last = null;
      continue;
    }
    if (name.length > NAME_MAX) fail(ENAMETOOLONG);
    const more = rest.some(component => component !== '' && component !== '.');
    const full = here.path === '/' ? `/${name}` : `${here.path}/${name}`;
    const place = { path: full, parent: here.node, name, mount: here.mount, slash };
    let node = here.node.lookup(name, p);
    if (node === undefined) {
      if (more) fail(ENOENT);
      return { ...place, node };
    }
    if (node.type === 'link' && (more || follow || slash)) {
      if (++links > MAX_LINKS) fail(ELOOP);
      const followed = node.follow?.(p);
      if (followed === undefined) {
        const target = node.target(p);
        if (typeof target === 'number') fail(-target);
        if (target === '') fail(ENOENT);
        if (target.startsWith('/')) {
          levels.length = 1;
          last = null;
        }
        rest.push(...target.split('/').reverse());
        continue;
      }
      node = followed;
    }
    if (node.type !== 'directory') {
      if (more || slash) fail(ENOTDIR);
      return { ...place, node };
    }
    const mounted = mounts.at(full);
    levels.push({ node: mounted?.root ?? node, path: full, mount: mounted ?? here.mount });
    last = { parent: here.node, name };
  }
  const { node, path: full, mount } = levels.at(-1)!;
  return { path: full, node, parent: last?.parent ?? null, name: last?.name ?? '', mount, slash };
}
