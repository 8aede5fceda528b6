import { describe, expect, it } from 'vitest';
import { bash } from './helpers.js';

const out = async (script: string): Promise<string> => (await bash(script)).stdout;

describe('what a command of just-bash cannot read', () => {
  it('is said to be what it is', async () => {
    const { stderr } = await bash('mkdir /tmp/d; echo > /tmp/f; cat /tmp/d /tmp/f/x /tmp/nope; head /tmp/nope; sed p /tmp/nope; echo $? >&2; sort /tmp/nope; echo $? >&2');
    expect(stderr).toBe([
      'cat: /tmp/d: Is a directory', 'cat: /tmp/f/x: Not a directory', 'cat: /tmp/nope: No such file or directory', "head: cannot open '/tmp/nope' for reading: No such file or directory",
      "sed: can't read /tmp/nope: No such file or directory", '2', 'sort: cannot read: /tmp/nope: No such file or directory', '2', '',
    ].join('\n'));
  });
});

describe('grep -z', () => {
  it('finds over newlines, and ends what it prints with a NUL', async () => {
    expect(await out(String.raw`printf 'a1\nb2\n' | grep -Pzo 'a.(.|\n)b.'; printf 'x\0y\0' | grep -z y; printf 'a+b' | grep -zoF 'a+b'`)).toBe('a1\nb2\0y\0a+b\0');
  });
  it('knows basic expressions from extended ones', async () => {
    expect(await out(String.raw`printf 'aab(c)' > /tmp/f; grep -zo 'a\+b(c)' /tmp/f; grep -Ezo 'a+b\(c\)' /tmp/f; grep -zo '[[:alpha:]]*' /tmp/f`)).toBe('aab(c)\0aab(c)\0aab\0c\0');
  });
  it('counts, inverts and bounds', async () => {
    expect(await out(String.raw`printf 'ab\0b\0c\0' > /tmp/f; grep -zc b /tmp/f; grep -zv b /tmp/f; grep -zx b /tmp/f; grep -zw a /tmp/f; grep -ziq B /tmp/f; echo $?`)).toBe('2\nc\0b\x000\n');
  });
  it('ends as grep does: 0 found, 1 not found, 2 wrong', async () => {
    const { stdout, stderr } = await bash('echo a | grep -zq a; echo $?; echo a | grep -zq b; echo $?; grep -z a /nowhere; echo $?; grep -zr a; echo $?; grep -z "("; grep -zE "("; echo $?');
    expect([stdout, stderr]).toEqual([
      '0\n1\n2\n2\n2\n',
      "grep: /nowhere: No such file or directory\ngrep: invalid option -- 'r', at least not together with -z in this shell\ngrep: Invalid regular expression\n",
    ]);
  });
});

describe('a command whose name is expanded', () => {
  it('may be several words', async () => {
    expect(await out('f() { "$@"; }; f echo a b; x="echo c d"; $x; y=(echo "e f" g); if "${y[@]}"; then echo yes; fi; $(echo echo) h')).toBe('a b\nc d\ne f g\nyes\nh\n');
  });
  it('may be built in, and stays one word in quotes', async () => {
    const { stdout, stderr } = await bash('x="cd /tmp"; $x; pwd; x="export A=1"; $x; echo $A; x="a b"; "$x"; echo $?');
    expect([stdout, stderr]).toEqual(['/tmp\n1\n127\n', 'bash: a b: command not found\n']);
  });
  it('may come to nothing, and then has the status of what it was made of', async () => {
    expect(await out('f() { "$@"; }; f; echo $?; $(false); echo $?; $(true); echo $?')).toBe('0\n1\n0\n');
  });
});

it('the trap at the end knows the functions of a script that errexit has ended', async () => {
  const { stdout, exitCode } = await bash('set -e; bye() { echo bye $1; }; trap "bye now" EXIT; f() { status 3; }; f; echo not here');
  expect([stdout, exitCode]).toEqual(['bye now\n', 3]);
});

it('a job that goes on as another program writes where the job was told to', async () => {
  expect(await out('runs say hidden > /tmp/o & wait; echo done; cat /tmp/o; runs say seen & wait')).toBe('done\nhidden\nseen\n');
});
