import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expectSound, newBox } from '../helpers.js';

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(
    '-m', '-i', '-p', '-P', '-N', '-C', '-l', '-a', '-b', '-t', '-T', '-V', '-d', '-D', '-H', '-s', '-u', '-c', '-n', '-z', '-v', '-r2', '-r', '-h', '-s1', '--help', '--all', '--length=64k', '--length=16k',
    '--offset=16k', '--shm=/root/a', '--file=/dev/shm/a', '--file=/nowhere/a', '--shmmode=600', '--shmid=7', '-I', '-M', '--strict', '--touch', '--verify', '--dump', '--dump-nodes', '--huge', '-f/dev/shm/a', '-f', '-f/x/y', '--shm=', '--file=/root/', '--shm=/x/y', '/dev/null',
    '0', '1', '0-3', 'all', 'same', '!0', '+1', '', '1m', '100k', '-1', '999', 'membind', 'interleave', 'local', 'preferred', 'default', 'pagesize', 'numastat', 'x', '--', '-',
  ) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[!+]?[-0-9,]{0,6}$/) },
);
const command = fc.constantFrom('numactl', 'numastat', 'migratepages', 'memhog', 'migspeed', 'node-parse', 'ftok', 'mynode', 'nodemap', 'distance');

it('whatever is typed behind these commands is answered, and the machine stays sound', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(command, fc.array(word, { maxLength: 6 })), { minLength: 1, maxLength: 8 }), async lines => {
    const box = newBox();
    for (const [name, args] of lines) {
      const { exitCode } = await box.run([name, ...args]);
      expect([name, args, exitCode >= 0 && exitCode <= 255]).toEqual([name, args, true]);
    }
    expectSound(box);
  }), { numRuns: 15 });
}, 60_000);
