// npm run setup [-- --update]: everything that is needed before working here. `--update` lets the lockfile follow.
import { ensureInstalled } from './tools.mjs';

ensureInstalled({ update: process.argv.includes('--update') });
