/** diff, and the model that its edits are held against. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editsBetween } from '../../../src/console/programs/text/diff/edits.js';
import { newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';

const run = async (script: string): Promise<string> => {
  const { stdout, stderr } = await bash(`cd /tmp; printf 'a\\nb\\nc\\nd\\n' > 1; printf 'a\\nB\\nc\\nd\\ne\\n' > 2; ${script}`, { box: newBox() });
  return stdout + stderr;
};

describe('diff', () => {
  it('prints the normal form', async () => {
    expect(await run('diff 1 2; echo $?; diff 2 1; diff 1 1; echo $?; cat 1 | diff - 2 | head -1; printf "a\\nb\\nc\\nd" | diff 1 -')).toBe(
      '2c2\n< b\n---\n> B\n4a5\n> e\n1\n2c2\n< B\n---\n> b\n5d4\n< e\n0\n2c2\n4c4\n< d\n---\n> d\n\\ No newline at end of file\n');
  });
  it('prints the unified form, with as many lines around as wanted', async () => {
    const body = '@@ -1,4 +1,5 @@\n a\n-b\n+B\n c\n d\n+e\n';
    expect(await run('diff -u 1 2 | tail -n +3; diff -U0 1 2 | tail -n +3; diff -u -L x --label y 1 2 | head -2; diff -u 1 2 | head -1 | cut -c1-8'))
      .toBe(`${body}@@ -2 +2 @@\n-b\n+B\n@@ -4,0 +5 @@\n+e\n--- x\n+++ y\n--- 1\t20\n`);
  });
  it('takes lines for the same that differ in space, case or empty lines', async () => {
    expect(await run('printf "a  b\\n\\nC\\n" > 3; printf "a b \\nc\\n" > 4; diff -wBi 3 4; echo $?; diff -bBi 3 4; echo $?; diff -wi -q 3 4; diff -wB 3 4; diff -B 3 4 | head -1'))
      .toBe('0\n0\nFiles 3 and 4 differ\n2,3c2\n< \n< C\n---\n> c\n1,3c1,2\n');
  });
  it('compares trees', async () => {
    const trees = 'mkdir -p x/s y/s; echo 1 > x/f; echo 2 > y/f; echo 1 > x/s/g; cp x/s/g y/s; echo z > y/only; ';
    expect(await run(`${trees} diff x y; diff -rq x y; echo $?; diff -rN x y; diff -rs x/s y/s; diff x/f y; diff -r x x; echo $?`)).toBe([
      'diff x/f y/f', '1c1', '< 1', '---', '> 2', 'Only in y: only', 'Common subdirectories: x/s and y/s', 'Files x/f and y/f differ', 'Only in y: only', '1',
      'diff -rN x/f y/f', '1c1', '< 1', '---', '> 2', 'diff -rN x/only y/only', '0a1', '> z', 'Files x/s/g and y/s/g are identical', '1c1', '< 1', '---', '> 2', '0', '',
    ].join('\n'));
  });
  it('says what it cannot compare, with status 2', async () => {
    expect(await run('diff 1 nothing; echo $?; diff 1 2> /dev/null; echo $?; diff -Z 1 2 2> /dev/null; echo $?; printf "a\\0" > b; diff 1 b; echo $?'))
      .toBe('2\n2\n2\nBinary files 1 and b differ\n1\ndiff: nothing: No such file or directory\n');
  });
});

describe('edits', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  it('make the second of the first, and are as few as the longest common part allows', () => {
    fc.assert(fc.property(lines, lines, (a, b) => {
      const edits = editsBetween(a, b);
      const made: string[] = [];
      let at = 0;
      for (const { aFrom, aTo, bFrom, bTo } of edits) {
        made.push(...a.slice(at, aFrom), ...b.slice(bFrom, bTo));
        at = aTo;
      }
      expect([...made, ...a.slice(at)]).toEqual(b);
      const changed = edits.reduce((sum, { aFrom, aTo, bFrom, bTo }) => sum + aTo - aFrom + bTo - bFrom, 0);
      expect(changed).toBe(a.length + b.length - 2 * longestCommon(a, b));
    }), { numRuns: 1000, seed: 7 });
  });
  it('are one when there are too many to look for', () => {
    const many = (mark: string): string[] => Array.from({ length: 4000 }, (_, line) => `${mark}${line}`);
    expect(editsBetween(['x', ...many('a'), 'y'], ['x', ...many('b'), 'y'])).toEqual([{ aFrom: 1, aTo: 4001, bFrom: 1, bTo: 4001 }]);
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (let at = 0; at < b.length; at++) next.push(line === b[at] ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
    row = next;
  }
  return row[b.length]!;
}

it('programs read what <(…) stands for, from a subshell and through exec too', async () => {
  expect(await run('diff <(echo a) <(echo a) && echo same; diff <(echo a) <(echo b); cut -c1 <(echo xyz); cat <(echo ps); (cut -c2 <(echo xyz)); bash -c "cut -c3 <(echo xyz)"'))
    .toBe('same\n1c1\n< a\n---\n> b\nx\nps\ny\nz\n');
});
