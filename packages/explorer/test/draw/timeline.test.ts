import { describe, expect, it } from 'vitest';
import { MOST_ROWS, timeLine } from '../../src/draw/timeline.js';
import type { StepRecord } from '../../src/protocol.js';

const step = (number: number, who: string, call: string, result = '0', log: string[] = []): StepRecord => ({ number, who, pid: 1, call, result, log, now: number });

describe('timeLine()', () => {
  it('has a row for each task and a column for each step', () => {
    const steps = [step(1, 'job', 'mmap(0)'), step(2, 'batchd', 'migrate_pages(7, 1, {1}, {2})', '-EPERM'), step(3, 'job', 'load(a, 1)', '0', ['VM: killing process job'])];
    const { rows, marks } = timeLine(steps, 1, 3, 300);
    expect(rows).toEqual(['job', 'batchd']);
    expect(marks.map(({ x, row, isMigration, isFailure, hasLog }) => [x, row, isMigration, isFailure, hasLog])).toEqual([
      [0, 0, false, false, false], [100, 1, true, true, false], [200, 0, false, false, true],
    ]);
  });

  it('shows of many steps in a pixel the one that says most', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => step(i + 1, 'job', i === 500 ? 'migrate_pages(7, 1, {1}, {2})' : 'load(a, 1)'));
    const { marks } = timeLine(steps, 1, 1000, 10);
    expect(marks).toHaveLength(10);
    expect(marks.filter(({ isMigration }) => isMigration).map(({ number }) => number)).toEqual([501]);
  });

  it('puts the tasks that it has no row for into the last', () => {
    const { rows, marks } = timeLine(Array.from({ length: 12 }, (_, i) => step(i + 1, `task${i}`, 'fork()')), 1, 12, 1200);
    expect(rows).toHaveLength(MOST_ROWS);
    expect(rows.at(-1)).toBe('5 more');
    expect(Math.max(...marks.map(({ row }) => row))).toBe(MOST_ROWS - 1);
  });
});
