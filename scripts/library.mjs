/**
 * The JavaScript of a package: one file out for each file in, since a kernel file must stay one module: the tools map symbols to their home files.
 *
 * Declarations are the compiler's (build-package.mjs); what is a bundle the package says itself (tsup.config.ts).
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** The page's own components are vite's (packages/explorer/site/build.mjs), and no part of a library. */
const ofThePage = /\/explorer\/src\/(?:ui|draw\/canvas)\//;
/** Bundles of many packages, made by packages/explore/tsup.config.ts. */
const bundles = /\/explore\/src\/(?:covered|recorded)\.ts$/;

/**
 * @param {string} directory of the package.
 * @returns what is to be written to its dist/: code and source maps.
 */
export async function javascriptOf(directory) {
  const src = path.join(directory, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).map((file) => path.join(src, file));
  const { outputFiles } = await build({
    entryPoints: files.filter((file) => file.endsWith('.ts') && !ofThePage.test(file) && !bundles.test(file)),
    outbase: src, outdir: path.join(directory, 'dist'), format: 'esm', target: 'node20', platform: 'node', sourcemap: true, write: false,
    tsconfig: path.join(directory, 'tsconfig.build.json'),
  });
  return outputFiles;
}
