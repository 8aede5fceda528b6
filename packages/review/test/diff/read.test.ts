/** Unified diffs in a text: found, read, or refused with line, file and hunk. */
import { structuredPatch, formatPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiffError, readDiffs } from '../../src/diff/read.js';

const HEAD = '--- a/mm/x.c\t2005-06-10 14:47:25.000000000 -0700\n+++ b/mm/x.c\t2005-06-10 14:47:26.000000000 -0700\n';
function refusal(text: string): Pick<DiffError, 'line' | 'file' | 'hunk' | 'message'> {
  try {
    readDiffs(text);
  } catch (error) {
    if (error instanceof DiffError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('diffs in a text', () => {
  it('are found between prose, with the line they are at', () => {
    const [diff, ...more] = readDiffs(`Words.\n---\n x.c | 2 +-\n\n${HEAD}@@ -3,2 +3,3 @@ int f(void)\n a\n+b\n c\n-- \n2.30\n\nmore words\n`);
    expect(more).toEqual([]);
    expect(diff).toEqual({
      file: 'mm/x.c', line: 5, isNew: false, isGone: false, insertions: 1, deletions: 0,
      hunks: [{ line: 7, oldStart: 3, oldLines: 2, newStart: 3, newLines: 3, heading: 'int f(void)', lines: [' a', '+b', ' c'] }],
    });
  });

  it('may add and remove files, and lack newlines at the end', () => {
    const diffs = readDiffs('--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n--- a/mm/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
    expect(diffs.map(({ file, isNew, isGone, insertions, deletions }) => [file, isNew, isGone, insertions, deletions])).toEqual([['mm/new.c', true, false, 1, 0], ['mm/old.c', false, true, 0, 1]]);
  });

  it('have no blank in front of a blank line where a mailer took it', () => {
    expect(readDiffs(`${HEAD}@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n`)[0]!.hunks[0]!.lines).toEqual([' a', '', '-b', '+c']);
  });

  it.each(['/etc/passwd', '../../etc/passwd', 'a/../../x', 'a//x', 'a/..'])('are refused about %s', name => {
    expect(refusal(`--- ${name}\n+++ ${name}\n@@ -1 +1 @@\n-a\n+b\n`)).toMatchObject({ line: 1, message: `found "${name}"; expected a path in the kernel tree, such as linux/mm/rmap.c` });
  });

  it.each([
    ['@@ -1,2 +1 @@\n-a\n+b\n', 6, 1, 'found the end of the text; expected 1 more lines of the old file and 0 of the new one'],
    ['@@ -1 +1 @@\n-a\n+b\n+c\n', 6, 1, 'found "+c"; expected the end of the hunk, by the counts in its header'],
    ['@@ -1 +1 @@\n-a\n+b\n@@ -x +y @@\n', 6, 2, 'found "@@ -x +y @@"; expected a line "@@ -LINE,COUNT +LINE,COUNT @@"'],
    ['@@ -1,2 +1,2 @@\n a\nwrapped\n', 5, 1, 'found "wrapped"; expected 1 more lines of the old file and 1 of the new one'],
    ['nothing\n', 3, 1, 'found "nothing"; expected a line "@@ -LINE,COUNT +LINE,COUNT @@"'],
    ['@@ -1 +1 @@\n-\u001b[2J\n*\n', 5, 1, 'found "*"; expected 0 more lines of the old file and 1 of the new one'],
  ])('are refused when damaged: %j', (body, line, hunk, message) => {
    expect(refusal(HEAD + body)).toMatchObject({ line, file: 'mm/x.c', hunk, message: `mm/x.c, hunk ${hunk}: ${message}` });
  });

  it('are refused cut off behind Index, and do not write to the terminal', () => {
    const index = `Index: linux/mm/x.c\n${'='.repeat(67)}\n`;
    expect(refusal(index)).toMatchObject({ line: 3, file: 'mm/x.c', message: 'mm/x.c: found the end of the text; expected a line "--- FILE"' });
    expect(refusal(`${index}--- linux/mm/x.c\n\u001b[2J`).message).toBe('mm/x.c: found "\uFFFD[2J"; expected a line "+++ FILE"');
  });

  it('are those that jsdiff wrote, and any cut of them is refused or has whole hunks fewer', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', '--', '-- ', '++ x', '@@', 'Index: x');
    const text = fc.array(line, { minLength: 1, maxLength: 30 }).map(lines => lines.map(one => `${one}\n`).join(''));
    fc.assert(fc.property(text, text, fc.nat(), (before, after, cut) => {
      const patch = structuredPatch('a/mm/x.c', 'b/mm/x.c', before, after, '', '', { context: 2 });
      fc.pre(patch.hunks.length > 0);
      const lines = formatPatch(patch).split('\n').slice(0, -1);
      const whole = readDiffs(`${lines.join('\n')}\n`);
      expect(whole.map(({ hunks }) => hunks.map(hunk => hunk.lines))).toEqual([patch.hunks.map(hunk => hunk.lines)]);
      const shorter = `${lines.slice(0, cut % lines.length).join('\n')}\n`;
      try {
        const hunks = readDiffs(shorter).flatMap(diff => diff.hunks);
        expect(hunks).toEqual(whole[0]!.hunks.slice(0, hunks.length));
      } catch (error) {
        expect(error).toBeInstanceOf(DiffError);
      }
    }), { numRuns: 150 });
  });
});
