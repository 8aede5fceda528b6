/**
 * The linter holds what the architecture promises: who may import whom (layers.js), and the two vocabularies.
 * Every ban says what to do instead; test/architecture.test.ts proves that the bans bite.
 *
 * Rules that ask for types are oxlint's (.oxlintrc.json), which has the native compiler: the same rules under the same names, in a quarter of the time.
 */
import { readFileSync } from 'node:fs';
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { vocabulary } from './eslint.vocabulary.js';
import { kernelPackages, kernelTrees, layers } from './layers.js';

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/**
 * The subpaths that a package opens in its exports map, `*` standing for anything.
 * @param {string} name
 */
function openSubpaths(name) {
  const manifest = JSON.parse(readFileSync(new URL(`packages/${name}/package.json`, import.meta.url), 'utf8'));
  return Object.keys(manifest.exports)
    .filter((key) => key !== '.')
    .map((key) => key.slice(2));
}

/**
 * Import bans for one package, as pairs of a pattern and what to do instead.
 * @param {string} name
 */
function bannedImports(name) {
  const level = layers.indexOf(name);
  const above = layers.slice(level + 1).map((upper) => ({
    regex: `^@pmkit/${escape(upper)}(/|$)`,
    message: `@pmkit/${upper} lies above @pmkit/${name}: move what is shared down, or pass it in from above.`,
  }));
  const inside = layers.slice(0, level).map((lower) => {
    const open = openSubpaths(lower);
    const allowed = open.map((subpath) => escape(subpath).replace('\\*', '.+')).join('|');
    return {
      regex: `^@pmkit/${escape(lower)}/${allowed ? `(?!(${allowed})(?<!\\.[jt]s)$)` : ''}`,
      message: `This is inside @pmkit/${lower}: import what its exports map opens (${['.', ...open].join(', ')}), without a file extension.`,
    };
  });
  const sideways = {
    regex: `^(\\.\\./)+(${layers.map(escape).join('|')})/(src|test|dist)(/|$)`,
    message: 'Another package is imported by its name (@pmkit/...), not by a path.',
  };
  return [...above, ...inside, sideways];
}

/** Import bans as lint rules, for static imports and for `import()` in expressions and types. @param {string} name */
function importRules(name) {
  const bans = bannedImports(name);
  const kernel = name === 'linker' || kernelPackages.includes(name);
  if (kernel) {
    bans.push({ regex: '^node:', message: 'Kernel code has no host: let @pmkit/machine or @pmkit/cli hand in what it needs.' });
  }
  return {
    'no-restricted-imports': ['error', { patterns: bans }],
    'no-restricted-syntax': [
      'error',
      ...bans.flatMap(({ regex, message }) => {
        const value = `[value=/${regex.replaceAll('/', '\\u002F')}/]`;
        return [
          { selector: `ImportExpression > Literal.source${value}`, message },
          { selector: `TSImportType > Literal${value}`, message },
          { selector: `TSImportType > TSLiteralType > Literal${value}`, message },
        ];
      }),
    ],
  };
}

const determinism = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'The same commands give the same machine: use the clock of the machine (jiffies).' },
    { object: 'performance', property: 'now', message: 'The same commands give the same machine: time is taken in packages/bench.' },
    { object: 'Math', property: 'random', message: 'The same commands give the same machine: take a seeded generator.' },
  ],
};

const names = (place) => ({ 'pmkit/vocabulary': ['error', place] });

const kernelSources = kernelPackages.map((name) => `packages/${name}/src/**/*.ts`);
const kernelTreeSources = kernelPackages.flatMap((name) => kernelTrees.map((tree) => `packages/${name}/src/${tree}/**/*.ts`));
const tests = ['packages/*/test/**/*.ts', 'test/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/.svelte-check/', '**/coverage/', '**/.turbo/', 'packages/*/tsup.config.ts', '.dependency-cruiser.mjs']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { pmkit: { rules: { vocabulary } } },
    extends: [tseslint.configs.strict],
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'max-lines': ['error', { max: 700 }],
      ...names('ours'),
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      // With noUncheckedIndexedAccess, `!` is how code says that an index is in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },

  ...layers.map((name) => ({ files: [`packages/${name}/{src,test}/**/*.ts`], rules: importRules(name) })),
  // A test may read files and start programs; of the layers it is bound like the rest of its package.
  ...['linker', ...kernelPackages].map((name) => ({
    files: [`packages/${name}/test/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: bannedImports(name) }] },
  })),
  {
    files: layers.filter((name) => name !== 'bench').map((name) => `packages/${name}/src/**/*.ts`),
    rules: determinism,
  },
  {
    files: kernelSources,
    rules: {
      ...names('border'),
      // Prototypes are the kernel's; what a parameter was for may lie outside the model.
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      // A function that may sleep is a generator even where this model never makes it wait.
      'require-yield': 'off',
      'no-fallthrough': 'error',
    },
  },
  {
    files: kernelTreeSources,
    rules: names('kernel'),
  },
  { files: kernelPackages.map((name) => `packages/${name}/test/**/*.ts`), rules: names('border') },
  {
    files: tests,
    rules: {
      'require-yield': 'off',
      'no-console': 'off',
    },
  },
  { files: ['packages/bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['packages/*/typetest/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': 'off',
      'require-yield': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
    rules: { 'no-unused-vars': ['error', { varsIgnorePattern: '^_' }] },
  },
);
