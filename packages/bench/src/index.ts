/** The cost of moving a page against the number of pages: npm run bench; with --console, how long prompts take; with --explore, how fast races are explored. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TOP_LEVEL } from '@pmkit/series/levels';
import { measureConsole } from './console.js';
import { measureExplore } from './explore.js';
import type { Measurement } from './measure-migration.js';

const DEFAULT_SIZES = [10_000, 100_000, 1_000_000, 10_000_000];
const MAX_PAGES = 16_000_000;
const EXIT_MISUSE = 2;
const DEFAULT_PROMPTS = 50;
const MAX_PROMPTS = 10_000;
/** For how long each race is explored again and again. */
const DEFAULT_MS = 5000;
const MAX_MS = 600_000;
const DEFAULT_LIMIT = 20_000;
const MAX_LIMIT = 10_000_000;
/** Pages of the job whose views are shown at the console. */
const MAX_JOB = 1_000_000;

interface Options { readonly sizes: readonly number[]; readonly level: number; readonly json: boolean; readonly console: boolean; readonly prompts: number; readonly explore: boolean; readonly ms: number; readonly limit: number; readonly line: string }

class Misuse extends Error {}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new Misuse(`--${option} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({ options: { pages: { type: 'string' }, level: { type: 'string' }, json: { type: 'boolean' }, console: { type: 'boolean' }, prompts: { type: 'string' }, explore: { type: 'boolean' }, ms: { type: 'string' }, limit: { type: 'string' }, line: { type: 'string' } } });
    return {
      sizes: values.pages?.split(',').map(text => wholeNumber('pages', text, 1, MAX_PAGES)) ?? (values.console === true ? [MAX_JOB] : DEFAULT_SIZES),
      // the first level that has the system call is that of patch 4
      level: values.level === undefined ? TOP_LEVEL : wholeNumber('level', values.level, 4, TOP_LEVEL),
      json: values.json === true,
      console: values.console === true,
      explore: values.explore === true,
      ms: values.ms === undefined ? DEFAULT_MS : wholeNumber('ms', values.ms, 1, MAX_MS),
      limit: values.limit === undefined ? DEFAULT_LIMIT : wholeNumber('limit', values.limit, 1, MAX_LIMIT),
      line: values.line ?? '',
      prompts: values.prompts === undefined ? DEFAULT_PROMPTS : wholeNumber('prompts', values.prompts, 1, MAX_PROMPTS),
    };
  } catch (error) {
    throw error instanceof TypeError ? new Misuse(error.message) : error;
  }
}

/** Measures one size in a process of its own. */
function measure(pages: number, level: number): Measurement {
  const script = fileURLToPath(new URL('./measure-migration.js', import.meta.url));
  const child = spawnSync(process.execPath, [script, String(pages), String(level)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.status !== 0) throw new Error(`the measurement of ${pages} pages failed (exit code ${child.status ?? 'none'})`);
  return JSON.parse(child.stdout) as Measurement;
}

function main(): void {
  const { sizes, level, json, console: atConsole, prompts, explore, ms, limit, line } = readOptions();
  if (explore) {
    measureExplore(ms, limit, json);
    return;
  }
  if (atConsole) {
    measureConsole(prompts, Math.min(sizes[0]!, MAX_JOB), line, json);
    return;
  }
  const rows: Measurement[] = [];
  if (!json) console.log('     pages   ns a page   ratio      pages/s   runs    memory');
  for (const pages of sizes) {
    const row = measure(pages, level);
    rows.push(row);
    if (json) continue;
    const ratio = row.nsPerPage / rows[0]!.nsPerPage;
    console.log(
      `${String(pages).padStart(10)}${row.nsPerPage.toFixed(0).padStart(12)}${ratio.toFixed(2).padStart(8)}${Math.round(1e9 / row.nsPerPage).toLocaleString('en').padStart(13)}` +
        `${String(row.runs).padStart(7)}${`${(row.rss / 2 ** 20).toFixed(0)} MB`.padStart(10)}`,
    );
  }
  if (json) console.log(JSON.stringify({ node: process.version, level, rows }));
}

try {
  main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Misuse ? EXIT_MISUSE : 1;
}
