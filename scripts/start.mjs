// npm start: from a fresh clone to the story of the series, on the terminal. Arguments go to `pmkit story`.
import { buildAndRun } from './tools.mjs';

process.exitCode = buildAndRun('packages/cli/bin/pmkit.js', ['story', ...process.argv.slice(2)]);
