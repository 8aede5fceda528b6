import { defineConfig } from 'vitest/config';

// Packages are tested as sources, across package borders too: no build is needed before a test.
const conditions = ['@pmkit/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    setupFiles: ['./vitest.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      // Its many files load the same modules, just-bash among them, and share nothing that they change: a worker loads each module once.
      { extends: true, test: { name: 'machine', include: ['packages/machine/test/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'all others', include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], exclude: ['packages/machine/**', '**/node_modules/**'] } },
    ],
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
