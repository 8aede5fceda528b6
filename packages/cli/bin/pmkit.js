#!/usr/bin/env node
// Plain JavaScript and in git, so that an install can link the command before anything is built.
import { existsSync } from 'node:fs';
import process from 'node:process';

const program = new URL('../dist/bin.js', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write('pmkit: not built yet; run `npm run build` at the root of the repository\n');
  process.exitCode = 2;
}
