import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.js';
import { recordedKernel } from './record/plugin.js';

const runtime = fileURLToPath(new URL('./src/record/runtime.ts', import.meta.url));

export default defineConfig([
  { ...library(), entry: ['src/**/*.ts', '!src/recorded.ts'] },
  {
    // The recorded instance, one module with a kernel of its own in it. What the series reads its files with stays outside.
    ...library(),
    entry: { recorded: 'src/recorded.ts' },
    bundle: true,
    noExternal: [/^@pmkit\//],
    sourcemap: false,
    splitting: false,
    esbuildPlugins: [recordedKernel(runtime)],
    esbuildOptions(options) {
      options.conditions = ['@pmkit/source'];
    },
  },
]);
