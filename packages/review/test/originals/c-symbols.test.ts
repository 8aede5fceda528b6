/** In which function the lines of a hunk are. */
import { describe, expect, it } from 'vitest';
import { readDiffs } from '../../src/diff/read.js';
import { symbolsOfHunk } from '../../src/originals/c-symbols.js';
import { fileDiff } from './mailbox.js';

/** name, change, insertions, deletions; the counts of the hunk's header are made here. */
function symbols(lines: readonly string[], heading = '', file = 'mm/x.c'): unknown[] {
  const count = (sign: string): number => lines.filter(line => line[0] === ' ' || line[0] === sign).length;
  const [diff] = readDiffs(fileDiff(file, `@@ -50,${count('-')} +50,${count('+')} @@ ${heading}\n${lines.join('\n')}\n`));
  return symbolsOfHunk(diff!.hunks[0]!, file).map(({ name, change, insertions, deletions }) => [name, change, insertions, deletions]);
}

describe('the symbols of a hunk', () => {
  it('are the function in the header of the hunk until another begins', () => {
    expect(symbols([' \ta();', '-\tb();', '+\tc();', ' }', ' ', ' static inline int __init second(struct x *y)', ' {', '+\td();'], 'long first(int a,'))
      .toEqual([['first', 'changes', 1, 1], ['second', 'changes', 1, 0]]);
  });

  it('are added or removed with the head of the definition', () => {
    expect(symbols(['-int old(void)', '-{', '-}', '+#define FLAG 1', '+struct pair {', '+\tint a;', '+};', '+static struct operations ops = {', '+\t.one = two,', '+};']))
      .toEqual([['old', 'removes', 0, 3], ['FLAG', 'adds', 1, 0], ['pair', 'adds', 3, 0], ['ops', 'adds', 3, 0]]);
  });

  it('are changed where the head is written anew', () => {
    expect(symbols(['-int f(struct list *l)', '+int f(struct list *l, int *map)', ' {', '-\tg(l);', '+\tg(l, map);', ' }'])).toEqual([['f', 'changes', 2, 2]]);
  });

  it('have the comment above and the blank line below them', () => {
    expect(symbols([' }', ' ', '+/* what it does */', '+int f(void)', '+{', '+}', '+', ' int g(void)', ' {'])).toEqual([['f', 'adds', 5, 0]]);
  });

  it('are none for declarations and calls outside of functions', () => {
    expect(symbols([' int a(void);', '+extern int b(int,', '+\t\tint);', '+cond_syscall(c);'], 'struct whatever {')).toEqual([[null, 'changes', 3, 0]]);
  });

  it('are none for a label of C, and the label in assembler', () => {
    expect(symbols(['+\treturn ret;'], 'out:')).toEqual([[null, 'changes', 1, 0]]);
    expect(symbols([' \tdata8 sys_ni_syscall', '+\tdata8 sys_x'], 'sys_call_table:', 'arch/ia64/kernel/entry.S')).toEqual([['sys_call_table', 'changes', 1, 0]]);
  });

  it('are in the old function for a removed line and in the new one for an added', () => {
    expect(symbols(['-int f(void)', '+int g(void)', ' {', '-\told();', '+\tnew();', ' }'])).toEqual([['f', 'removes', 0, 2], ['g', 'adds', 2, 0]]);
  });
});
