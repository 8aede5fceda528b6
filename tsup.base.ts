/**
 * How every package is built. One file out for each file in: a kernel file must stay one module, since the tools map
 * symbols to their home files. Declarations come from `tsc` (scripts/build-package.mjs), not from tsup.
 */
import type { Options } from 'tsup';

export const library = (): Options => ({
  entry: ['src/**/*.ts'],
  format: 'esm',
  target: 'node20',
  bundle: false,
  dts: false,
  sourcemap: true,
  silent: true,
  tsconfig: 'tsconfig.build.json',
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
