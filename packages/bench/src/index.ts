/** npm run bench: see README.md. */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { curves } from './curves.js';
import { Misuse } from './errors.js';
import { readOptions, type Options } from './options.js';
import { pageOf } from './page.js';
import { appendRun, historyFile, isFigure, newRun, readHistory, type Run } from './record.js';
import { curveLines, resultLine } from './report.js';
import { runAll } from './run.js';
import { figureSubjects } from './subjects/index.js';

const EXIT_FAILED = 1;
const EXIT_MISUSE = 2;
const page = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

function list(): void {
  for (const { name, title } of figureSubjects) console.log(`${name.padEnd(22)}${title}`);
  for (const { name, subject, by, sizes } of curves) console.log(`${name.padEnd(22)}${subject.title}, ${sizes[0]!} to ${sizes.at(-1)!.toLocaleString('en')} ${by}`);
}

function measure(options: Options): Run {
  const begin = performance.now();
  const load = os.loadavg()[0]!;
  const results = runAll(options, (name, result) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    process.stderr.write(`${seconds.padStart(5)} s  ${name === result.subject ? '' : `${name} ${result.size}: `}${resultLine(result, false)}\n`);
  });
  return newRun({ load, level: options.level, full: options.full, ...results });
}

function print(run: Run, options: Options): void {
  if (options.json) {
    console.log(JSON.stringify(run, null, 2));
    return;
  }
  for (const result of run.figures) console.log(resultLine(result, !options.quick));
  for (const result of run.curves) console.log(curveLines(result).join('\n'));
}

function main(): void {
  const options = readOptions(process.argv.slice(2));
  if (options.list) {
    list();
    return;
  }
  if (options.measure) {
    const run = measure(options);
    print(run, options);
    if (options.record) appendRun(historyFile, run);
    if ([...run.figures, ...run.curves.flatMap(({ points }) => points)].some(result => !isFigure(result) && result.failed)) process.exitCode = EXIT_FAILED;
  }
  if (options.page) writeFileSync(page, pageOf(readHistory(historyFile)));
}

try {
  main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Misuse ? EXIT_MISUSE : EXIT_FAILED;
}
