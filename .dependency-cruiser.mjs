/** The module graph of the packages: its layers (again, from the same list), no cycles, no paths across packages. */
import { layers } from './layers.js';

const upward = layers.slice(0, -1).map((name, level) => ({
  name: `no-import-above-${name}`,
  comment: `A package imports only from layers below it; move what is shared down. The order is in layers.js.`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: { path: `^packages/(${layers.slice(level + 1).join('|')})/` },
}));

export default {
  forbidden: [
    ...upward,
    {
      name: 'no-cycles',
      comment: 'Modules must not need each other while loading. Kernel files reach each other through the linked table; import types only.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-path-across-packages',
      comment: 'Another package is imported by its name, through what its exports map opens.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-test-from-source',
      comment: 'Sources do not import tests. What tests of several packages share is exported on purpose (@pmkit/mm-core/testing).',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^packages/[^/]+/(test|typetest)/' },
    },
    {
      name: 'no-unresolved',
      comment: 'The import leads nowhere: is it in the dependencies of the package, and is the subpath exported?',
      severity: 'error',
      from: { pathNot: '/bin/' },
      // what the build prints is there when it has been built
      to: { couldNotResolve: true, pathNot: '^#flat/' },
    },
    {
      name: 'no-development-tool-at-run-time',
      comment: 'Sources may use only what the package lists under dependencies.',
      severity: 'error',
      // the page is built into one file, and what it is built with too
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/explorer/src/ui/' },
      // what the repository's own scripts need too is of both kinds
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only', 'npm'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|typetest|\.svelte-check)/|tsup\\.(base|config)\\.ts$' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@pmkit/source', 'import', 'node', 'default', 'types'],
    },
  },
};
