// Builds the package in the working directory: tsup writes the JavaScript, the native compiler the declarations.
import './check-node.mjs';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers } from '../layers.js';

const tools = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'node_modules');

function run(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(tools, script), ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

rmSync('dist', { recursive: true, force: true });
// The command's bundle has the modules as they were: until it is built again the command takes the packages.
if (layers.indexOf(path.basename(process.cwd())) < layers.indexOf('cli')) rmSync('../cli/dist/bundle', { recursive: true, force: true });
const codes = await Promise.all([run('tsup/dist/cli-default.js', []), run('typescript7/bin/tsc', ['-p', 'tsconfig.build.json', '--checkers', '1'])]);
process.exitCode = Math.max(...codes);
