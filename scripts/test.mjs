/**
 * npm test: everything that must hold before a change goes in.
 *
 * Two turbo runs. The checks go first and in parallel, each one's output in one piece; the tests go last and alone,
 * so that what vitest prints is the last thing seen and no other work disturbs them. Either failing fails the whole,
 * and neither keeps the other from running (`--only`: the build has been tried by then). With nothing changed both
 * come out of turbo's cache.
 */
import { ensureInstalled, say, turbo } from './tools.mjs';

const env = ensureInstalled();

const checks = [
  'build',
  '//#typecheck:all',
  '@pmkit/explorer#typecheck:page',
  '//#lint',
  '//#test:types',
  '//#check:unused',
  '//#check:versions',
  '//#check:packed',
];
const failed = [];

if (turbo([...checks, '--continue=dependencies-successful', '--log-order=grouped'], env) !== 0) {
  failed.push('checks');
}
if (turbo(['//#test:unit', '--only', '--log-order=stream', '--log-prefix=none'], env) !== 0) {
  failed.push('tests');
}

if (failed.length > 0) {
  say(`failed: ${failed.join(' and ')} (see above)`);
  process.exitCode = 1;
} else {
  say('all checks and tests passed');
}
