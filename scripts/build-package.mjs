// Builds the package in the working directory: esbuild writes the JavaScript, the native compiler the declarations.
import './check-node.mjs';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers } from '../layers.js';
import { javascriptOf } from './library.mjs';

const tools = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'node_modules');

function run(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(tools, script), ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function writeJavaScript() {
  try {
    for (const { path: file, contents } of await javascriptOf(process.cwd())) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
    return 0;
  } catch {
    return 1; // esbuild has said why
  }
}

rmSync('dist', { recursive: true, force: true });
// The command's bundle has the modules as they were: until it is built again the command takes the packages.
if (layers.indexOf(path.basename(process.cwd())) < layers.indexOf('cli')) rmSync('../cli/dist/bundle', { recursive: true, force: true });
const codes = await Promise.all([
  writeJavaScript(),
  existsSync('tsup.config.ts') ? run('tsup/dist/cli-default.js', []) : 0,
  // whether the types are right is asked once, of all packages (`npm run typecheck`)
  run('typescript7/bin/tsc', ['-p', 'tsconfig.build.json', '--checkers', '1', '--noCheck']),
]);
process.exitCode = Math.max(...codes);
