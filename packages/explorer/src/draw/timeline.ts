/** The time line: steps in columns of one row a task, and the trace points of a step below it. Geometry only. */
import type { StepRecord } from '../protocol.js';

export interface Mark { readonly x: number; readonly width: number; readonly row: number; readonly number: number; readonly isMigration: boolean; readonly isFailure: boolean; readonly hasLog: boolean }
export interface TimeLine { readonly rows: readonly string[]; readonly marks: readonly Mark[] }

/** Rows at most; tasks that come later share the last. */
export const MOST_ROWS = 8;
/** Calls that the series is about. */
const MIGRATIONS = /^(sys_)?(migrate_pages|migratepages|mbind|set_mempolicy)\b/;
const FAILURE = /^(-|E[A-Z]+\b)/;

/** @param first @param last numbers of steps, both inclusive @param width pixels for all of them */
export function timeLine(steps: readonly StepRecord[], first: number, last: number, width: number): TimeLine {
  const shown = steps.slice(first - 1, last);
  const rows = [...new Set(shown.map(({ who }) => who))];
  const column = width / Math.max(1, last - first + 1);
  const marks: Mark[] = [];
  for (const { number, who, call, result, log } of shown) {
    const row = Math.min(rows.indexOf(who), MOST_ROWS - 1);
    const mark = { x: (number - first) * column, width: Math.max(1, column - (column > 4 ? 1 : 0)), row, number, isMigration: MIGRATIONS.test(call), isFailure: FAILURE.test(result), hasLog: log.length > 0 };
    const before = marks.at(-1);
    // of several steps in one pixel the one that says most is seen
    if (before !== undefined && before.row === row && Math.floor(before.x) === Math.floor(mark.x)) {
      if (weight(mark) > weight(before)) marks[marks.length - 1] = mark;
    } else marks.push(mark);
  }
  return { rows: rows.length <= MOST_ROWS ? rows : [...rows.slice(0, MOST_ROWS - 1), `${rows.length - MOST_ROWS + 1} more`], marks };
}

const weight = ({ isMigration, isFailure, hasLog }: Mark): number => (isMigration ? 4 : 0) + (hasLog ? 2 : 0) + (isFailure ? 1 : 0);
