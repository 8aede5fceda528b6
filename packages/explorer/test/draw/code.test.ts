import { describe, expect, it } from 'vitest';
import { diffFiles, diffLines, piecesOf } from '../../src/draw/code.js';

const kinds = (code: string): string[] => piecesOf(code).filter(({ text }) => text.trim() !== '').map(({ kind, text }) => `${kind} ${text.trim()}`);

describe('piecesOf()', () => {
  it('tells words of the language, calls, strings, numbers and comments', () => {
    expect(kinds("const a = steal('x', 0x10); // taken")).toEqual(['keyword const', 'plain a =', 'call steal', 'plain (', "string 'x'", 'plain ,', 'number 0x10', 'plain );', 'comment // taken']);
    expect(kinds(' * goes on')).toEqual(['comment * goes on']);
    expect(kinds('yield* this.lock_page(page)')).toEqual(['keyword yield', 'plain *', 'keyword this', 'plain .', 'call lock_page', 'plain (page)']);
  });

  it('loses nothing', () => {
    for (const code of ['', 'a', "'never closed", 'if (x) /* y */ z = `t`;', '\u2026 ~~~']) expect(piecesOf(code).map(({ text }) => text).join('')).toBe(code);
  });
});

const DIFF = `diff --git a/mm/vmscan.ts b/mm/vmscan.ts
--- a/mm/vmscan.ts
+++ b/mm/vmscan.ts
@@ -1,3 +1,3 @@
 same
---removed;
+added
diff --git a/mm/new.ts b/mm/new.ts
new file mode 100644
--- /dev/null
+++ b/mm/new.ts
@@ -0,0 +1,1 @@
+only
`;

describe('a diff', () => {
  it('is lines of a kind', () => {
    expect(diffLines(DIFF).map(({ kind }) => kind)).toEqual(['file', 'file', 'file', 'hunk', 'same', 'removed', 'added', 'file', 'file', 'file', 'file', 'hunk', 'added']);
  });

  it('is told by file', () => {
    expect(diffFiles(DIFF).map(({ file, lines }) => `${file} ${lines.length}`)).toEqual(['mm/vmscan.ts 7', 'mm/new.ts 6']);
    const [old] = diffFiles(DIFF.split('\n').filter(line => !line.startsWith('diff ')).join('\n'));
    expect(old!.file).toBe('mm/vmscan.ts');
  });
});
