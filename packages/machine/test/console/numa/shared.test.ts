import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/console/index.js';
import { expectSound, newBox } from '../helpers.js';

const numactl = async (box: Box, ...args: readonly string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await box.run(['numactl', ...args]);
  expect([stderr.replace(/^numactl: Creating .*\n/gm, ''), exitCode]).toEqual(['', 0]);
  return stdout;
};

describe.each([['--shm=/root/A'], ['--file=/dev/shm/A']])('shared memory: numactl %s', object => {
  it('is made, and keeps a policy for each of its parts', async () => {
    const box = newBox();
    expect(await numactl(box, '--length=8m', object, '--dump')).toBe('');
    const range = (from: number, to: number, text: string): string => `${(from << 20).toString(16).padStart(16, '0')}-${(to << 20).toString(16).padStart(16, '0')}: ${text}\n`;
    expect(await numactl(box, '--offset=2m', '--length=2m', object, '--strict', '--interleave=0,1', '--verify', '--dump')).toBe(range(2, 4, 'interleave : 0 1 '));
    expect(await numactl(box, '--offset=4m', '--length=2m', object, '--strict', '--membind=1', '--verify')).toBe('');
    expect(await numactl(box, '--offset=6m', '--length=1m', object, '--strict', '--preferred=3', '--verify')).toBe('');
    expect(await numactl(box, '--length=8m', object, '--dump')).toBe(range(2, 4, 'interleave : 0 1 ') + range(4, 6, 'bind : 1 ') + range(6, 7, 'preferred : 3 '));
    expect(await numactl(box, '--offset=4m', '--length=2m', object, '--dump-nodes')).toBe(range(4, 6, '1'));
    expectSound(box);
  });

  it('whose pages are elsewhere does not verify, and --strict refuses it', async () => {
    const box = newBox();
    await numactl(box, '--length=1m', object, '--membind=0', '--touch');
    const verified = await box.run(['numactl', '--length=1m', object, '--membind=2', '--verify']);
    expect(verified.exitCode).toBe(1);
    expect(verified.stdout).toMatch(/^numactl verify [\da-f]+\(0\): unexpected node 0\nexpected: 2 \n/);
    expect(await box.run(['numactl', '--length=1m', object, '--touch', '--strict', '--membind=1'])).toEqual({
      stdout: '', stderr: 'mbind: Input/output error\nsetting membind: Input/output error\n', exitCode: 1,
    });
  });

  it('needs a length to be made, and whole pages', async () => {
    const box = newBox();
    expect((await box.run(['numactl', object, '--dump'])).stderr).toMatch(/numactl: need a --length to create a (sysv shared memory segment|shared file)$/);
    expect((await box.run(['numactl', '--length=100', object])).stderr).toMatch(/numactl: policy region not page aligned\n$/);
  });

  it('takes no CPUs and no program', async () => {
    const box = newBox();
    expect((await box.run(['numactl', '-N', '1', '--length=1m', object])).stderr).toMatch(/^numactl: cannot do --cpubind on shared memory\n/);
    expect((await box.run(['numactl', '--length=1m', object, 'x'])).exitCode).toBe(1);
  });
});

it('a segment has the key that ftok makes of its file', async () => {
  const box = newBox();
  const { stderr } = await box.run(['numactl', '--length=64k', '--shmmode=640', '--shm', '/root/key']);
  expect(stderr).toBe('numactl: Creating shm key file /root/key mode 0640\nnumactl: Creating shared memory segment /root/key id 0 mode 0640 length 0MB\n');
  const [segment] = [...box.k.m.shm.values()];
  expect((await box.run(['ftok', '/root/key', '/nowhere'])).stdout).toBe(`0x${segment!.key.toString(16)}\n0xffffffff\n`);
  expect([segment!.mode, segment!.size]).toEqual([0o640, 65536]);
});

it('a directory is no shared file', async () => {
  const box = newBox();
  expect(await box.run(['numactl', '--length=1m', '--file=/root/'])).toEqual({ stdout: '', stderr: 'numactl: cannot create file /root/: Is a directory\n', exitCode: 1 });
  expect(box.k.path_lookup('/root')).toBeNull();
});

it('huge pages are not there', async () => {
  const { stderr, exitCode } = await newBox().run(['numactl', '--huge', '--length=1m', '--shm=/root/A']);
  expect([stderr.split('\n').at(-2), exitCode]).toEqual(['numactl: cannot create shared memory segment: Function not implemented', 1]);
});
