/**
 * Builds the static site into dist/site, after the library (dist/*.js) has been built.
 *
 * A browser that opens a page from a file refuses it modules, workers and requests: it gets classic scripts only. So the page is one script, and each part of the worker is a script that leaves
 * its code as a function, of whose text the page makes the worker (src/ui/worker-parts.ts). Parts and data are loaded when they are asked for.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { CONTENT_POLICY } from '../dist/policy.js';
import { alias, globals } from './shims.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = path.join(root, 'dist/site');

const shared = {
  configFile: false, root, logLevel: 'warn', publicDir: false,
  build: { write: false, target: 'es2023', reportCompressedSize: false, cssCodeSplit: false },
};
const checks = { emptyImportMeta: false, ineffectiveDynamicImport: false, pluginTimings: false };

/** A warning of the compiler, of what a screen reader would miss for instance, is an error. */
const strictSvelte = svelte({
  configFile: false,
  onwarn(warning) {
    throw new Error(`${warning.filename ?? ''}: ${warning.message}`);
  },
});

/** The script of the page and its style sheet. */
async function buildPage() {
  const { output } = await build({
    ...shared, plugins: [strictSvelte],
    build: { ...shared.build, modulePreload: false, rolldownOptions: { checks, input: path.join(root, 'src/ui/main.ts'), output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page[extname]' } } },
  });
  for (const file of output) writeFileSync(path.join(site, file.fileName), file.code ?? file.source);
}

/**
 * A part of the worker, as a classic script that registers its code by file name: a module of CommonJS. Parts that it needs at once are named; one that it imports when it comes to it, it waits for
 * (`part()`, which the loader in src/ui/worker-parts.ts hands in).
 */
function asPart({ fileName, code, imports, dynamicImports }) {
  let waiting = 0;
  const text = code.replaceAll(/Promise\.resolve\(\)\.then\((?=\(\)=>[\w$.(]*require\(([`'"])\.\/(.+?)\1\))/g, (_, __, name) => {
    waiting++;
    return `part(${JSON.stringify(name)}).then(`;
  });
  if (waiting < dynamicImports.filter(name => name !== fileName).length) throw new Error(`${fileName}: ${dynamicImports.length} parts are imported when needed, and ${waiting} were found in its text`);
  return `(self.pmkitParts??={})[${JSON.stringify(fileName)}]={needs:${JSON.stringify(imports)},code(part,require,exports,module){${text}\n}};\n`;
}

/** What just-bash has besides bash, and no command of the machine comes to: fetching, other languages in workers of their own, compressors that the kit does without everywhere. */
const unused = {
  name: 'unused',
  load: { filter: { id: /just-bash.*\/chunks\/(undici|js-exec|python3|sqlite3)-|\/node_modules\/(node-liblzma|@mongodb-js\/zstd)\// }, handler: () => 'export {};' },
};

/** Globals of Node come first. The package is said to have no modules that are loaded for what they do; this is one. */
const withGlobals = {
  name: 'globals',
  enforce: 'pre',
  resolveId: { filter: { id: /\/site\/node\/globals\.mjs$/ }, handler: id => ({ id, moduleSideEffects: true }) },
  transform: { filter: { id: /\/src\/worker\.ts$/ }, handler: code => `import ${JSON.stringify(globals)};\n${code}` },
};

/** The kernel is a part, whoever needs it, and its flat form of each level is one; so are the commands of just-bash, which are a hundred files. */
const GROUPS = [
  { name: 'kernel', test: /packages\/(linker|mm-core|n\d|p\d|series)(?!.*\/flat\/)/ },
  { name: 'commands', test: /just-bash.*\/chunks\// },
];

async function buildWorker() {
  // as a library: what vite adds to imports of a page is nothing for a worker
  const [{ output }] = await build({
    ...shared, resolve: { alias, conditions: ['module', 'import', 'default'] }, plugins: [unused, withGlobals],
    build: {
      ...shared.build, lib: { entry: path.join(root, 'src/worker.ts'), formats: ['cjs'] },
      rolldownOptions: { checks, output: { entryFileNames: 'worker.js', chunkFileNames: 'worker-[name].js', codeSplitting: { groups: GROUPS } } },
    },
  });
  for (const file of output) writeFileSync(path.join(site, file.fileName), asPart(file));
}

/** Data that the library has prepared, as classic scripts: a page that was opened from a file may not fetch. */
async function writeData() {
  const { prepare } = await import('../dist/prepare.js');
  for (const [name, value] of Object.entries(await prepare())) {
    const file = path.join(site, 'data', `${name}.js`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `(self.pmkitData??={})[${JSON.stringify(name)}]=${JSON.stringify(value)};\n`);
  }
}

rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
const page = readFileSync(path.join(root, 'site/index.html'), 'utf8');
writeFileSync(path.join(site, 'index.html'), page.replace('{{policy}}', CONTENT_POLICY));
await Promise.all([buildPage(), buildWorker(), writeData()]);
