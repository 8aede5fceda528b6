// Makes dist/bundle of @pmkit/cli, the package in the working directory, after all packages were built: the modules of the command in a few scripts, and what V8 makes of these.
//
// Node takes a millisecond to find and load a module, and a command of the kit has hundreds of them.
import './check-node.mjs';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { directory, scripts, use } from '../packages/cli/bin/bundle.js';
import { Graph } from './bundle/graph.mjs';

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory);
const graph = new Graph();
await graph.add(path.resolve('dist/bin.js'));
for (const [name, text] of graph.scripts()) writeFileSync(path.join(directory, `${name}.js`), text);
for (const [name, text] of graph.threads) writeFileSync(path.join(directory, name), text);
writeFileSync(path.join(directory, 'licenses.txt'), graph.licenses());

/** What is run for the caches: V8 keeps what it has compiled by then. */
const COMMANDS = [
  ...['--help', 'series -v', 'matrix mlock', 'bisect --behaviour select-library-text --good 4 --bad 10', 'explore killed-by-vm --at 7 --workers 1'].map(words => words.split(' ')),
  ['run', '-c', 'sleep 9 & migratepages $! 0 1; for i in 1 2; do ps aux | grep -c sleep; done; numactl -H; cat /proc/meminfo | head -1; echo $(pwd)'],
];

const silent = () => undefined;
const io = {
  stdout: silent, stderr: text => void process.stderr.write(text), page: silent, openUrl: silent, cwd: directory, env: {}, isTTY: false, stderrIsTTY: false, columns: 80,
  stdin: { isTTY: false, text: async () => '', lines: () => ({ next: async () => null, close: silent }) },
};
const { run } = use('cli:cli/run.js');
for (const words of COMMANDS) {
  // 1 is a finding
  if ((await run(words, io)) > 1) throw new Error(`pmkit ${words.join(' ')} fails`);
}
for (const [name, script] of scripts) writeFileSync(path.join(directory, `${name}.cache`), script.createCachedData());
