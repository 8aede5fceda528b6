// npm run docs [-- --check]: the pages below docs/ that are made from the patches and the catalogue.
import { buildAndRun, root } from './tools.mjs';

process.exitCode = buildAndRun('packages/cli/bin/pmkit.js', ['docs', `${root}/docs`, ...process.argv.slice(2)]);
