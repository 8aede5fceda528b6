/**
 * The kernel of an imported tree, linked and ready to boot. This runs what was sent: its modules are loaded into this process, with all that this process may do.
 *
 * Only what is another than in the base is loaded anew, and what imports that; the other modules are those of the kit, so that the catalogue looks at the machine with the same eyes.
 * The sender's linker, catalogue and tools are not used.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { defineBase, linkUnchecked, Series } from '@pmkit/linker';
import { createMachine, start, type MachineConfig } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { projectFiles } from '../export/project.js';
import { specifiersOf } from '../export/retarget.js';
import { readImports, type ImportStatement } from '../source/module.js';
import { packageRoot } from '../source/packages.js';
import { applyEdits } from '../source/references.js';
import { resolveInTree } from '../source/resolve.js';
import { kernelFiles } from '../source/table.js';
import { ImportError } from './read.js';

/** Parts of a project that are no kernel. */
const NOT_KERNEL = /^(?:linker|catalogue|test|tools|sim)\/|^(?:index|testing|kernel-table)\.ts$/;
/** Modules of the kit's kernel that its package opens by path. */
const OPEN = /^(?:mm|fs|kernel|arch|include|lib|ipc|drivers|init|model)\//;
const KERNEL = '@pmkit/mm-core';

const isKernel = (file: string): boolean => file.endsWith('.ts') && !NOT_KERNEL.test(file);

/** The modules that are loaded anew: changed ones, and those that import them. */
function ownModules(files: ReadonlyMap<string, string>): Set<string> {
  const kit = projectFiles([]);
  const own = new Set([...files].filter(([file, text]) => isKernel(file) && kit.get(file) !== text).map(([file]) => file));
  const imports = new Map([...files].filter(([file]) => isKernel(file)).map(([file, text]) => [file, valueImports(file, text)] as const));
  for (let grown = true; grown; ) {
    const more = [...imports].filter(([file, targets]) => !own.has(file) && targets.some(target => own.has(target)));
    for (const [file] of more) own.add(file);
    grown = more.length > 0;
  }
  return own;
}

/** @throws {ImportError} for what is no TypeScript. */
function importsIn(file: string, text: string): readonly ImportStatement[] {
  try {
    return readImports(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ImportError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

const importsOf = new Map<string, readonly string[]>();

/** The modules that a module needs while it runs. Most are the same in all trees, and are read once. */
function valueImports(file: string, text: string): readonly string[] {
  const key = `${file}\n${text}`;
  let known = importsOf.get(key);
  if (known === undefined) {
    known = importsIn(file, text).filter(({ names, namespace }) => namespace !== null || names.some(({ isType }) => !isType)).map(({ from }) => resolveInTree(from, file));
    importsOf.set(key, known);
  }
  return known;
}

/** How a module that is loaded anew imports another. */
function specifierIn(target: string, from: string, own: ReadonlySet<string>): string {
  if (own.has(target)) return `./${path.posix.relative(path.posix.dirname(from), target)}`.replace(/\.ts$/, '.mjs');
  if (target === 'linker/index.ts') return '@pmkit/linker';
  if (OPEN.test(target)) return `${KERNEL}/${target.replace(/\.ts$/, '')}`;
  return KERNEL;
}

function compiled(file: string, text: string, own: ReadonlySet<string>): string {
  const edits = specifiersOf(text).filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier, start: from, end }) => ({ start: from, end, text: `'${specifierIn(resolveInTree(specifier, file), file, own)}'` }));
  try {
    return transformSync(applyEdits(text, edits), { loader: 'ts', format: 'esm', target: 'node20', tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } }).code;
  } catch (error) {
    throw new ImportError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** A module that exports the object files of the tree by kernel file. */
function entryModule(files: ReadonlyMap<string, string>, own: ReadonlySet<string>): string {
  const statements: string[] = [];
  const local = new Map<string, string>();
  const namespaceOf = (module: string): string => {
    let name = local.get(module);
    if (name === undefined) {
      local.set(module, (name = `m${local.size}`));
      statements.push(`import * as ${name} from '${specifierIn(module, 'entry.ts', own)}';`);
    }
    return name;
  };
  const entries = kernelFiles(files).map(({ file, modules, symbols }) => {
    const parts = [...modules.map(module => `...${namespaceOf(module)}`), ...symbols.map(({ module, name }) => `${name}: ${namespaceOf(module)}.${name}`)];
    return `  ${JSON.stringify(file)}: { ${parts.join(', ')} },`;
  });
  const machine = own.has('machine.ts') ? "export { createMachine } from './machine.mjs';" : `export { createMachine } from '${KERNEL}';`;
  return `${statements.join('\n')}\n${machine}\nexport const objects = {\n${entries.join('\n')}\n};\n`;
}

/** @throws {ImportError} for a table that lists its object files in another way than the kit's. */
function entryOf(files: ReadonlyMap<string, string>, own: ReadonlySet<string>): string {
  try {
    return entryModule(files, own);
  } catch (error) {
    throw new ImportError(`kernel-table.ts cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

interface Entry { readonly objects: Readonly<Record<string, object>>; readonly createMachine: typeof createMachine }

/** Writes the modules where the kit's packages can be imported from, and loads them. */
async function loadEntry(files: ReadonlyMap<string, string>): Promise<Entry> {
  const own = ownModules(files);
  const entryText = entryOf(files, own);
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-import-'));
  try {
    mkdirSync(path.join(directory, 'node_modules/@pmkit'), { recursive: true });
    for (const name of [KERNEL, '@pmkit/linker']) symlinkSync(packageRoot(name), path.join(directory, 'node_modules', name), 'junction');
    for (const file of own) {
      const target = path.join(directory, file.replace(/\.ts$/, '.mjs'));
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, compiled(file, files.get(file)!, own));
    }
    const entry = path.join(directory, 'entry.mjs');
    writeFileSync(entry, entryText);
    return (await import(pathToFileURL(entry).href)) as Entry;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Loads the kernel of a tree: from here on its code runs. `name` is that of the patch on top.
 * @returns what boots it on a new machine; it throws LinkError when the tree does not link.
 * @throws {ImportError} for a module that cannot be compiled.
 */
export async function loadKernel(files: ReadonlyMap<string, string>, name: string): Promise<(config: MachineConfig) => AnyKernel> {
  const { objects, createMachine: create } = await loadEntry(files);
  const series = Series.of(defineBase({ name, package: 'imported', objects }));
  return config => start(linkUnchecked(series, { m: create(config) }) as AnyKernel);
}
