/**
 * npm test: everything that must hold before a change goes in.
 *
 * First the build and, beside it, the checks of sources, each one's output in one piece; then the tests and, beside them, the checks of what was built. These say nothing until the tests are
 * over, and nothing then unless they fail: what vitest prints is the last thing seen. Any of it failing fails the whole, and keeps nothing else from running. With nothing changed all of it
 * comes out of turbo's cache.
 */
import { ensureInstalled, say, turbo, turboBeside } from './tools.mjs';

const env = ensureInstalled();

const sources = ['//#typecheck:all', '//#lint', '//#test:types', '//#check:unused', '//#check:versions'];
const built = ['@pmkit/explorer#typecheck:page', '//#check:packed'];
const grouped = ['--continue=dependencies-successful', '--log-order=grouped'];
const failed = [];

if (turbo(['build', ...sources, ...grouped], env) !== 0) failed.push('checks');
// `--only`: the build has been tried by then
const [tests, packages] = await Promise.all([
  turboBeside(['//#test:unit', '--only', '--log-order=stream', '--log-prefix=none'], env, 'inherit'),
  turboBeside([...built, '--only', ...grouped], env, ['ignore', 'pipe', 'pipe']),
]);
if (tests.status !== 0) failed.push('tests');
if (packages.status !== 0) {
  process.stdout.write(packages.said);
  failed.push('checks of what was built');
}

if (failed.length > 0) {
  say(`failed: ${failed.join(' and ')} (see above)`);
  process.exitCode = 1;
} else {
  say('all checks and tests passed');
}
