/**
 * Builds the static site into dist/site, after the library (dist/*.js) has been built.
 *
 * A browser that opens a page from a file refuses it modules, workers and requests: it gets classic scripts only. So the page is one script, and each part of the worker is a script that leaves
 * its code as a function, of which the page makes the worker's source (src/ui/worker-parts.ts). Parts are loaded when they are asked for.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { alias } from './shims.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = path.join(root, 'dist/site');

const shared = (input, output) => ({
  configFile: false, root, logLevel: 'warn', publicDir: false,
  build: { write: false, target: 'es2023', modulePreload: false, reportCompressedSize: false, rolldownOptions: { input: path.join(root, input), output } },
});

/** A warning of the compiler, of what a screen reader would miss for instance, is an error. */
const strictSvelte = svelte({
  configFile: false,
  onwarn(warning) {
    throw new Error(`${warning.filename ?? ''}: ${warning.message}`);
  },
});

/** The script of the page and its style sheet. */
async function buildPage() {
  const { output } = await build({ ...shared('src/ui/main.ts', { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page[extname]' }), plugins: [strictSvelte] });
  for (const file of output) writeFileSync(path.join(site, file.fileName), file.code ?? file.source);
}

/** A part of the worker, as a classic script that registers its code: modules as functions of CommonJS, by file name. */
const asPart = ({ fileName, code }) => `(self.pmkitParts??={})[${JSON.stringify(fileName)}]=function(require,exports,module){${code}\n};\n`;

async function buildWorker() {
  const config = shared('src/worker.ts', { format: 'cjs', entryFileNames: 'worker.js', chunkFileNames: '[name].js' });
  const { output } = await build({ ...config, resolve: { alias, conditions: ['module', 'import', 'default'] } });
  for (const file of output) writeFileSync(path.join(site, file.fileName), asPart(file));
}

rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
copyFileSync(path.join(root, 'site/index.html'), path.join(site, 'index.html'));
await Promise.all([buildPage(), buildWorker()]);
