import { describe, expect, it } from 'vitest';
import { expectSound, newBox } from '../helpers.js';

async function cut(stdin: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await newBox().run(['cut', ...args], stdin);
  return stdout + stderr;
}

describe('cut', () => {
  it('takes fields, and prints a line without the delimiter as it is', async () => {
    expect(await cut('a:b:c\nnone\n:x\n', '-d:', '-f2')).toBe('b\nnone\nx\n');
    expect(await cut('a:b:c\nnone\n', '-d:', '-f', '1,3', '-s')).toBe('a:c\n');
    expect(await cut('a\tb\tc', '-f2-')).toBe('b\tc\n');
    expect(await cut('3\n', '-f2', '-d', ' ')).toBe('3\n');
  });
  it('takes characters', async () => {
    expect(await cut('abcdef\nx\n', '-c2-3,5')).toBe('bce\n\n');
    expect(await cut('abcdef\n', '-b-2')).toBe('ab\n');
  });
  it('knows the options of GNU', async () => {
    expect(await cut('a,b,c,d\n', '-d,', '--complement', '-f2-3')).toBe('a,d\n');
    expect(await cut('a,b,c\n', '-d,', '-f1,3', '--output-delimiter', ' - ')).toBe('a - c\n');
    expect(await cut('abcdef\n', '-c1-2,5', '--output-delimiter=:')).toBe('ab:e\n');
    expect(await cut('a b\0c d\0', '-z', '-d ', '-f1')).toBe('a\0c\0');
    expect(await cut('abc\n', '-c3,1-2,2')).toBe('abc\n');
  });
  it.each([
    [['-f', '0'], 'fields are numbered from 1'], [['-f', '3-1'], 'invalid decreasing range'], [['-c', '-'], 'invalid range with no endpoint: -'], [['-f', 'x'], "invalid field value 'x'"],
    [[], 'you must specify a list of bytes, characters, or fields'], [['-f1', '-c1'], 'only one list may be specified'], [['-d::', '-f1'], 'the delimiter must be a single character'],
  ])('refuses %j', async (args, message) => {
    expect(await cut('x\n', ...args)).toBe(`cut: ${message}\nTry 'cut --help' for more information.\n`);
  });
  it('reads files, and goes on where there is none', async () => {
    const box = newBox();
    const result = await box.run(['cut', '-d:', '-f1', '/nowhere', '/etc/passwd']);
    expect([result.stdout.split('\n')[0], result.stderr, result.exitCode]).toEqual(['root', 'cut: /nowhere: No such file or directory\n', 1]);
    expectSound(box);
  });
});
