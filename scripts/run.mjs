// node scripts/run.mjs TASK...: turbo with the pinned pnpm at hand, after an install where one is due.
import { ensureInstalled, turbo } from './tools.mjs';

process.exitCode = turbo(process.argv.slice(2), ensureInstalled());
