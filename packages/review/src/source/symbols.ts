/** The declarations of a tree, symbol by symbol: where each is, what it says, which patch wrote it, what it calls. */
import type { Tree } from '@pmkit/series/catalogue';
import { BASE_PATCH, type PatchEntry } from '@pmkit/series/stack';
import { fieldsOf, nodesIn, type Node } from './ast.js';
import type { Sources } from './lay.js';
import { readModule } from './module.js';
import { fileOfModule, kernelFiles, type KernelFile } from './table.js';
import { patchesOf, sourcesOf } from './tree.js';

export interface SourceSymbol {
  readonly name: string;
  readonly kind: 'function' | 'constant' | 'type';
  /** The module of the tree: `mm/mempolicy_syscalls.ts`. */
  readonly module: string;
  /** The kernel file that the module models, or a part of: `mm/mempolicy.c`. Null for what the kit has beside the kernel. */
  readonly file: string | null;
  /** Whether it is a row of the kernel's table: a function that others call through `this`, or data that is linked. */
  readonly isLinked: boolean;
  /** Lines of the module, from 1 on: from the doc comment to the end of the declaration. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** These lines. */
  readonly text: string;
  /** File name of the patch, or of the base, that wrote it as it is. */
  readonly patch: string;
  /** Linked symbols that it calls through `this`, each once, in the order of the first call. */
  readonly callees: readonly string[];
}

/** What a module declares, as far as its own text tells. */
type Declared = Pick<SourceSymbol, 'name' | 'kind' | 'firstLine' | 'lastLine' | 'text'> & { readonly isExported: boolean; readonly calls: readonly string[] };

const known = new Map<string, readonly Declared[]>();

/** The declarations of a module; most are the same in all trees, and are read once. */
function declaredIn(text: string): readonly Declared[] {
  let declared = known.get(text);
  if (declared === undefined) known.set(text, (declared = readDeclared(text)));
  return declared;
}

function readDeclared(source: string): Declared[] {
  const lineOf = lineCounter(source);
  return readModule(source).items.flatMap(({ name, isExported, isValue, nodes, start, text }): Declared[] => {
    if (name === null) return [];
    const [node] = nodes;
    const declaration = node?.type === 'ExportNamedDeclaration' ? node.declaration : node;
    const kind = declaration?.type === 'FunctionDeclaration' || isArrow(declaration) ? 'function' : isValue ? 'constant' : 'type';
    return [{ name, kind, isExported, firstLine: lineOf(start), lastLine: lineOf(start + text.length), text, calls: [...new Set(callsIn(nodes))] }];
  });
}

function isArrow(node: Node | null | undefined): boolean {
  return node?.type === 'VariableDeclaration' && node.declarations[0]?.init?.type === 'ArrowFunctionExpression';
}

/** Line numbers for positions that only grow. */
function lineCounter(source: string): (position: number) => number {
  let line = 1;
  let at = 0;
  return (position) => {
    for (; at < position; at++) if (source[at] === '\n') line++;
    return line;
  };
}

/** Names called through `this`, in the order of the text. */
function* callsIn(nodes: Iterable<Node>): Generator<string> {
  for (const node of nodes) {
    if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && node.callee.object.type === 'ThisExpression' && node.callee.property.type === 'Identifier') {
      yield node.callee.property.name;
    }
    for (const [, value] of fieldsOf(node)) yield* callsIn(nodesIn(value));
  }
}

function indexOf({ modules, writers }: Sources): SourceSymbol[] {
  const files = kernelFiles(modules);
  const fileOf = fileOfModule(files);
  const linked = linkedNames(modules, files);
  return [...modules].flatMap(([module, source]) => declaredIn(source).map(({ isExported, calls, ...declared }): SourceSymbol => ({
    ...declared, module,
    file: fileOf(module),
    isLinked: isExported && declared.kind !== 'type' && linked.get(declared.name) === module,
    patch: writers.get(`${module}#${declared.name}`) ?? BASE_PATCH,
    callees: calls.filter(name => linked.has(name)),
  })));
}

/** The rows of the table: name → module. */
function linkedNames(modules: ReadonlyMap<string, string>, files: readonly KernelFile[]): Map<string, string> {
  const linked = new Map<string, string>();
  for (const { modules: whole, symbols } of files) {
    for (const module of whole) for (const { name, kind, isExported } of declaredIn(modules.get(module)!)) if (isExported && kind !== 'type') linked.set(name, module);
    for (const { name, module } of symbols) linked.set(name, module);
  }
  return linked;
}

/** The declarations of the base tree with patches on top, by module and line. A helper's name may be that of another module's helper. */
export const symbolsOf = (applied: readonly PatchEntry[]): SourceSymbol[] => indexOf(sourcesOf(applied));

/** The same of a tree of the series. */
export const symbolsAt = (tree: Tree): SourceSymbol[] => symbolsOf(patchesOf(tree));
