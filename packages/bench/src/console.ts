/** How long the console takes to come back with a prompt: npm run bench -- --console. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Prompt } from './measure-console.js';

const LINES = ['true', 'echo hi', 'x=$(pwd)', '( : )', 'cat /proc/meminfo', 'numactl --show', 'ps aux', 'for i in {1..100}; do :; done'];
/** A stopped job, for the views that walk its page tables. */
const job = (pages: number): string[] => [`workload anon:${pages}p -n 1 -S > /dev/null &`, 'sleep 1'];
const BIG_LINES = ['cat /proc/$!/numa_maps', 'cat /proc/$!/smaps'];

/** Measures one line in a process of its own. */
function measure(line: string, runs: number, pages: number, before: readonly string[]): Prompt {
  const script = fileURLToPath(new URL('./measure-console.js', import.meta.url));
  const child = spawnSync(process.execPath, [script, line, String(runs), String(pages), ...before], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (child.status !== 0) throw new Error(`the measurement of '${line}' failed (exit code ${child.status ?? 'none'})`);
  return JSON.parse(child.stdout) as Prompt;
}

/** Prints a table, or JSON; ratios are to the first line. @param runs of each line @param pages of the big job @param only lines that contain this text */
export function measureConsole(runs: number, pages: number, only: string, json: boolean): void {
  const cases = [...LINES.map(line => [line, []] as const), ...BIG_LINES.map(line => [line, job(pages)] as const)].filter(([line]) => line.includes(only));
  const rows: Prompt[] = [];
  if (!json) console.log('  median ms   ratio    max ms   line');
  for (const [line, before] of cases) {
    const row = measure(line, runs, pages, before);
    rows.push(row);
    if (!json) console.log(`${row.median.toFixed(2).padStart(11)}${(row.median / rows[0]!.median).toFixed(1).padStart(8)}${row.max.toFixed(1).padStart(10)}   ${line}`);
  }
  if (json) console.log(JSON.stringify({ node: process.version, rows }));
}
