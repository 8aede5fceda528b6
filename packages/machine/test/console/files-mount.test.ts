import { beforeEach, describe, expect, it } from 'vitest';
import type { Files } from '../../src/console/files/index.js';
import { fork } from '../../src/console/launch.js';
import type { Box, Process } from '../../src/console/index.js';
import { expectSound, newBox, outcomeOf } from './helpers.js';

let box: Box;
let root: Process;
let files: Files;

beforeEach(() => {
  box = newBox();
  root = box.login;
  ({ files } = box);
});

const outcome = (action: () => Promise<unknown>): Promise<string> => outcomeOf(action, error => error.code);
const mount = (type: string, source: string, target: string): Promise<string> => outcome(() => files.mount(root, { type, source, target }));
const umount = (target: string): Promise<string> => outcome(() => files.umount(root, target));

describe('/proc/mounts', () => {
  it('lists what is mounted at boot', async () => {
    expect(await root.readFile('/proc/mounts')).toBe('rootfs / rootfs rw 0 0\n/dev/sda / ext3 rw 0 0\nnone /dev/shm tmpfs rw 0 0\nnone /proc proc rw 0 0\nnone /sys sysfs rw 0 0\nnone /dev/cpuset cpuset rw 0 0\n');
    expect(await root.readFile('/etc/mtab')).toBe(await root.readFile('/proc/mounts'));
  });
});

describe('a disk', () => {
  it.each(['ext2', 'ext3', 'xfs'])('with %s is mounted, and has its files still when it is mounted again elsewhere', async type => {
    await files.format(root, '/dev/sdc1', type);
    await files.mkdir(root, '/mnt/a');
    await files.mkdir(root, '/mnt/b');
    expect(await mount(type, '/dev/sdc1', '/mnt/a')).toBe('done');
    await files.mkdir(root, '/mnt/a/d');
    await root.writeFile('/mnt/a/d/f', 'x'.repeat(50_000));
    const inode = box.k.m.super_blocks.at(-1)!.s_names.get('/mnt/a/d/f')!;
    expect(await umount('/mnt/a')).toBe('done');
    expect([root.readDir('/mnt/a'), inode.i_mapping.nrpages, box.k.m.page_state.nr_dirty, box.k.m.super_blocks.length]).toEqual([[], 0, 0, 2]);
    expectSound(box);
    expect(await mount(type, '/dev/sdc1', '/mnt/b')).toBe('done');
    expect(await root.readFile('/mnt/b/d/f')).toBe('x'.repeat(50_000));
    expect([inode.path, inode.i_mapping.nrpages]).toEqual(['/mnt/b/d/f', 4]);
    expectSound(box);
  });

  it('is not mounted when it is blank, of another type, in use, or no disk', async () => {
    expect(await mount('ext2', '/dev/sdc', '/mnt')).toBe('EINVAL');
    await files.format(root, '/dev/sdc', 'xfs');
    expect(await mount('ext2', '/dev/sdc', '/mnt')).toBe('EINVAL');
    expect(await mount('ext3', '/dev/sda', '/mnt')).toBe('EBUSY');
    expect(await outcome(() => files.format(root, '/dev/sdb1', 'ext2'))).toBe('EBUSY');
    expect(await mount('xfs', '/dev/null', '/mnt')).toBe('ENOTBLK');
    expect(await mount('xfs', '/dev/none', '/mnt')).toBe('ENOENT');
    expect(await mount('xfs', '/dev/sdc', '/nowhere')).toBe('ENOENT');
    expect(await mount('xfs', '/dev/sdc', '/etc/passwd')).toBe('ENOTDIR');
    expect(await mount('minix', '/dev/sdc', '/mnt')).toBe('ENODEV');
  });

  it('is not unmounted while somebody has a file open or his working directory there', async () => {
    await files.format(root, '/dev/sdc', 'ext2');
    await mount('ext2', '/dev/sdc', '/mnt');
    const fd = await root.sys('open', '/mnt/f', 0o102, 0o644);
    expect(await umount('/mnt')).toBe('EBUSY');
    await root.sys('close', fd);
    root.cwd = '/mnt';
    expect(await umount('/mnt')).toBe('EBUSY');
    root.cwd = '/';
    expect(await umount('/mnt')).toBe('done');
    expect(await umount('/mnt')).toBe('EINVAL');
    expect(await umount('/')).toBe('EBUSY');
  });
});

describe('a tmpfs', () => {
  it('hides what is below it, and what was in it is gone when it is unmounted', async () => {
    await root.writeFile('/mnt/below', 'x');
    expect(await mount('tmpfs', 'none', '/mnt')).toBe('done');
    await root.writeFile('/mnt/f', 'y');
    expect(root.readDir('/mnt')).toEqual(['f']);
    expect(await root.readFile('/proc/mounts')).toContain('none /mnt tmpfs rw 0 0\n');
    expect(await umount('/mnt')).toBe('done');
    expect(root.readDir('/mnt')).toEqual(['below']);
    expectSound(box);
  });
});

it('only root mounts and unmounts', async () => {
  const p = root.forked(await fork(box, root));
  await p.sys('setresuid', 1000, 1000, 1000);
  expect(await outcome(() => files.mount(p, { type: 'tmpfs', source: 'none', target: '/mnt' }))).toBe('EPERM');
  expect(await outcome(() => files.umount(p, '/dev/cpuset'))).toBe('EPERM');
});

it('the cpuset file system is unmounted and mounted elsewhere, with its cpusets', async () => {
  await files.mkdir(root, '/dev/cpuset/x');
  expect(await umount('/dev/cpuset')).toBe('done');
  expect(root.readDir('/dev/cpuset')).toEqual([]);
  expect(await mount('cpuset', 'none', '/mnt')).toBe('done');
  expect(root.readDir('/mnt')).toContain('x');
  expect(await mount('cpuset', 'cpuset', '/mnt')).toBe('EBUSY');
});
