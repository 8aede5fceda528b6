/** How fast a race is explored: npm run bench -- --explore. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Explored } from './measure-explore.js';

const CASES = [['all', 2], ['reduced', 2], ['states', 2], ['states', 4]] as const;

/** Prints a table, or JSON; ratios are to the first line. @param ms that each case is repeated for @param limit of states or executions: enough for the boot not to count */
export function measureExplore(ms: number, limit: number, json: boolean): void {
  const rows: Explored[] = [];
  if (!json) console.log('strategy  pages   median ms   interleavings   interleavings/s   ratio');
  for (const [strategy, pages] of CASES) {
    const script = fileURLToPath(new URL('./measure-explore.js', import.meta.url));
    const child = spawnSync(process.execPath, [script, strategy, String(pages), String(ms), String(limit)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.status !== 0) throw new Error(`the measurement of ${strategy} failed (exit code ${child.status ?? 'none'})`);
    const row = JSON.parse(child.stdout) as Explored;
    rows.push(row);
    if (!json) console.log(line(row, rows[0]!));
  }
  if (json) console.log(JSON.stringify({ node: process.version, rows }));
}

const rate = ({ ms, interleavings }: Explored): number => (interleavings / ms) * 1000;

const line = (row: Explored, first: Explored): string =>
  `${row.strategy.padEnd(8)}${String(row.pages).padStart(7)}${row.ms.toFixed(1).padStart(12)}${row.interleavings.toLocaleString('en').padStart(16)}` +
  `${Math.round(rate(row)).toLocaleString('en').padStart(18)}${(rate(row) / rate(first)).toFixed(1).padStart(8)}`;
