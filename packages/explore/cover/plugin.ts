/** The build of dist/covered.js: src/covered.ts and all that it needs of the kit in one module, the kernel's part printed. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { kernelPackages, kernelTrees } from '../../../layers.js';
import type { CoveredFunction } from '../src/cover/branches.js';
import { printCovered } from './print.js';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const BRANCHES = fileURLToPath(new URL('../src/cover/branches.ts', import.meta.url));

/** The kernel's sources by name, in an order that depends on nothing but the names. */
function kernelFiles(): string[] {
  const trees = new Set(kernelTrees);
  return kernelPackages.flatMap(name => readdirSync(path.join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && trees.has(file.split(path.sep)[0]!))
    .map(file => [name, 'src', ...file.split(path.sep)].join('/'))).sort();
}

interface CoveredKernel { readonly texts: ReadonlyMap<string, string>; readonly functions: readonly CoveredFunction[]; readonly slots: number }

function printKernel(): CoveredKernel {
  const texts = new Map<string, string>();
  const functions: CoveredFunction[] = [];
  const imports = new Set<string>();
  let slots = 0;
  for (const file of kernelFiles()) {
    const source = path.join(packages, ...file.split('/'));
    const printed = printCovered(readFileSync(source, 'utf8'), { file, slot: slots, runtime: BRANCHES });
    texts.set(source, printed.text);
    functions.push(...printed.functions);
    for (const one of printed.imports) imports.add(one);
    slots = printed.slot;
  }
  return { texts, functions: functions.map(one => ({ ...one, byName: imports.has(`${one.file} ${one.name}`) })), slots };
}

export const coveredKernel = (): Plugin => ({
  name: 'covered-kernel',
  setup(build) {
    const { texts, functions, slots } = printKernel();
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (file === BRANCHES) return { contents: `export const functions = ${JSON.stringify(functions)};\nexport const hits = new Uint8Array(${slots});`, loader: 'js' };
      const contents = texts.get(file);
      return contents === undefined ? null : { contents, loader: 'ts', resolveDir: path.dirname(file) };
    });
  },
});
