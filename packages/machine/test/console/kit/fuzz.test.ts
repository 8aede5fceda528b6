import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { expectSound, newBox } from '../helpers.js';

/** What people type at these programs, and what they should not. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  workload: [
    'anon:4p', 'anon:64k:bind=1', 'anon:3p:bind=9', 'shared:2p:read', 'heap:5p', 'heap:900g', 'stack:3p', 'stack:4000p', 'guard:2p', 'file:/tmp/f:3p', 'file:/dev/null:2p', 'file:/proc/meminfo:2p', 'file:/:1p', 'file:/tmp/f:0',
    'text:/bin/bash', 'text:/etc/passwd', 'text:/nowhere', 'shm:5:2p', 'shm:5:9p', 'shm:private:1g', 'shm:0:1p', 'anon:1p:lock', 'anon:1024g', 'anon:60m:untouched', 'anon:2p:write=random/5', 'file:/tmp/g:2p:migrate', 'anon:2p:migrate',
    '-n', '2', '0', 'forever', '-t', '-v', '-r', '-s', '-p', '3', '-f', '-T', '-N', '0-3', '7', '-P', 'bind=1', 'interleave=0,2', '', ':', 'anon', '--', '-S',
  ],
  strace: ['-f', '-c', '-e', 'trace=mbind', 'none', '!kill', '%memory', 'trace=', '-o', '/tmp/o', '/nowhere/o', '/proc/x', '-p', '1', '2', '99', '-t', '-T', '-q', 'syscall', 'getpid', 'kill', 'self', '9', '19', 'workload', 'anon:2p', 'nosuch', '-Z', ''],
  trace: ['-g', 'sys_getpid', 'frob', '__proto__', 'constructor', '-d', '1', '0', '-a', '-c', '-l', '5', '-o', '/tmp/t', '/nowhere/t', '--json', 'chrome', 'xml', 'syscall', 'getpid', 'fork', 'workload', 'anon:2p', 'strace', 'trace', 'nosuch', ''],
  quilt: ['push', 'pop', '-a', '-q', '-v', '--live', '-f', 'p04', '3', '0', '99', 'top', 'series', 'diff', '-P', 'next', 'previous', 'applied', 'unapplied', 'toString', '__proto__', '-h', '', 'mm/mmigrate.c'],
  man: ['-k', '-f', 'ls', 'numa_maps', '/proc/1/maps', '2', '5', 'mbind', '', '*', '__proto__', 'constructor', '(', 'meminfo', '/proc/self/stat'],
};
/** They run for ever, as they should, or stop themselves: nobody is there to go on. */
const ENDLESS = (words: readonly string[]): boolean => words.includes('forever') || words.includes('-S') || (words.includes('kill') && words.includes('19'));

describe.each(Object.keys(WORDS))('%s', command => {
  it('never fails inside, whatever is typed', { timeout: 120_000 }, async () => {
    const box = newBox({ programs });
    const line = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...WORDS[command]!) }, { weight: 1, arbitrary: fc.string({ maxLength: 6 }) }), { maxLength: 6 });
    await fc.assert(fc.asyncProperty(line, async words => {
      if (ENDLESS(words)) return;
      const { exitCode } = await box.run([command, ...words]);
      expect(Number.isInteger(exitCode) && exitCode >= 0 && exitCode < 256).toBe(true);
      expectSound(box);
      expect(box.scheduler.observers.size).toBe(0);
    }), { numRuns: 75, endOnFailure: true });
  });
});
