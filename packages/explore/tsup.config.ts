/** The two modules that have a kernel of their own in them. Everything else is built as in any package (scripts/library.mjs). */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';
import { coveredKernel } from './cover/plugin.js';
import { recordedKernel } from './record/plugin.js';

const runtime = fileURLToPath(new URL('./src/record/runtime.ts', import.meta.url));

/** What the series reads its files with stays outside. */
const instance = (name: string): Options => ({
  entry: { [name]: `src/${name}.ts` },
  format: 'esm',
  target: 'node20',
  dts: false,
  silent: true,
  tsconfig: 'tsconfig.build.json',
  splitting: false,
  esbuildOptions(options) {
    options.conditions = ['@pmkit/source'];
  },
});

export default defineConfig([
  { ...instance('recorded'), noExternal: [/^@pmkit\//], esbuildPlugins: [recordedKernel(runtime)] },
  // The linker is everybody's: what is done to the table of a kernel is done to that of this one as well.
  { ...instance('covered'), noExternal: [/^@pmkit\/(?!linker$)/], esbuildPlugins: [coveredKernel()] },
]);
