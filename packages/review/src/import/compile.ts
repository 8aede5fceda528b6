/**
 * The kernel of an imported tree as modules that Node loads. Only what is another than in the base is there, and what imports that; the other modules are those of the kit,
 * so that the catalogue looks at the machine with the same eyes. The sender's linker, catalogue and tools are not used.
 */
import path from 'node:path';
import { transformSync } from 'esbuild';
import { projectFiles } from '../export/project.js';
import { readImports, specifiersOf, type ImportStatement } from '../source/module.js';
import { applyEdits } from '../source/references.js';
import { resolveInTree } from '../source/resolve.js';
import { kernelFiles, type KernelFile } from '../source/table.js';
import { printable } from '../diff/index.js';
import { ImportError } from './read.js';

/** Parts of a project that are no kernel. */
const NOT_KERNEL = /^(?:linker|catalogue|test|tools|sim)\/|^(?:index|testing|kernel-table)\.ts$/;
/** Of those, what kernel code may import. */
const BESIDE_KERNEL = /^(?:sim\/.*|(?:linker\/)?index|testing|kernel-table)\.ts$/;
/** Modules of the kit's kernel that its package opens by path. */
const OPEN = /^(?:mm|fs|kernel|arch|include|lib|ipc|drivers|init|model)\//;
const KERNEL = '@pmkit/mm-core';
const LINKER = '@pmkit/linker';
const ENTRY = 'entry.mjs';

type Files = ReadonlyMap<string, string>;

const isKernel = (file: string): boolean => file.endsWith('.ts') && !NOT_KERNEL.test(file);

/** The modules that are loaded anew: changed ones, and those that import them. */
function ownModules(files: Files): Set<string> {
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

/** The modules that a module needs while it runs. */
const valueImports = (file: string, text: string): readonly string[] =>
  importsIn(file, text).filter(({ names, namespace }) => namespace !== null || names.some(({ isType }) => !isType)).map(({ from }) => resolveInTree(from, file));

/** A tree, and which of its modules are loaded anew. */
interface Compiled { readonly files: Files; readonly own: ReadonlySet<string> }

/** How a module that is loaded anew imports another. */
function specifierIn(target: string, from: string, own: ReadonlySet<string>): string {
  if (own.has(target)) return `./${path.posix.relative(path.posix.dirname(from), target)}`.replace(/\.ts$/, '.mjs');
  if (target === 'linker/index.ts') return LINKER;
  if (OPEN.test(target)) return `${KERNEL}/${target.replace(/\.ts$/, '')}`;
  return KERNEL;
}

function compiled(file: string, { files, own }: Compiled): string {
  const text = files.get(file)!;
  const edits = specifiersOf(text).map(({ specifier, start, end }) => {
    const target = resolveInTree(specifier, file);
    if (!specifier.startsWith('.') || !files.has(target) || !(isKernel(target) || BESIDE_KERNEL.test(target))) {
      const line = text.slice(0, start).split('\n').length;
      throw new ImportError(`${file}:${line}: found an import of "${printable(specifier)}"; expected one of a module of the kernel's tree`);
    }
    return { start, end, text: `'${specifierIn(target, file, own)}'` };
  });
  const edited = applyEdits(text, edits);
  let code = codeOf.get(edited);
  if (code === undefined) codeOf.set(edited, (code = withoutTypes(file, edited)));
  return code;
}

/** By module as it is loaded: most of them are the same in one tree after the other. */
const codeOf = new Map<string, string>();

function withoutTypes(file: string, text: string): string {
  try {
    return transformSync(text, { loader: 'ts', format: 'esm', target: 'node20', tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } }).code;
  } catch (error) {
    throw new ImportError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** A module that exports the object files of the tree by kernel file. @throws {ImportError} as objectFilesOf(). */
function entryModule({ files, own }: Compiled): string {
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
  const entries = objectFilesOf(files).map(({ file, modules, symbols }) => {
    const parts = [...modules.map(module => `...${namespaceOf(module)}`), ...symbols.map(({ module, name }) => `${name}: ${namespaceOf(module)}.${name}`)];
    return `  ${JSON.stringify(file)}: { ${parts.join(', ')} },`;
  });
  const machine = own.has('machine.ts') ? "export { createMachine } from './machine.mjs';" : `export { createMachine } from '${KERNEL}';`;
  return `${statements.join('\n')}\n${machine}\nexport const objects = {\n${entries.join('\n')}\n};\n`;
}

/**
 * The object files of a tree.
 * @throws {ImportError} for a table that lists them in another way than the kit's, or modules that are not of the kernel.
 */
export function objectFilesOf(files: Files): KernelFile[] {
  try {
    const table = kernelFiles(files);
    const strange = table.flatMap(({ modules, symbols }) => [...modules, ...symbols.map(({ module }) => module)]).find(module => !files.has(module) || !isKernel(module));
    if (strange !== undefined) throw new Error(`found "${printable(strange)}" among the object files; expected modules of the kernel's tree`);
    return table;
  } catch (error) {
    throw new ImportError(`kernel-table.ts cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

export interface Modules {
  /** Path → text: where Node finds the packages `needs`, these can be loaded. */
  readonly texts: ReadonlyMap<string, string>;
  /** The one to begin with: it exports `objects`, the object files by kernel file, and `createMachine`. */
  readonly entry: string;
  readonly needs: readonly string[];
}

/** @throws {ImportError} for a module that cannot be compiled, or that imports what is not of the tree, with file and line. */
export function compileTree(files: Files): Modules {
  const tree = { files, own: ownModules(files) };
  const texts = [...tree.own].map(file => [file.replace(/\.ts$/, '.mjs'), compiled(file, tree)] as const);
  return { texts: new Map([...texts, [ENTRY, entryModule(tree)]]), entry: ENTRY, needs: [KERNEL, LINKER] };
}
