import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { builtFiles, builtSources } from './vitest.built.js';

/** Coverage and watching are of sources. */
const asSources = process.argv.includes('--coverage') || !process.argv.includes('run');
const conditions = [...(asSources ? ['@pmkit/source'] : []), 'module', 'node', 'import', 'default'];

/** What takes longest goes first, so that both workers end at the same time: the sequences of the series, then the larger files; a browser takes its time too. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => /\/(series\/test\/(fuzz|model-check)(-2)?|explorer\/test\/browser)\.test\.ts$/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))];
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  plugins: asSources ? [] : [builtSources],
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    globalSetup: asSources ? [] : ['./vitest.built.ts'],
    server: { deps: { external: [builtFiles] } },
    pool: 'forks',
    // Machines are made by the thousand: with a larger nursery few of them outlive it. And much is run a few times only: code has to be run longer before V8 optimises it.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=32', '--interrupt-budget=300000'],
    // Test files share nothing that they change: a worker loads each module once.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
