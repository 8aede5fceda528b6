// npm run bench [-- OPTIONS]: the benchmarks; see packages/bench/README.md.
import { buildAndRun } from './tools.mjs';

process.exitCode = buildAndRun('packages/bench/dist/index.js', process.argv.slice(2));
