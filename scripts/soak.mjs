/**
 * npm run soak -- [--seed N] [--runs N] [--level L] [--length N] [--calls | --console | --fuzz]: random sequences for as long as one likes, or, with --calls,
 * random migrate_pages() calls against their independent model, or, with --console, random lines typed at the shell, or, with --fuzz, programs of system calls.
 *
 * The same tests as in the test run (packages/series/test/fuzz*.test.ts and model-check*.test.ts, packages/machine/test/console/fuzz, packages/explore/test/fuzz), with other seeds, longer sequences and more of
 * them. Goes round by round and stops at the first that fails; fast-check's report then holds the shrunk sequence, and the last line
 * the command that runs it again.
 */
import { parseArgs } from 'node:util';
import path from 'node:path';
import { ensureInstalled, root, run, say } from './tools.mjs';

/** The two test files take the seed and the one after it. */
const SEEDS_PER_ROUND = 2;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string' }, level: { type: 'string' }, length: { type: 'string' }, calls: { type: 'boolean', default: false }, console: { type: 'boolean', default: false }, fuzz: { type: 'boolean', default: false } },
});

function whole(name, fallback) {
  const value = values[name] === undefined ? fallback : Number(values[name]);
  if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
    say(`--${name}: expected a whole number, found '${values[name]}'`);
    process.exit(2);
  }
  return value;
}

const runs = whole('runs', 100_000);
const level = whole('level', undefined);
const length = whole('length', 60);
let seed = whole('seed', Math.floor(Date.now() / 1000));

const env = ensureInstalled();
const SERIES = 'packages/series/test';
const CONSOLE = 'packages/machine/test/console/fuzz';
const KINDS = {
  sequences: { round: 10_000, files: [`${SERIES}/fuzz.test.ts`, `${SERIES}/fuzz-2.test.ts`], options: ` --length ${length}`, name: `sequences of up to ${length} commands` },
  calls: { round: 10_000, files: [`${SERIES}/model-check.test.ts`, `${SERIES}/model-check-2.test.ts`], options: ' --calls', name: 'calls' },
  console: { round: 1000, files: [`${CONSOLE}/lines.test.ts`, `${CONSOLE}/files.test.ts`], options: ' --console', name: 'sittings at the console' },
  fuzz: { round: 200_000, files: ['packages/explore/test/fuzz/fuzz.test.ts'], options: ' --fuzz', name: 'system calls' },
};
const { round: ROUND, files, options: ownOptions, name } = KINDS[values.calls ? 'calls' : values.console ? 'console' : values.fuzz ? 'fuzz' : 'sequences'];
const options = `${ownOptions}${level === undefined ? '' : ` --level ${level}`}`;
say(`soak: ${runs} ${name} from seed ${seed}`);
for (let done = 0; done < runs; done += ROUND, seed += SEEDS_PER_ROUND) {
  const round = Math.min(ROUND, runs - done);
  const settings = { FC_SEED: String(seed), FC_RUNS: String(round), PMKIT_FUZZ_CALLS: String(round), PMKIT_FUZZ_LENGTH: String(length), PMKIT_FUZZ_FLAT: '1', PMKIT_FUZZ_LEVEL: level === undefined ? '' : String(level) };
  const status = run(process.execPath, [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...files], { env: { ...env, ...settings } });
  if (status !== 0) {
    say(`failed; again: npm run soak -- --seed ${seed} --runs ${round}${options}`);
    process.exit(status);
  }
  say(`soak: ${done + round} of ${runs} passed`);
}
