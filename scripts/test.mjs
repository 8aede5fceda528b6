/**
 * npm test: everything that must hold before a change goes in.
 *
 * First the build and, beside it, compiler and linter, which take no longer; each one's output in one piece. Then the tests and, beside them, one after the other, all other checks. These say
 * nothing until the tests are over, and nothing then unless they fail: what vitest prints is the last thing seen. Any of it failing fails the whole, and keeps nothing else from running. With
 * nothing changed all of it comes out of turbo's cache.
 */
import { ensureInstalled, say, turbo, turboBeside } from './tools.mjs';

const env = ensureInstalled();

const first = ['build', '//#typecheck:all', '//#lint'];
const besideTests = ['//#check:packed', '@pmkit/explorer#typecheck:page', '//#test:types', '//#check:unused', '//#check:versions'];
const grouped = ['--continue=dependencies-successful', '--log-order=grouped'];
const failed = [];

if (turbo([...first, ...grouped], env) !== 0) failed.push('build, types or lint');
// `--only`: the build has been tried by then
const [tests, checks] = await Promise.all([
  turboBeside(['//#test:unit', '--only', '--log-order=stream', '--log-prefix=none'], env, 'inherit'),
  turboBeside([...besideTests, '--only', '--concurrency=1', ...grouped], env, ['ignore', 'pipe', 'pipe']),
]);
if (tests.status !== 0) failed.push('tests');
if (checks.status !== 0) {
  process.stdout.write(checks.said);
  failed.push('checks');
}

if (failed.length > 0) {
  say(`failed: ${failed.join(' and ')} (see above)`);
  process.exitCode = 1;
} else {
  say('all checks and tests passed');
}
