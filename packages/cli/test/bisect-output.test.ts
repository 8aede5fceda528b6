/** What a program that is run may print, and what of it tells one failure from another. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../src/bisect/command.js';
import { bisectSchema, type BisectJson } from '../src/schemas.js';
import { session, type Answer } from './helpers.js';

const run = (body: string, ...options: readonly string[]): Promise<Answer> =>
  session({ env: { PATH: process.env['PATH']! } })(['bisect', 'run', ...options, process.execPath, '-e', `const level = Number(process.env.PMKIT_LEVEL); ${body}`]);

async function runJson(body: string): Promise<BisectJson> {
  return bisectSchema.parse(JSON.parse((await run(body, '--json')).out));
}

const signature = (stderr: string, stdout = ''): string => signatureOf({ code: 1, stdout, stderr });

describe('the signature of a failure', () => {
  it.each([
    ['nothing', '', 'exit 1'],
    ['blank lines', '\n \r\n\t\n', 'exit 1'],
    ['a line that is not ended', 'wrong node', 'exit 1: wrong node'],
    ['lines ended as on Windows', 'first\r\nwrong node\r\n', 'exit 1: wrong node'],
    ['colours', '\u001B[31mwrong\u001B[39m node\u001B[0m\n', 'exit 1: wrong node'],
    ['a bar that is drawn over', '10 %\r60 %\rwrong node', 'exit 1: wrong node'],
    ['a bell and a tab', 'wrong\tnode\u0007\n', 'exit 1: wrong node'],
    ['numbers', 'page 17 of pid 1204 is on node -1', 'exit 1: page N of pid N is on node -N'],
    ['addresses', 'at 0x2000000000004000, e00000b0030f4000', 'exit 1: at N, N'],
    ['words that could be hexadecimal', 'added a decade of facades', 'exit 1: added a decade of facades'],
    ['a long line', 'x'.repeat(500), `exit 1: ${'x'.repeat(97)}...`],
  ])('of %s', (_, text, wanted) => {
    expect(signature(text)).toBe(wanted);
    expect(signature('', text)).toBe(wanted);
  });

  it('is of standard error first, which says what is wrong', () => {
    expect(signature('wrong node\n', 'ok 1\nnot ok 2\n')).toBe('exit 1: wrong node');
  });

  it.each([
    ['an Error', '/tmp/a.js:1\nthrow new TypeError("wrong node")\n^\n\nTypeError: wrong node\n    at Object.<anonymous> (/tmp/a.js:1:7)\n    at node:internal/main:1:1\n\nNode.js v20.19.0\n', 'exit 1: TypeError: wrong node'],
    ['one with a cause', 'Error: outer\n    at a.js:1:1 {\n  [cause]: Error: inner\n      at b.js:2:2\n}\n\nNode.js v22.1.0\n', 'exit 1: [cause]: Error: inner'],
    ['one of assert', 'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n1 !== 2\n\n    at a.js:1:1 {\n  generatedMessage: true\n}\n\nNode.js v20.19.0\n', 'exit 1: N !== N'],
    ['what is no Error', "node:internal:1\nUncaught 'wrong node'\n\nNode.js v20.19.0\n", 'exit 1: Node.js vN.N.N'],
  ])('of %s that Node reports is what stands above its stack trace', (_, text, wanted) => {
    expect(signature(text)).toBe(wanted);
  });

  it('keeps two errors of a program for Node apart', async () => {
    const { levels } = await runJson("if (level >= 3) throw new Error(level < 5 ? 'no such call' : 'wrong node')");
    expect(levels.map(({ verdict }) => verdict)).toEqual([...Array<string>(3).fill('good'), ...Array<string>(2).fill('otherwise'), ...Array<string>(6).fill('bad')]);
    expect(levels.at(-1)?.signature).toBe('exit 1: Error: wrong node');
  });
});

describe('a program', () => {
  it('may print what is not UTF-8', async () => {
    const { code, out } = await run('process.stdout.write(Buffer.from([0x66, 0xff, 0xfe, 0x80, 0x0a])); process.exitCode = level < 4 ? 0 : 1', '--no-verify');
    expect(code).toBe(0);
    expect(out).toContain('\nf\uFFFD\uFFFD\uFFFD\n');
  });

  it('may stop in the middle of a letter and go on', async () => {
    const body = "const euro = Buffer.from('€'); process.stdout.write(euro.subarray(0, 1)); setTimeout(() => process.stdout.write(euro.subarray(1)), 30); process.exitCode = level < 4 ? 0 : 1";
    expect((await run(body, '--no-verify')).out).toMatch(/^€/m);
  });

  it('may print a lot, and its end is what counts', async () => {
    const { code, out } = await run("process.stdout.write('x'.repeat(79).concat('\\n').repeat(25000) + 'end\\n'); process.exitCode = level < 4 ? 0 : 1", '--no-verify');
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(5 * 2_000_000);
    expect(out).toMatch(/^\[4\] +bad {2}exit 1: end$/m);
  });

  it('gets no input: what a person types is not for it', async () => {
    const body = "const { fstatSync, statSync } = require('fs'); process.exitCode = fstatSync(0).rdev !== statSync('/dev/null').rdev ? 200 : level < 4 ? 0 : 1";
    expect((await run(body, '--no-verify')).code).toBe(0);
  });
});

describe('a session', () => {
  it('may have any word for a term', async () => {
    const pmkit = session();
    await pmkit('bisect start --term-old=origin --term-new=mark 9');
    expect((await pmkit('bisect origin 7')).out).toMatch(/^\[8\]/m);
    expect((await pmkit('bisect mark')).out).toContain(' is the first mark patch\n');
    expect((await pmkit('bisect log')).out).toContain('\npmkit bisect origin 7\n');
    await pmkit('bisect reset');
    expect((await pmkit('top')).code).toBe(2);
  });

  it('with the hotplug patches does not ask about trees that do not build', async () => {
    const pmkit = session();
    expect((await pmkit('bisect start --hotplug 10 0')).out).toMatch(/^\[2\]/m);
    expect(await pmkit('bisect good')).toMatchObject({ code: 2, out: expect.stringMatching(/any of:\n( {2}\[\d+\] .*\n){8}We cannot bisect more!\n$/) as string });
  });

  it.each(['start', 'start 10 0', 'good', 'log', 'reset', 'run true'])('bisect %s where .pmkit is no directory is refused, and that stays as it is', async (words) => {
    const pmkit = session({ env: { PATH: process.env['PATH']! } });
    writeFileSync(path.join(pmkit.cwd, '.pmkit'), 'x');
    expect(await pmkit(`bisect ${words}`)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^cannot read .*bisect-log: ENOTDIR/) as string });
  });

  it('ends a log before it is too long to be read again', async () => {
    const pmkit = session();
    await pmkit('bisect start');
    const words = ['bisect', 'skip', ...Array<string>(500).fill('5')];
    expect((await pmkit(words)).code).toBe(0);
    const { out } = await pmkit('bisect log');
    expect(await pmkit([...words, ...words.slice(2)])).toMatchObject({ code: 1, err: expect.stringContaining('is full: more than 65536 bytes; nothing was written') as string });
    expect((await pmkit('bisect log')).out).toBe(out);
  });
});
