/** The build of dist/recorded.js: src/recorded.ts and all that it needs of the kit in one module, the kernel's part printed. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { lower } from './lower.js';
import { printModule } from './print.js';

/** Sources of the kernel and of what drives it. */
const KERNEL = /[\\/]packages[\\/]((mm-core|[np]\d\d-[^\\/]+)[\\/]src[\\/].*|explore[\\/]src[\\/](world[\\/](world|freed)|faults[\\/](arm|devices|memory|pages|site|step|tasks)))\.ts$/;

/** What looks at a whole machine between steps is left as it is. */
const LOOKS_ON = /[\\/]mm-core[\\/]src[\\/]sim[\\/](invariants([\\/].*)?|state-hash)\.ts$/;

/** Variables and objects of modules whose contents mean nothing once the function that uses them is left, which it never is by sleeping; and what is remembered of things that do not change. */
const SCRATCH: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['mm-core/src/lib/radix-tree.ts', new Set(['path', 'next_index'])],
  // only ever compared with what it was before a call in which nobody slept
  ['mm-core/src/model/switches.ts', new Set(['switches'])],
  ['mm-core/src/sim/flat.ts', new Set(['running'])],
  ['mm-core/src/sim/syscalls.ts', new Set(['numbersOf'])],
]);

/** @param runtime the module that the printed ones import. */
export const recordedKernel = (runtime: string): Plugin => ({
  name: 'recorded-kernel',
  setup(build) {
    build.onLoad({ filter: KERNEL }, async ({ path: file }) => {
      if (LOOKS_ON.test(file)) return null;
      const short = file.slice(file.lastIndexOf(`${path.sep}packages${path.sep}`) + '/packages/'.length).replaceAll(path.sep, '/');
      const source = await lower(await readFile(file, 'utf8'), file);
      const scratch = SCRATCH.get(short);
      return { contents: printModule(source, runtime, scratch === undefined ? { file: short } : { file: short, scratch }), loader: 'js', resolveDir: path.dirname(file) };
    });
  },
});
