import fc from 'fast-check';
import { syscallNumbers } from '@pmkit/mm-core';
import { describe, expect, it } from 'vitest';
import { SIGNATURES } from '../../../src/console/programs/kit/calls/signatures.js';
import { syscall } from '../../../src/console/programs/kit/syscall.js';
import { expectSound, newBox } from '../helpers.js';

const call = async (words: readonly string[], box = newBox({ programs: [syscall] })) => box.run(['syscall', ...words]);

describe('syscall', () => {
  it('prints what the call returned', async () => {
    const box = newBox({ programs: [syscall] });
    expect(await call(['getpid'], box)).toEqual({ stdout: `= ${box.login.pid + 1}\n`, stderr: '', exitCode: 0 });
    expect(await call(['1041'], box)).toEqual({ stdout: `= ${box.login.pid + 2}\n`, stderr: '', exitCode: 0 });
  });
  it('prints an error by name and in words, and fails', async () => {
    expect(await call(['kill', '999', 'SIGSTOP'])).toEqual({ stdout: '= -1 ESRCH (No such process)\n', stderr: '', exitCode: 1 });
  });
  it('calls migrate_pages() by name at every level, and by its number', async () => {
    for (const words of [['migrate_pages', 'self', '1', '{1}', '{2}'], ['1279', 'self', '1', '{1}', '{2}']]) {
      expect((await call(words)).stdout).toMatch(/^= \d+\n$/);
      expect((await call(words, newBox({ level: 3, programs: [syscall] }))).stdout).toBe('= -1 ENOSYS (Function not implemented)\n');
    }
  });
  it('prints the call with -v, and what the kernel has written', async () => {
    expect((await call(['-v', 'get_mempolicy', 'int', 'mask{}', '257', '0', '0'])).stdout).toBe(
      'get_mempolicy([MPOL_DEFAULT], [0000000000000000, 0000000000000000, 0000000000000000, 0000000000000000], 257, NULL, 0) = 0\n');
    expect((await call(['-v', 'migrate_pages', '7777', '2', '{5,6}', 'BAD'])).stdout).toBe('migrate_pages(7777, 2, {5, 6}, 0x1)     = -1 EFAULT (Bad address)\n');
  });
  it('makes several calls in one process, and keeps their results', async () => {
    const box = newBox({ programs: [syscall] });
    const { stdout, exitCode } = await call([
      'a = mmap(0, 16P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'mbind(a + 4P, 8P, MPOL_BIND, mask{2,3}, 257, MPOL_MF_STRICT)', 'munmap(a, 16P)',
    ], box);
    const address = /= (0x[0-9a-f]+)/.exec(stdout)![1]!;
    const inside = `0x${(BigInt(address) + 65536n).toString(16)}`;
    expect(stdout.split('\n')).toEqual([
      `mmap(NULL, 262144, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, NULL) = ${address}`,
      `mbind(${inside}, 131072, MPOL_BIND, [0x0000000000000c, 0000000000000000, 0000000000000000, 0000000000000000], 257, MPOL_MF_STRICT) = 0`,
      `munmap(${address}, 262144)`.padEnd(39) + ' = 0', '',
    ]);
    expect(exitCode).toBe(0);
    expectSound(box);
  });
  it('names what it does not know as strace does', async () => {
    expect((await call(['-v', 'mbind', '0', '16P', '7', 'NULL', '0', '64'])).stdout).toBe('mbind(NULL, 262144, 0x7 /* MPOL_??? */, NULL, 0, 0x40 /* MPOL_??? */) = -1 EINVAL (Invalid argument)\n');
    expect((await call(['-v', '1274'])).stdout).toBe('syscall_0x4fa()'.padEnd(39) + ' = -1 ENOSYS (Function not implemented)\n');
  });
  it('forks: the child comes back too', async () => {
    expect((await call(['fork'])).stdout).toMatch(/^= \d+\n(= 0\n)?$/);
  });
  it.each([
    [[], 'expected a system call, by number or name (syscall -l lists them)'], [['frob'], "no system call is called 'frob'"], [['kill', '1', '2', '3'], 'kill() takes 2 arguments, found 3'],
    [['kill', '{1}'], 'argument 1 of kill(): expected a number'], [['kill', 'self', 'SIGWHAT'], "argument 2 of kill(): nothing is called 'SIGWHAT'"],
    [['mbind', '0', '1P', '2', 'mask{300}', '257'], 'argument 4 of mbind(): expected nodes below 256, found 300'], [['open', '{1}', '('], "(: expected a number, a constant, the name of a task or of a result, found '('"],
    [['kill(1', '2)'], "kill(1: expected ')', found the end"],
  ])('refuses %j', async (words, message) => {
    expect(await call(words)).toEqual({ stdout: '', stderr: `syscall: ${message}\n`, exitCode: 2 });
  });
  it('lists the calls of the kernel that runs, and who brought them', async () => {
    const { stdout } = await call(['-l']);
    expect(stdout).toMatch(/^1259 mbind {16}mm\/mempolicy\.c {15}p06-mbind-control \(first mm-core\)$/m);
    expect(stdout).toMatch(/^1279 migrate_pages {8}mm\/mmigrate\.c {16}p09-permissions-check \(first p04-sys-migrate-pages\)$/m);
    expect((await call(['-l'], newBox({ level: 2, programs: [syscall] }))).stdout).not.toContain('migrate_pages');
  });
  it('knows what every call of the table takes', () => {
    const { k } = newBox({ programs: [] });
    expect([...syscallNumbers(k).keys()].filter(name => !SIGNATURES.has(name))).toEqual([]);
  });
});

describe('a raw call', () => {
  const values = ['0', '-1', '1', '3', '7', '16P', '1000P', 'self', 'NULL', 'BAD', 'int', '{1,2}', '{0}', 'mask{1}', 'MAP_FIXED', '0x2000000000000000', '18446744073709551615', '99999999999999999999', '{}', '4096'];
  const names = [...SIGNATURES.keys()].filter(name => !['exit', 'exit_group', 'fork', 'clone', 'nanosleep', 'execve'].includes(name));
  it('never harms the machine, whatever its arguments are', { timeout: 60_000 }, async () => {
    const box = newBox({ programs: [syscall] });
    const step = fc.tuple(fc.constantFrom(...names), fc.array(fc.constantFrom(...values), { maxLength: 6 }));
    await fc.assert(fc.asyncProperty(step, async ([name, args]) => {
      // -1 as a pid is everybody
      if (name === 'kill') return;
      const { exitCode } = await call([name, ...args], box);
      expect([0, 1, 2, 135, 137, 139]).toContain(exitCode);
      expectSound(box);
    }), { seed: 7, numRuns: 300 });
  });
});
