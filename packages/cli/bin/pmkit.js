#!/usr/bin/env node
// Plain JavaScript and in git, so that an install can link the command before anything is built.
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

const words = process.argv.slice(2);
const dist = path.join(__dirname, '../dist');

/** Patches that somebody has sent import the kit's packages by name. They must get the instances that the command has, so it takes the packages itself then and not the bundle of them. */
const runsOthers = words[0] === 'import' || words.some(word => /^--(?:stack|trust)\b/.test(word));

if (words.length === 1 && /^(?:-V|--version)$/.test(words[0])) {
  process.stdout.write(`${require('../package.json').version}\n`);
} else if (!runsOthers && existsSync(path.join(dist, 'bundle/cli.js'))) {
  const { use } = require('./bundle.js');
  use('cli:cli/bin.js');
} else if (existsSync(path.join(dist, 'bin.js'))) {
  void import('../dist/bin.js');
} else {
  process.stderr.write('pmkit: not built yet; run `npm run build` at the root of the repository\n');
  process.exitCode = 2;
}
