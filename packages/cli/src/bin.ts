/** The process behind `pmkit`. */
import process from 'node:process';
import { EXIT_INTERNAL } from './errors.js';
import { standardInput } from './input.js';
import type { Io } from './io.js';

const argv = process.argv.slice(2);

// A reader that has seen enough (`pmkit series | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const io: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  // Node makes a stream when it is asked for first, and that takes its time.
  get isTTY() { return process.stdout.isTTY; },
  get stderrIsTTY() { return process.stderr.isTTY; },
  get stdin() { return standardInput(process.stdin, process.stdout, process.env); },
  page: async (command, text) => {
    const { page } = await import('./page.js');
    await page(command, text, process.env);
  },
  openUrl: async (url) => {
    const { openUrl } = await import('./open-url.js');
    openUrl(url);
  },
  get columns() { return process.stdout.isTTY ? process.stdout.columns : process.stderr.columns; },
};

// Not exit(): what is still on its way into a pipe would be lost. Until there is an answer, that none has come is one.
process.exitCode = EXIT_INTERNAL;
void import('./run.js').then(async ({ run }) => { process.exitCode = await run(argv, io); });
