/** The kernel table of a tree: which modules and symbols make up which kernel file. */
import { endOf, parseModule, startOf, type StatementOf } from './ast.js';
import { argumentOf, filesOf, keyOf, propertiesOf, propertyOf, type FileEntry, type Listed, type Manifest } from './manifest.js';
import { readModule } from './module.js';
import { applyEdits, type Edit } from './references.js';
import { resolveInTree, specifierFor } from './resolve.js';
import { TABLE, TABLE_MODULE } from './scope.js';

/** A kernel file as a tree has it: modules that are linked whole, and symbols out of others. */
export interface KernelFile { readonly file: string; readonly modules: readonly string[]; readonly symbols: readonly { readonly module: string; readonly name: string }[] }

function tableText(modules: ReadonlyMap<string, string>): string {
  const text = modules.get(TABLE_MODULE);
  if (text === undefined) throw new Error(`the tree has no ${TABLE_MODULE}`);
  return text;
}

function objectsIn(text: string): ReturnType<typeof argumentOf> {
  const objects = propertyOf(argumentOf(text, 'defineBase'), 'objects')?.value;
  if (objects?.type !== 'ObjectExpression') throw new SyntaxError(`${TABLE_MODULE} lists no object files`);
  return objects;
}

/** The object files of a tree, by kernel file, in the order of its table. */
export function kernelFiles(modules: ReadonlyMap<string, string>): KernelFile[] {
  const text = tableText(modules);
  const inTree = (specifier: string): string => resolveInTree(specifier, TABLE_MODULE);
  return filesOf(objectsIn(text), readModule(text)).map(({ file, modules: whole, symbols }: FileEntry) => ({
    file, modules: whole.map(inTree), symbols: symbols.map(({ name, specifier }: Listed) => ({ module: inTree(specifier), name })),
  }));
}

/** The kernel file that a module of the tree models, or a part of, a header too; null for what the kit has beside the kernel. */
export function fileOfModule(files: readonly KernelFile[]): (module: string) => string | null {
  const linked = new Map(files.flatMap(({ file, modules }) => modules.map(module => [module, file] as const)));
  return module => linked.get(module) ?? (module.startsWith('include/') ? module.replace(/\.ts$/, '.h') : null);
}

/** The modules that a kernel file is made of. */
export const modulesOfFile = (modules: ReadonlyMap<string, string>, file: string): readonly string[] =>
  kernelFiles(modules).filter(entry => entry.file === file).flatMap(({ modules: whole, symbols }) => [...whole, ...symbols.map(({ module }) => module)]);

/** What a patch adds to a kernel file, out of one module of the tree. */
interface Addition { readonly file: string; readonly module: string; readonly names: readonly string[] }

function additionsOf(modules: ReadonlyMap<string, string>, { columns }: Manifest, places: ReadonlyMap<string, string>): Addition[] {
  const known = kernelFiles(modules);
  return columns.adds.flatMap(({ file, symbols, modules: whole }): Addition[] => {
    const wholeNames = whole.flatMap(specifier => [...places].filter(([, module]) => module === resolveInTree(specifier, 'index.ts')).map(([name]) => name));
    const names = [...symbols.map(({ name }) => name), ...wholeNames];
    const linked = new Set(known.find(entry => entry.file === file)?.modules);
    const homes = new Set(names.map(name => places.get(name)!));
    return [...homes].filter(module => !linked.has(module)).map(module => ({ file, module, names: names.filter(name => places.get(name) === module && isExportedValue(modules, module, name)) }));
  });
}

const exportedValues = (modules: ReadonlyMap<string, string>, module: string): string[] =>
  readModule(modules.get(module)!).items.filter(({ isExported, isValue }) => isExported && isValue).map(({ name }) => name!);

const isExportedValue = (modules: ReadonlyMap<string, string>, module: string, name: string): boolean => exportedValues(modules, module).includes(name);

/** How an addition is written: import, member of the table's type, value in the list of object files. */
function wording(modules: ReadonlyMap<string, string>, { module, names }: Addition): { readonly statement: string; readonly heritage: string; readonly value: string } {
  const from = specifierFor(module, TABLE_MODULE);
  if (exportedValues(modules, module).length > names.length) {
    const list = names.join(', ');
    return { statement: `import { ${list} } from '${from}';`, heritage: `ObjectFile<{ ${names.map(name => `${name}: typeof ${name}`).join('; ')} }>`, value: `{ ${list} }` };
  }
  const local = module.replace(/\.ts$/, '').replace(/\W/g, '_');
  return { statement: `import * as ${local} from '${from}';`, heritage: `ObjectFile<typeof ${local}>`, value: local };
}

/** The tree with a table that names the patch as its top, and lists what the patch adds. `places`: the module that each of its symbols is in. */
export function updateTable(modules: ReadonlyMap<string, string>, manifest: Manifest, places: ReadonlyMap<string, string>): Map<string, string> {
  let text = withTop(tableText(modules), manifest.name);
  for (const addition of additionsOf(modules, manifest, places)) text = withAddition(text, addition.file, wording(modules, addition));
  return new Map(modules).set(TABLE_MODULE, text);
}

function withTop(text: string, patch: string): string {
  const { start, end } = propertyOf(argumentOf(text, 'defineBase'), 'name')!.value;
  return applyEdits(text, [{ start: start!, end: end!, text: `'${patch}'` }]);
}

function withAddition(text: string, file: string, { statement, heritage, value }: ReturnType<typeof wording>): string {
  const { body, comments } = parseModule(text);
  const lastImport = body.findLast(node => node.type === 'ImportDeclaration')!;
  const table = body.map(node => (node.type === 'ExportNamedDeclaration' ? node.declaration : node)).find((node): node is StatementOf<'TSInterfaceDeclaration'> => node?.type === 'TSInterfaceDeclaration' && node.id.name === TABLE.name)!;
  const extended = table.extends!.at(-1)!;
  const edits: Edit[] = [
    { start: endOf(lastImport), end: endOf(lastImport), text: `\n${statement}` },
    { start: extended.end!, end: extended.end!, text: `,\n    ${heritage}` },
  ];
  const properties = propertiesOf(objectsIn(text));
  const present = properties.find(property => keyOf(property) === file);
  if (present === undefined) {
    const last = properties.at(-1)!;
    edits.push({ start: last.end!, end: last.end!, text: `,\n    '${file}': ${value}` });
  } else if (present.value.type === 'ObjectExpression' && present.value.properties.length === 0) {
    // the comment above it says why it is empty
    const above = comments.findLast(comment => endOf(comment) <= startOf(present) && text.slice(endOf(comment), startOf(present)).trim() === '');
    edits.push({ start: above === undefined ? startOf(present) : startOf(above), end: endOf(present), text: `'${file}': ${value}` });
  } else throw new Error(`${file} is in the table; ${statement} would have to be added to it`);
  return applyEdits(text, edits);
}
