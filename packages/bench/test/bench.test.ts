/** That the benchmarks run, what is made of their figures, and the page; the figures themselves are nobody's business here. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curves } from '../src/curves.js';
import { Misuse } from '../src/errors.js';
import { allNames, readOptions } from '../src/options.js';
import { pageOf } from '../src/page.js';
import { historyFile, readHistory } from '../src/record.js';
import { measureRounds } from '../src/rounds.js';
import { exponent, steepest, summary } from '../src/statistics.js';

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [fileOf('../dist/index.js'), ...args], { encoding: 'utf8' });

describe('npm run bench', () => {
  it('measures what was asked for, once for each kernel, and says so as data', () => {
    const { status, stdout, stderr } = bench('--only', 'policy-calls', '--kernel', 'table', '--quick', '--json');
    expect([status, stderr.includes('policy-calls, table')]).toEqual([0, true]);
    const { figures, full } = JSON.parse(stdout) as { figures: { subject: string; kernel: string; samples: number; time: { median: number } }[]; full: boolean };
    expect(figures.map(({ subject, kernel, samples }) => [subject, kernel, samples])).toEqual([['policy-calls', 'table', 2]]);
    expect(figures[0]!.time.median).toBeGreaterThan(0);
    expect(full).toBe(false);
  });

  it('ends with 2 for misuse, and prints nothing else', () => {
    const { status, stdout, stderr } = bench('--only', 'migrate');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bench: --only migrate: 'migrate' is none of migrate-anonymous, /);
  });
});

describe('the options', () => {
  it.each([
    [['--level', '3'], '--level 3: expected a whole number from 4 to 10'],
    [['--level', '1e1'], '--level 1e1: expected a whole number'],
    [['--patience', '0'], '--patience 0: expected a whole number from 1'],
    [['--kernel', 'flat,round'], "--kernel flat,round: 'round' is none of table, flat"],
    [['--only', 'story', '--scaling'], '--scaling and --only exclude each other'],
    [['--quick', '--record'], '--quick and --record exclude each other'],
    [['--page', '--json'], '--page and --json exclude each other'],
    [['--sizes', '1'], "Unknown option '--sizes'"],
    [['story'], "Unexpected argument 'story'"],
  ])('%j are refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(Misuse);
    expect(() => readOptions(args)).toThrow(message);
  });

  it('measure everything for a record, nothing for the page alone', () => {
    expect(readOptions([])).toMatchObject({ measure: true, full: true, names: allNames() });
    expect(readOptions(['--page'])).toMatchObject({ measure: false });
    expect(readOptions(['--record', '--page'])).toMatchObject({ measure: true, full: true });
    expect(readOptions(['--scaling'])).toMatchObject({ measure: true, full: false, names: curves.map(({ name }) => name) });
    expect(readOptions(['--record', '--only', 'story'])).toMatchObject({ measure: true, full: false, names: ['story'] });
  });

  it('know every subject and curve by one name', () => {
    expect(new Set(allNames()).size).toBe(allNames().length);
  });
});

describe('rounds', () => {
  it('let operation and roofline take turns, each of them first every other time, and count the cost of a unit', async () => {
    const done: string[] = [];
    const samples = await measureRounds(
      { before: () => done.push('before'), operation: () => done.push('operation'), beforeRoofline: () => done.push('empty'), roofline: () => done.push('roofline') },
      { budget: 1e6, least: 2, most: 2 },
    );
    expect(done).toEqual(['empty', 'roofline', 'before', 'operation', 'before', 'operation', 'empty', 'roofline']);
    expect([samples.operation.length, samples.roofline.length, samples.units]).toEqual([2, 2, 6]);
  });

  it('refuse an operation that has done nothing', async () => {
    await expect(measureRounds({ operation: () => 0 }, { budget: 0, least: 1, most: 1 })).rejects.toThrow('the operation has done 0 units');
  });
});

describe('statistics', () => {
  const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });

  it('the median is the sample in the middle', () => {
    fc.assert(fc.property(fc.array(positive, { minLength: 1, maxLength: 15 }).filter(({ length }) => length % 2 === 1), samples => {
      const sorted = [...samples].sort((a, b) => a - b);
      expect(summary(samples)).toEqual({ median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) });
    }), { numRuns: 30 });
  });

  it('the exponent is that of the power law that the times follow, whatever the factor', () => {
    fc.assert(fc.property(positive, fc.double({ min: -1, max: 3, noNaN: true }), fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 2, maxLength: 8 }), (factor, power, sizes) => {
      const points = sizes.sort((a, b) => a - b).map(size => ({ size, time: factor * size ** power }));
      expect(exponent(points)).toBeCloseTo(power, 6);
      expect(steepest(points)).toBeCloseTo(power, 4);
    }), { numRuns: 100 });
  });

  it('a curve that bends upwards is steepest at its end', () => {
    expect(steepest([{ size: 1, time: 1 }, { size: 10, time: 10 }, { size: 100, time: 1000 }])).toBeCloseTo(2, 9);
  });
});

describe('the page', () => {
  const history = readHistory(fileOf('history.jsonl'));
  const page = pageOf(history);

  it('is of the last full run', () => {
    expect(page).toContain('Measured on 2026-02-03 at commit `abcdef012345`, level 10: A CPU, 2 cores, 8.00 GB of memory, linux x64, Node 20.20.2, V8 11.3; load average 3.0 when it began. **The computer had other things to do');
    expect(page).not.toContain('ffffffffffff');
    expect(() => pageOf(history.slice(2))).toThrow('no full run');
  });

  it('has kernels side by side, with roofline and goals', () => {
    expect(page).toContain('| figure | table | % of roofline | flat | % of roofline | roofline | goal | met |');
    expect(page).toContain(
      '| Migration of anonymous memory (pages; 1,000 pages of the job) | **500 k/s** (400 k/s – 625 k/s) | 5.00 % | **4.00 M/s** (3.33 M/s – 5.00 M/s) | 40.0 % | 10.0 M/s | ≥ 3 M pages/s<br>≥ 30 % of the roofline | yes (flat)<br>yes (flat) |',
    );
    expect(page).toContain('41.5 bytes a frame resident, 104 reserved | – | – | – | – | ≤ 48 bytes a frame | yes |');
    expect(page).toContain('| `pmkit --version` | **120 ms** (110 ms – 130 ms) | 40.0 ms | ≤ 100 ms | no |');
  });

  it('says what was not measured, and why', () => {
    expect(page).toContain('skipped: needs 9 GB of free memory');
    expect(page).toContain('| 1,000,000 | skipped: one operation would take 50 s |');
  });

  it('has what failed as it was measured since, and says so', () => {
    const [full] = history.filter(run => run.full).slice(-1);
    const failed = { ...full!, figures: full!.figures.map(figure => (figure.subject === 'version' ? { subject: 'version', kernel: null, size: figure.size, why: 'Error: exit code 1', failed: true } : figure)) };
    expect(pageOf([failed])).toContain('| `pmkit --version` | failed: Error: exit code 1 |');
    const again = { ...full!, full: false, date: '2026-02-04T00:00:00Z', commit: 'fedcba987654', figures: full!.figures.filter(figure => figure.subject === 'version') };
    const mended = pageOf([failed, again]);
    expect(mended).toContain('| `pmkit --version` | **120 ms** (110 ms – 130 ms) | 40.0 ms | ≤ 100 ms | no |');
    expect(mended).toContain('`pmkit --version` had failed, and is of 2026-02-04 at commit `fedcba987654`.');
  });

  it('has a level alone and among all levels', () => {
    expect(page).toContain('| Migration of anonymous memory | table | 500 k/s | 400 k/s | 80 % |');
  });

  it('has the exponents of the curves', () => {
    expect(page).toContain('- table: time ~ size^1.30 (bends upwards); steepest 1.30');
  });

  it('has both full runs in its history, the last first', () => {
    expect(page.indexOf('| 2026-02-03 | `abcdef012345` |')).toBeGreaterThan(0);
    expect(page.indexOf('| 2026-01-02 | `0123456789ab` |')).toBeGreaterThan(page.indexOf('| 2026-02-03 | `abcdef012345` |'));
  });

  it('leaves no placeholder', () => {
    expect(page).not.toContain('<!--');
  });

  it('docs/performance.md is that of history.jsonl; if not, `npm run bench -- --page` writes it anew', () => {
    expect(readFileSync(fileOf('../../../docs/performance.md'), 'utf8')).toBe(pageOf(readHistory(historyFile)));
  });
});

it('a history that is none is refused by file and line', () => {
  expect(() => readHistory(fileOf('bench.test.ts'))).toThrow(/bench\.test\.ts:1: expected the JSON of a run of schema 1$/);
  expect(() => readHistory(fileOf('none.jsonl'))).toThrow(/none\.jsonl: cannot be read; --record begins it$/);
});
