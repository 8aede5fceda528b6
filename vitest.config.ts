import { defineConfig } from 'vitest/config';

// Packages are tested as sources, across package borders too: no build is needed before a test.
const conditions = ['@pmkit/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Tests share nothing that they change: with one registry of modules for all files of a worker, each module is loaded once.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
