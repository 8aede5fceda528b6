/** That the benchmark runs and prints what it says; its figures are nobody's business here. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

it('measures the size that was asked for', () => {
  const { status, stdout } = bench('--pages', '50', '--json');
  expect(status).toBe(0);
  const { level, rows } = JSON.parse(stdout) as { level: number; rows: { pages: number; nsPerPage: number; runs: number }[] };
  expect(level).toBeGreaterThanOrEqual(4);
  expect(rows.map(row => row.pages)).toEqual([50]);
  for (const row of rows) {
    expect(row.nsPerPage).toBeGreaterThan(0);
    expect(row.runs).toBeGreaterThanOrEqual(3);
  }
});
it('measures how long prompts take', () => {
  const { status, stdout } = bench('--console', '--prompts', '1', '--pages', '1000', '--line', 'numa_maps', '--json');
  expect(status).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: { line: string; median: number; max: number }[] };
  expect(rows.map(row => row.line)).toEqual(['cat /proc/$!/numa_maps']);
  for (const row of rows) expect(row.median).toBeGreaterThan(0);
});
it('measures how fast a race is explored, by strategy', () => {
  const { status, stdout } = bench('--explore', '--ms', '1', '--limit', '300', '--json');
  expect(status).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: { strategy: string; pages: number; ms: number; interleavings: number }[] };
  expect(rows.map(({ strategy, pages }) => `${strategy} ${pages}`)).toEqual(['all 2', 'reduced 2', 'states 2', 'states 4']);
  for (const row of rows) expect(row.ms).toBeGreaterThan(0);
  expect(rows[2]!.interleavings).toBeGreaterThan(rows[0]!.interleavings);
});
it.each([
  [['--pages', '10k'], 'bench: --pages 10k: expected a whole number from 1 to 16000000'],
  [['--level', '3'], 'bench: --level 3: expected a whole number from 4 to'],
  [['--sizes', '1'], "bench: Unknown option '--sizes'"],
])('refuses %j with exit code 2', (args, message) => {
  const { status, stdout, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});
