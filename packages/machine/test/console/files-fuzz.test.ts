/** Whatever one does with files by whatever name: it works, or fails with an errno. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyCharacter } from '../../../../test/any-character.js';
import { BashFs, FileError } from '../../src/console/files/index.js';
import { endBox, expectSound, newBox } from './helpers.js';

const PLACES = ['/', '/proc', '/proc/self', '/proc/1', '/proc/self/fd/0', '/proc/sys/vm/swappiness', '/proc/sys/vm', '/sys/devices/system/node/node0', '/dev', '/dev/cpuset', '/dev/cpuset/x',
  '/dev/shm', '/dev/zero', '/dev/kmsg', '/tmp', '/tmp/f', '/bin/bash', '/etc/mtab', '/etc/passwd', 'relative'];
const component = fc.oneof(fc.constantFrom('', '.', '..', 'x', 'mems', 'cpus', 'tasks', 'oom_adj', 'maps', '..\u0000', 'x'.repeat(300)), fc.string({ unit: anyCharacter, maxLength: 5 }));
const path = fc.tuple(fc.constantFrom(...PLACES), fc.array(component, { maxLength: 3 })).map(([place, names]) => [place, ...names].join('/'));
const text = fc.oneof(fc.constantFrom('', '0\n', '1', '-1', '0-3', '99999999999999999999', '1,', 'x'.repeat(5000), '\u0000'), fc.string({ unit: anyCharacter, maxLength: 10 }));
const METHODS = ['readFile', 'readFileBuffer', 'exists', 'stat', 'lstat', 'readdir', 'readdirWithFileTypes', 'readlink', 'realpath', 'mkdir', 'rm', 'getAllPaths'] as const;

type Act = (fs: BashFs) => unknown;
const action: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.constantFrom(...METHODS), path).map(([method, at]): Act => fs => fs[method](at)),
  fc.tuple(fc.constantFrom('writeFile' as const, 'appendFile' as const, 'symlink' as const), path, text).map(([method, at, data]): Act =>
    fs => (method === 'symlink' ? fs.symlink(data, at) : fs[method](at, data))),
  fc.tuple(fc.constantFrom('cp' as const, 'mv' as const, 'link' as const), path, path).map(([method, from, to]): Act => fs => (method === 'cp' ? fs.cp(from, to, { recursive: true }) : fs[method](from, to))),
  fc.tuple(path, fc.integer({ min: 0, max: 0o7777 })).map(([at, mode]): Act => fs => fs.chmod(at, mode)),
  fc.tuple(path, fc.boolean()).map(([at, recursive]): Act => fs => fs.rm(at, { recursive, force: true })),
);

it('any operation on any path by root or a user is done or refused', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), fc.constantFrom(0, 1000), async (actions, uid) => {
    const box = newBox({ programs: [], uid });
    const fs = new BashFs(box, () => box.login);
    for (const act of actions) {
      try {
        await act(fs);
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        expect(error.message).toMatch(/^E[A-Z0-9]+: [a-z]/);
      }
    }
    expectSound(box);
    await endBox(box);
  }), { numRuns: 25 });
}, 60_000);
