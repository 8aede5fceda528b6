import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemPrograms } from '../../../src/console/programs/system/index.js';
import { commandOf } from '../../../src/console/index.js';
import { expectSound } from '../helpers.js';
import { systemBox } from './helpers.js';


/** What people type, and what they do not. */
const WORDS = [
  '-a', '-e', '-f', '-l', '-p', '-s', '-t', '-n', '-o', '-u', '-9', '-aux', '--help', '--all', '--sort=-rss', '--x=y', '-', '--', '', ' ', '0', '1', '7', '99999', '-1', '-7', '1k', '0x1f', '1-3', 'x', '%1', 'pid,comm', 'pid=', '=,=', 'user1000',
  'root', 'sleep', '.', '(', '/dev/sdb1', '/dev/sdc1', '/dev/null', '/', '/proc', '/tmp/f', 'ext2', 'tmpfs', 'vm.swappiness', 'vm.swappiness=1', '=', 'if=/dev/zero', 'of=/tmp/f', 'count=1', 'bs=0', '+%Q%', '-d@0', 'true', 'ps', 'id', '\u0000', 'ü',
];
/** These go on for ever when they are told to. */
const ENDLESS = new Set(['vmstat', 'free', 'top']);

it('no command line is more than a program can take', async () => {
  const programs = systemPrograms.map(commandOf);
  let box = systemBox();
  await fc.assert(fc.asyncProperty(fc.constantFrom(...programs), fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }), fc.constantFrom('', 'whoami\n'), async (command, args, stdin) => {
    if (box.login.task.state !== 'R') box = systemBox(); // somebody has killed the shell
    const words = ENDLESS.has(command) ? [...args.filter(word => !/\d|^-s/.test(word)), ...(command === 'top' ? ['-n1'] : [])] : args;
    const { exitCode } = await box.run([command, ...words], stdin).catch((error: unknown) => {
      if (box.login.task.state !== 'R') return { exitCode: 0 };
      throw error;
    });
    expect(Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= 255).toBe(true);
    expect(box.internalErrors).toEqual([]);
  }), { numRuns: 400 });
  if (box.login.task.state === 'R') expectSound(box);
});

it('every program has a manual, and most a --help that begins with how it is used', async () => {
  const box = systemBox();
  for (const program of systemPrograms) {
    expect(program.manual).toMatch(/^[A-Z0-9.]+\([18]\) .*\n\nNAME\n {7}\S+ - .+\n\nSYNOPSIS\n {7}\S/);
    expect(program.manual.split('\n').filter(line => line.length > 100 && !line.startsWith(' '.repeat(7)))).toEqual([]);
  }
  expect((await box.run(['ps', '--help'])).stdout).toMatch(/^Usage: ps /);
});
