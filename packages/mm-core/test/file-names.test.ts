import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Inode } from '../src/include/linux/fs.js';
import { FileNames } from '../src/model/file-names.js';
import { boot, spawn, syscall } from '../src/index.js';

const inode = {} as Inode;
const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map(names => `/${names.join('/')}`);

/** Names in a directory, by looking at every path. */
function namesIn(paths: Iterable<string>, directory: string): string[] {
  const names = new Set<string>();
  for (const one of paths) if (one.startsWith(`${directory}/`)) names.add(one.slice(directory.length + 1).split('/')[0]!);
  return [...names].sort();
}

describe('the names of a file system', () => {
  it('are listed by directory as a search through all paths finds them', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), path), { maxLength: 30 }), changes => {
      const names = new FileNames();
      for (const [add, at] of changes) {
        if (add) names.set(at, inode);
        else names.delete(at);
      }
      for (const directory of ['', '/a', '/b', '/a/b', '/a/b/c']) {
        expect([...names.namesIn(directory)].sort()).toEqual(namesIn(names.keys(), directory));
        expect(names.isOnTheWay(directory)).toBe(namesIn(names.keys(), directory).length > 0);
      }
    }));
  });

  it('go one by one: a file with two names stays until both are gone', () => {
    const k = boot({ nodes: [{ id: 0, pages: 256, cpus: [0] }] });
    const task = spawn(k);
    syscall(k, task, 'close', syscall(k, task, 'open', '/first', 0o101, 0o644));
    const { s_names, inodes } = k.m.super_blocks[0]!;
    const file = s_names.get('/first')!;
    s_names.set('/second', file);
    file.i_nlink++;
    expect(syscall(k, task, 'unlink', '/first')).toBe(0);
    expect([file.path, file.i_nlink, [...s_names.keys()]]).toEqual(['/second', 1, ['/second']]);
    expect(syscall(k, task, 'unlink', '/second')).toBe(0);
    expect([file.i_nlink, inodes.size]).toEqual([0, 0]);
  });
});
