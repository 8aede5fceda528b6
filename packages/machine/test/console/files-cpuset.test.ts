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

const outcome = (action: () => Promise<unknown>): Promise<string> => outcomeOf(action, error => `${error.code} ${error.operation}`);
const echo = (text: string, path: string, p = root): Promise<string> => outcome(() => p.writeFile(`/dev/cpuset/${path}`, `${text}\n`));
const cat = (path: string): Promise<string> => root.readFile(`/dev/cpuset/${path}`);

describe('a cpuset', () => {
  it('is made as a directory with its files, empty', async () => {
    await files.mkdir(root, '/dev/cpuset/x');
    expect(root.readDir('/dev/cpuset/x')).toEqual(['cpu_exclusive', 'cpus', 'mem_exclusive', 'mems', 'notify_on_release', 'tasks']);
    expect([await cat('cpus'), await cat('mems'), await cat('x/cpus'), await cat('x/mems'), await cat('x/tasks')]).toEqual(['0-7\n', '0-3\n', '\n', '\n', '']);
    expect([root.stat('/dev/cpuset/x').mode, root.stat('/dev/cpuset/x/mems').mode]).toEqual([0o755, 0o644]);
  });

  it('takes what is echoed into it, and a task by its pid or 0 for who writes', async () => {
    await files.mkdir(root, '/dev/cpuset/x');
    expect([await echo('1-2', 'x/mems'), await echo('2,4', 'x/cpus'), await echo('1', 'x/notify_on_release')]).toEqual(['done', 'done', 'done']);
    expect([await cat('x/mems'), await cat('x/cpus'), await cat('x/notify_on_release')]).toEqual(['1-2\n', '2,4\n', '1\n']);
    const p = root.forked(await fork(box, root));
    expect(await echo('0', 'x/tasks', p)).toBe('done');
    expect([await cat('x/tasks'), await root.readFile(`/proc/${p.pid}/cpuset`), p.task.cpu]).toEqual([`${p.pid}\n`, '/x\n', 2]);
    expectSound(box);
  });

  it.each([
    ['mems', '999', 'ERANGE write'], ['mems', 'x', 'EINVAL write'], ['mems', '', 'EINVAL write'], ['cpus', '300', 'ENOSPC write'], ['tasks', '99999', 'ENOSPC write'],
    ['tasks', 'x', 'EIO write'], ['cpus', '1'.repeat(4000), 'E2BIG write'],
  ])('says of %s ← %j what 2.6.12 says: %s', async (file, text, expected) => {
    await files.mkdir(root, '/dev/cpuset/x');
    expect(await echo(text, `x/${file}`)).toBe(expected);
  });

  it('is not removed while something is in it', async () => {
    await files.mkdir(root, '/dev/cpuset/x');
    await files.mkdir(root, '/dev/cpuset/x/y');
    expect(await outcome(() => files.rmdir(root, '/dev/cpuset/x'))).toBe('EBUSY rmdir');
    expect(await outcome(() => files.unlink(root, '/dev/cpuset/x/mems'))).toBe('EPERM unlink');
    await files.rmdir(root, '/dev/cpuset/x/y');
    expect(await outcome(() => files.rmdir(root, '/dev/cpuset/x'))).toBe('done');
  });

  it('has no files but its own', async () => {
    expect(await echo('x', 'new')).toBe('EACCES open');
    expect(await outcome(() => files.mkdir(root, '/dev/cpuset/mems'))).toBe('EEXIST mkdir');
    expect(await outcome(() => files.rename(root, '/dev/cpuset/mems', '/dev/cpuset/m'))).toBe('EPERM rename');
  });

  it('belongs to root, until it is given to somebody', async () => {
    const p = root.forked(await fork(box, root));
    await p.sys('setresuid', 1000, 1000, 1000);
    await files.mkdir(root, '/dev/cpuset/x');
    expect([await echo('1', 'x/mems', p), await outcome(() => files.mkdir(p, '/dev/cpuset/x/y'))]).toEqual(['EACCES open', 'EACCES mkdir']);
    await files.chown(root, '/dev/cpuset/x', 1000, -1);
    await files.chown(root, '/dev/cpuset/x/mems', 1000, -1);
    expect([await echo('1', 'x/mems', p), await echo('1', 'x/cpus', p), await outcome(() => files.mkdir(p, '/dev/cpuset/x/y'))]).toEqual(['done', 'EACCES open', 'done']);
    expect(root.stat('/dev/cpuset/x/y/mems').uid).toBe(1000);
  });
});

it('is not there without CONFIG_CPUSETS', async () => {
  const { machine } = box.options;
  box = newBox({ machine: { ...machine, config: { CONFIG_CPUSETS: false } } });
  expect(box.login.readDir('/dev/cpuset')).toEqual([]);
  expect(await outcome(() => box.files.mount(box.login, { type: 'cpuset', source: 'none', target: '/mnt' }))).toBe('ENODEV mount');
});
