import { O_CREAT, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { check_invariants } from '@pmkit/mm-core/testing';
import { bootTree } from '@pmkit/series/catalogue';
import { beforeEach, describe, expect, it } from 'vitest';
import { CaptureStream, Files, type Stat } from '../../src/console/files/index.js';
import type { KernelFile } from '../../src/console/files/node.js';
import { machineConfig } from '../../src/config.js';
import { uniformTopology } from '../../src/topology/index.js';
import { fork } from '../../src/console/launch.js';
import type { Box, Process } from '../../src/console/index.js';
import { expectSound, newBox, outcomeOf } from './helpers.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
let box: Box;
let root: Process;
let files: Files;

beforeEach(() => {
  box = newBox();
  root = box.login;
  ({ files } = box);
});

/** A process of another user, born of the login shell. */
async function user(uid: number): Promise<Process> {
  const p = root.forked(await fork(box, root));
  await p.sys('setresuid', uid, uid, uid);
  return p;
}
/** What an operation says: `EACCES open`, or done. */
const outcome = (action: () => unknown): Promise<string> => outcomeOf(action, error => `${error.code} ${error.operation}`);

describe('a file on the root disk', () => {
  it('is an inode of the kernel, with pages in the cache, dirty until they are written back', async () => {
    await root.writeFile('/tmp/big', new Uint8Array(40_000).fill(65));
    const inode = box.k.m.super_blocks[0]!.s_names.get('/tmp/big')!;
    expect([inode.i_size, inode.i_mapping.nrpages, box.k.m.page_state.nr_dirty > 2]).toEqual([40_000, 3, true]);
    await root.sys('sync');
    expect(box.k.m.page_state.nr_dirty).toBe(0);
    expectSound(box);
  });

  it('is read as it was written, in pieces and with holes', async () => {
    const file = await files.open(root, '/tmp/f', O_CREAT | O_RDWR);
    await file.write(utf8('start'));
    await file.seek(10_000);
    await file.write(utf8('end'));
    await file.seek(3);
    expect([...await file.read(5)]).toEqual([...utf8('rt'), 0, 0, 0]);
    await file.truncate(10_001);
    await file.close();
    expect(root.stat('/tmp/f').size).toBe(10_001);
    expect((await files.read(root, '/tmp/f')).at(-1)).toBe(utf8('e')[0]);
    expect(root.task.files.size).toBe(0);
    expectSound(box);
  });

  it('of a gigabyte without anything in it takes no memory of the host, and reads as zeros', async () => {
    await root.writeFile('/tmp/huge', '');
    await files.truncate(root, '/tmp/huge', 2 ** 30);
    await root.writeFile('/tmp/huge', 'x', { append: true });
    expect(root.stat('/tmp/huge').size).toBe(2 ** 30 + 1);
    const file = await files.open(root, '/tmp/huge', 0);
    await file.seek(2 ** 30 - 2);
    expect([...await file.read(100)]).toEqual([0, 0, 120]);
    await file.close();
    expect(await outcome(() => root.readFile('/tmp/huge'))).toBe('EFBIG read');
    expect(await outcome(() => files.truncate(root, '/tmp/huge', 2 ** 60))).toBe('EFBIG ftruncate');
  });

  it('has a descriptor, for the system calls that take one', async () => {
    const fd = await root.open('/tmp/f', O_CREAT | O_RDWR);
    expect(await root.sys('ftruncate', fd, 100)).toBe(0);
    expect([await root.open('/no/such/file', O_CREAT | O_RDWR), await root.open('/dev/null', O_RDWR), root.canonical('/no/such/file')]).toEqual([-2, -6, '']);
    await root.sys('close', fd);
  });

  it('that a program makes and cuts off by itself has zeros in it, not what was there before', async () => {
    await root.writeFile('/tmp/f', 'secret');
    const fd = await root.sys('open', '/tmp/f', 0o1002, 0); // O_RDWR | O_TRUNC
    await root.sys('ftruncate', fd, 6);
    await root.sys('close', fd);
    expect(await root.readFile('/tmp/f')).toBe('\0'.repeat(6));
    await root.sys('close', await root.sys('open', '/srv/new/made', 0o101, 0o600));
    expect(root.readDir('/srv/new')).toEqual(['made']);
  });

  it('that fills the disk of a tmpfs is as long as what was written', async () => {
    box = newBox({ machine: machineConfig(uniformTopology({ nodes: 2, pagesPerNode: 256 })) });
    root = box.login;
    ({ files } = box);
    const free = box.k.m.super_blocks[1]!.free_blocks!;
    const whole = new Uint8Array((free + 1) * box.k.m.PAGE_SIZE).fill(1);
    expect(await outcome(() => root.writeFile('/dev/shm/f', whole))).toBe('ENOSPC write');
    expect(root.stat('/dev/shm/f').size).toBe(free * box.k.m.PAGE_SIZE);
    expect((await files.read(root, '/dev/shm/f')).every(byte => byte === 1)).toBe(true);
    await files.unlink(root, '/dev/shm/f');
    expect(box.k.m.super_blocks[1]!.free_blocks).toBe(free);
    expectSound(box);
  });

  it('has as many names as one gives it', async () => {
    await root.writeFile('/tmp/a', 'x');
    await files.link(root, '/tmp/a', '/tmp/b');
    await root.writeFile('/tmp/b', 'y', { append: true });
    await files.unlink(root, '/tmp/a');
    expect([await root.readFile('/tmp/b'), root.stat('/tmp/b').nlink, root.exists('/tmp/a')]).toEqual(['xy', 1, false]);
    expect(await outcome(() => files.link(root, '/tmp', '/tmp/c'))).toBe('EPERM link');
    expect(await outcome(() => files.link(root, '/tmp/b', '/dev/shm/b'))).toBe('EXDEV link');
    expectSound(box);
  });

  it('that is a program begins as an ELF file does, and its copy can be executed', async () => {
    expect([...(await files.read(root, '/bin/bash')).subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
    await files.copy(root, '/bin/bash', '/tmp/sh');
    const child = root.forked(await fork(box, root));
    expect(await child.sys('execve', '/tmp/sh')).toBe(0);
    expect(child.task.comm).toBe('sh');
  });

  it('that was a program is none any more when somebody has written to it', async () => {
    await files.copy(root, '/bin/bash', '/tmp/sh');
    await root.writeFile('/tmp/sh', '#', { append: true });
    const child = root.forked(await fork(box, root));
    expect(await child.sys('execve', '/tmp/sh')).toBe(-8);
  });

  it('that is a program somebody runs cannot be written to, but removed', async () => {
    expect(await outcome(() => root.writeFile('/bin/bash', 'x'))).toBe('ETXTBSY open');
    const p = await user(1000);
    expect(await outcome(() => p.writeFile('/bin/bash', 'x'))).toBe('EACCES open');
    await files.unlink(root, '/bin/bash');
    await root.writeFile('/bin/bash', 'x');
    expect(files.readlink(root, '/proc/self/exe')).toBe('/bin/bash (deleted)');
    expectSound(box);
  });

  it('is written once by who demands that it is new', async () => {
    await root.writeFile('/tmp/f', 'x', { exclusive: true });
    expect(await outcome(() => root.writeFile('/tmp/f', 'x', { exclusive: true }))).toBe('EEXIST open');
  });
});

describe('rights', () => {
  it('of directories and files are those of who acts', async () => {
    const p = await user(1000);
    const does = (action: () => unknown): Promise<string> => outcome(action);
    expect(await does(() => p.writeFile('/etc/x', ''))).toBe('EACCES open');
    expect(await does(() => p.writeFile('/etc/passwd', ''))).toBe('EACCES open');
    expect(await does(() => p.readDir('/root'))).toBe('EACCES scandir');
    expect(await does(() => p.stat('/root/x'))).toBe('EACCES stat');
    expect(await does(() => files.mkdir(p, '/srv/d'))).toBe('EACCES mkdir');
    expect(await does(() => files.chmod(p, '/tmp', 0o777))).toBe('EPERM chmod');
    expect(await does(() => files.chown(p, '/home/user1000', 0, -1))).toBe('EPERM chown');
    expect(await does(() => p.writeFile('/home/user1000/x', ''))).toBe('done');
    expect(await p.readFile('/etc/hostname')).toMatch(/^\S+\n$/);
    expectSound(box);
  });

  it('in /tmp: everybody makes files, and removes his own only', async () => {
    const [one, other] = [await user(1000), await user(1001)];
    await one.writeFile('/tmp/f', 'x');
    expect(await outcome(() => files.unlink(other, '/tmp/f'))).toBe('EPERM unlink');
    expect(await outcome(() => files.rename(other, '/tmp/f', '/tmp/g'))).toBe('EPERM rename');
    expect(await outcome(() => other.writeFile('/tmp/f', 'y'))).toBe('EACCES open');
    expect(await outcome(() => files.unlink(one, '/tmp/f'))).toBe('done');
  });

  it('change with chmod and chown', async () => {
    const p = await user(1000);
    await root.writeFile('/tmp/f', 'x', { mode: 0o600 });
    expect(await outcome(() => p.readFile('/tmp/f'))).toBe('EACCES open');
    await files.chown(root, '/tmp/f', 1000, -1);
    expect(await p.readFile('/tmp/f')).toBe('x');
    await files.chmod(p, '/tmp/f', 0o444);
    const { mode, uid } = root.stat('/tmp/f');
    expect([mode, uid, await outcome(() => p.writeFile('/tmp/f', ''))]).toEqual([0o444, 1000, 'EACCES open']);
  });
});

describe('paths', () => {
  it('go through links, and give up after forty', async () => {
    await files.symlink(root, 'etc', '/e');
    expect(files.realpath(root, '/e/../e/./passwd')).toBe('/etc/passwd');
    await files.symlink(root, 'loop', '/tmp/loop');
    expect(await outcome(() => root.stat('/tmp/loop'))).toBe('ELOOP stat');
    expect(files.lstat(root, '/tmp/loop')).toMatchObject({ type: 'link', size: 4, mode: 0o777 } satisfies Partial<Stat>);
    expect([files.readlink(root, '/tmp/loop'), await outcome(() => files.readlink(root, '/etc/passwd'))]).toEqual(['loop', 'EINVAL readlink']);
  });

  it('have limits', async () => {
    expect(await outcome(() => root.stat(`/${'x'.repeat(256)}`))).toBe('ENAMETOOLONG stat');
    expect(await outcome(() => root.stat('/.'.repeat(2048)))).toBe('ENAMETOOLONG stat');
    expect(await outcome(() => root.stat(''))).toBe('ENOENT stat');
    expect(await outcome(() => root.stat('/etc/passwd/x'))).toBe('ENOTDIR stat');
    expect(await outcome(() => root.stat('/etc/passwd/'))).toBe('ENOTDIR stat');
    expect(await outcome(() => root.writeFile('/tmp/new/', ''))).toBe('EISDIR open');
  });

  it('begin at the working directory', async () => {
    root.cwd = '/tmp';
    await root.writeFile('here', 'x');
    expect([await root.readFile('/tmp/here'), root.canonical('../tmp/./here')]).toEqual(['x', '/tmp/here']);
  });

  it('through a link to what is not there make the file it leads to', async () => {
    await files.symlink(root, '/tmp/target', '/tmp/link');
    expect(root.exists('/tmp/link')).toBe(false);
    await root.writeFile('/tmp/link', 'x');
    expect(await root.readFile('/tmp/target')).toBe('x');
  });
});

describe('directories', () => {
  it('are renamed with all that is in them', async () => {
    await files.mkdir(root, '/tmp/a');
    await files.mkdir(root, '/tmp/a/b');
    await root.writeFile('/tmp/a/b/f', 'x');
    expect(await outcome(() => files.rename(root, '/tmp/a', '/tmp/a/b/c'))).toBe('EINVAL rename');
    await files.rename(root, '/tmp/a', '/srv/z');
    expect([await root.readFile('/srv/z/b/f'), root.readDir('/tmp')]).toEqual(['x', []]);
    expect(await outcome(() => files.rename(root, '/srv/z', '/dev/shm/z'))).toBe('EXDEV rename');
    expectSound(box);
  });

  it('are removed when they are empty, and not when something is mounted on them', async () => {
    await files.mkdir(root, '/tmp/a');
    await root.writeFile('/tmp/a/f', '');
    expect(await outcome(() => files.rmdir(root, '/tmp/a'))).toBe('ENOTEMPTY rmdir');
    expect(await outcome(() => files.rmdir(root, '/tmp/a/f'))).toBe('ENOTDIR rmdir');
    expect(await outcome(() => files.unlink(root, '/tmp/a'))).toBe('EISDIR unlink');
    expect(await outcome(() => files.rmdir(root, '/proc'))).toBe('EBUSY rmdir');
    expect(await outcome(() => files.rename(root, '/dev', '/dew'))).toBe('EBUSY rename');
    await files.remove(root, '/tmp/a', { recursive: true });
    expect(root.readDir('/tmp')).toEqual([]);
  });
});

describe('times', () => {
  it('are those of the simulated clock, which begins when the overview was posted', async () => {
    await root.sleep(5000);
    await root.writeFile('/tmp/f', 'x');
    for (const path of ['/tmp/f', '/tmp']) expect(new Date(root.stat(path).mtime).toISOString()).toMatch(/^2005-06-22T16:39:13/);
    await files.utimes(root, '/tmp/f', { atime: 0, mtime: 86_400_000 });
    expect(root.stat('/tmp/f')).toMatchObject({ atime: 0, mtime: 86_400_000 });
    expect(new Date(root.stat('/etc').mtime).toISOString()).toBe('2005-06-22T16:39:08.000Z');
  });
});

describe('devices', () => {
  it('are what they are called', async () => {
    await root.writeFile('/dev/null', 'x');
    expect(await root.readFile('/dev/null')).toBe('');
    expect((await files.read(root, '/dev/zero')).length).toBe(2 ** 20);
    expect(await outcome(() => root.writeFile('/dev/full', 'x'))).toBe('ENOSPC write');
    await root.writeFile('/dev/kmsg', '<6>hello\n');
    expect(box.k.m.log.at(-1)).toMatchObject({ level: 6, text: 'hello' });
    const errors = new CaptureStream();
    root.fds.set(2, errors);
    await root.writeFile('/dev/stderr', 'to the terminal');
    expect(errors.text).toBe('to the terminal');
    expect(root.stat('/dev/sdb1')).toMatchObject({ type: 'block', rdev: [8, 17] });
  });
});

it('several operations that a program starts at once are done one after the other', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `/tmp/f${i}`);
  await Promise.all(names.map(name => root.writeFile(name, name)));
  await root.sys('sync');
  expect(await Promise.all(names.map(name => root.readFile(name)))).toEqual(names);
  expectSound(box);
});

it('what is on a disk is there again after a reboot', async () => {
  await files.mkdir(root, '/srv/d', 0o700);
  await root.writeFile('/srv/d/f', 'content', { mode: 0o640 });
  await files.link(root, '/srv/d/f', '/srv/d/g');
  await files.symlink(root, 'f', '/srv/d/l');
  await root.writeFile('/etc/hostname', 'changed\n');
  await root.writeFile('/dev/shm/gone', 'x');
  const k = bootTree(box.tree, box.options.machine);
  const after = new Files(k, [0], files);
  const text = (path: string): string => {
    const { inode } = after.place(root, path).node as KernelFile;
    return new TextDecoder().decode(after.contents.read(inode, 0, inode.i_size));
  };
  expect([after.list(root, '/srv/d'), after.readlink(root, '/srv/d/l'), after.stat(root, '/srv/d').mode, after.stat(root, '/srv/d/f').mode]).toEqual([['f', 'g', 'l'], 'f', 0o700, 0o640]);
  expect([text('/srv/d/g'), after.stat(root, '/srv/d/g').nlink, text('/etc/hostname')]).toEqual(['content', 2, 'changed\n']);
  expect(after.exists(root, '/dev/shm/gone')).toBe(false);
  expect(check_invariants(k)).toEqual([]);
});
