import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';
import { library } from '../../tsup.base.js';
import { coveredKernel } from './cover/plugin.js';
import { recordedKernel } from './record/plugin.js';

const runtime = fileURLToPath(new URL('./src/record/runtime.ts', import.meta.url));

/** One module with a kernel of its own in it. What the series reads its files with stays outside. */
const instance = (): Options => ({
  ...library(),
  bundle: true,
  sourcemap: false,
  splitting: false,
  esbuildOptions(options) {
    options.conditions = ['@pmkit/source'];
  },
});

export default defineConfig([
  { ...library(), entry: ['src/**/*.ts', '!src/{covered,recorded}.ts'] },
  { ...instance(), entry: { recorded: 'src/recorded.ts' }, noExternal: [/^@pmkit\//], esbuildPlugins: [recordedKernel(runtime)] },
  // The linker is everybody's: what is done to the table of a kernel is done to that of this one as well.
  { ...instance(), entry: { covered: 'src/covered.ts' }, noExternal: [/^@pmkit\/(?!linker$)/], esbuildPlugins: [coveredKernel()] },
]);
