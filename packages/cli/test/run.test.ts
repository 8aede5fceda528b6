/** pmkit run: scripts, their arguments and exit codes, and what is said about what cannot be. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pmkit, type Typed } from './console-helpers.js';
import { scratch } from './helpers.js';

const SMALL = ['--machine', 'node:2 pu:1'];
const run = (argv: readonly string[], more: Typed = {}) => pmkit(['run', ...SMALL, ...argv], more);

describe('a script', () => {
  it('comes from a file, from -c or from standard input, with its arguments', async () => {
    const cwd = scratch();
    writeFileSync(path.join(cwd, 's.sh'), 'echo "$0: $# $1 $2"\n');
    expect(await run(['s.sh', '-x', 'b c'], { cwd })).toMatchObject({ code: 0, out: 's.sh: 2 -x b c\n', err: '' });
    expect((await run(['-c', 'echo "$0 $1"', 'name', 'one'])).out).toBe('name one\n');
    expect((await run(['-', 'one'], { text: 'echo "$0 $1"' })).out).toBe('bash one\n');
    expect((await run([], { text: 'echo hi' })).out).toBe('hi\n');
  });
  it.each<[string, number, string]>([
    ['exit 7', 7, ''], ['false', 1, ''], ['true; exit 256', 0, ''], ['fi', 2, "bash: line 1: syntax error near unexpected token `fi'\n"], ['nosuch', 127, 'bash: nosuch: command not found\n'], ['kill -9 $$', 137, ''],
    ['set -e; false; echo no', 1, ''], ['', 0, ''],
  ])('%j ends with its exit code', async (text, code, err) => {
    expect(await run(['-c', text])).toMatchObject({ code, out: '', err });
  });
  it('prints in the order in which it prints, errors among the rest', async () => {
    expect((await run(['-c', 'echo a; echo b >&2; echo c; for i in 1 2; do echo $i; echo e$i >&2; done'])).screen).toBe('a\nb\nc\n1\ne1\n2\ne2\n');
  });
  it('that reboots the machine ends with it, and its output is whole', async () => {
    expect(await run(['--at', '3', '-c', 'echo before; quilt pop; echo after'])).toMatchObject({ out: expect.stringMatching(/^before\n/) as string });
  });
});

describe('the kernel and the machine', () => {
  it.each([['3', '2.6.12-rc5-mhp1+add-node_map-arg-to-try_to_migrate_pages-rc3'], ['0', '2.6.12-rc5-mhp1'], ['add-node_map-arg-to-try_to_migrate_pages-rc3', '2.6.12-rc5-mhp1+add-node_map-arg-to-try_to_migrate_pages-rc3']])('are of the tree that --at %s names', async (at, release) => {
    expect((await run(['--at', at, '-c', 'uname -r'])).out).toBe(`${release}\n`);
  });
  it('that does not build is refused with the words of the compiler', async () => {
    const { code, out, err } = await run(['--at', '9+hotplug', '-c', 'true']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('error: too few arguments to function `try_to_migrate_pages\'');
  });
  it('may be described in any of the ways in which machines are', async () => {
    const numactl = (await run(['-c', 'numactl -H'])).out;
    const cwd = scratch();
    writeFileSync(path.join(cwd, 'box.txt'), numactl);
    expect((await pmkit(['run', '--machine', path.join(cwd, 'box.txt'), '-c', 'numactl -H | head -1'], { cwd })).out).toBe('available: 2 nodes (0-1)\n');
  });
  it('are of the user that --user names', async () => {
    expect((await run(['--user', '1000', '-c', 'id -u; echo x > /proc/sys/vm/swappiness'])).screen).toBe('1000\nbash: /proc/sys/vm/swappiness: Permission denied\n');
  });
});

describe('what cannot be', () => {
  it.each<[readonly string[], RegExp]>([
    [['nosuch.sh'], /^pmkit run: cannot read nosuch\.sh: ENOENT/], [['/'], /^pmkit run: cannot read \/: EISDIR/], [['--at', 'nope', '-c', 'true'], /^Patch nope is not in series\n/], [['--swap', 'x', '-c', 'true'], /Expected a whole number/],
    [['--user', '-1', '-c', 'true'], /Expected a whole number/], [['--frob'], /unknown option '--frob'/],
  ])('%j is said with exit code 2', async (argv, message) => {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
  it('is a machine that nobody knows', async () => {
    expect(await pmkit(['run', '--machine', 'nope', '-c', 'true'])).toMatchObject({ code: 2, err: expect.stringMatching(/^pmkit run: nope: .*found nothing there; expected/) as string });
  });
  it('is nothing to run, at a terminal', async () => {
    expect(await run([], { isTTY: true })).toMatchObject({ code: 2, err: 'pmkit run: expected a script, -c, or a script on standard input (pmkit shell is for typing)\n' });
  });
});
