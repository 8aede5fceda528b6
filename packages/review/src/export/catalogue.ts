/** The catalogue of behaviours as a part of an exported project, with the boot of that project's own tree. */
import { endOf, nodesIn, parseModule, startOf, type Node, fieldsOf } from '../source/ast.js';
import { readImports, specifiersOf } from '../source/module.js';
import { packageSources } from '../source/packages.js';
import { applyEdits, type Edit } from '../source/references.js';
import { resolveInTree } from '../source/resolve.js';
import { HEADERS, projectFile, retarget } from './retarget.js';
import { BOOT_TREE, THIS_TREE } from './template.js';

const SERIES = '@pmkit/series';
/** What the catalogue is asked through. */
const ENTRANCES = ['catalogue/list.ts', 'catalogue/run.ts'];
const LIST = 'catalogue/list.ts';
/** The levels of the kit: a project has one tree, its own. */
const LEVELS = 'levels.ts';
/** Written for the project. */
const WRITTEN: Readonly<Record<string, string>> = { 'catalogue/boot-tree.ts': BOOT_TREE, 'catalogue/tree.ts': THIS_TREE };

const sourceOf = (path: string): string => {
  const text = packageSources(SERIES).get(path);
  if (text === undefined) throw new Error(`${SERIES} has no module ${path}`);
  return text;
};

/** Whether a module needs other trees than one: it pushes patches, which a project has not. */
const needsSeries = (text: string, path: string): boolean =>
  readImports(text).some(({ from, names }) => resolveInTree(from, path) === LEVELS && names.some(({ isType }) => !isType));

/** The list of behaviours without those of a module. */
function withoutModule(text: string, path: string, module: string): string {
  const { body } = parseModule(text);
  const statement = body.find(node => node.type === 'ImportDeclaration' && resolveInTree(node.source.value, path) === module);
  if (statement?.type !== 'ImportDeclaration') return text;
  const locals = new Set(statement.specifiers.map(({ local }) => local.name));
  const edits: Edit[] = [{ start: startOf(statement), end: endOf(statement) + 1, text: '' }];
  for (const { start, end } of spreadsOf(body, locals)) edits.push({ start, end: end + (/^,\s*/.exec(text.slice(end))?.[0].length ?? 0), text: '' });
  return applyEdits(text, edits);
}

function* spreadsOf(nodes: Iterable<Node>, names: ReadonlySet<string>): Generator<{ readonly start: number; readonly end: number }> {
  for (const node of nodes) {
    if (node.type === 'ArrayExpression') {
      for (const element of node.elements) {
        if (element?.type === 'SpreadElement' && element.argument.type === 'Identifier' && names.has(element.argument.name)) yield { start: element.start!, end: element.end! };
      }
    }
    for (const [, value] of fieldsOf(node)) yield* spreadsOf(nodesIn(value), names);
  }
}

/** The modules of the catalogue: path in the project → text. The same at every level. */
export function catalogueFiles(): Map<string, string> {
  const files = new Map(Object.entries(WRITTEN));
  const waiting = [...ENTRANCES];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    const text = path === LIST ? ownList() : sourceOf(path);
    files.set(path, retarget(text, path, specifier => (resolveInTree(specifier, path) === LEVELS ? 'catalogue/tree.ts' : null)));
    for (const { specifier } of specifiersOf(text)) {
      const module = resolveInTree(specifier, path);
      if (specifier.startsWith('.') && module !== LEVELS) waiting.push(module);
      const header = projectFile(specifier);
      if (header?.startsWith(HEADERS) === true) files.set(header, retarget(headerOf(specifier), header));
    }
  }
  return files;
}

function ownList(): string {
  let text = sourceOf(LIST);
  for (const { from } of readImports(text)) {
    const module = resolveInTree(from, LIST);
    if (needsSeries(sourceOf(module), module)) text = withoutModule(text, LIST, module);
  }
  return text;
}

function headerOf(specifier: string): string {
  const [, name = '', subpath = ''] = /^(@pmkit\/[^/]+)\/(.+)$/.exec(specifier) ?? [];
  const text = packageSources(name).get(`${subpath}.ts`);
  if (text === undefined) throw new Error(`${specifier} is nowhere`);
  return text;
}
