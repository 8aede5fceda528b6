// npm start: from a fresh clone to the story of the series, on the terminal: the overview's job at every level. Arguments are options of `pmkit run`, such as `--at 4`.
import { buildAndRun } from './tools.mjs';

process.exitCode = buildAndRun('packages/cli/bin/pmkit.js', ['run', '--at', 'all', '--machine', 'altix64', ...process.argv.slice(2), 'scenarios/overview.sh']);
