/** What the names in a patch's module mean in the tree. */
import { type Node, nodesIn, fieldsOf, startOf, endOf, type StatementOf } from './ast.js';
import type { Module } from './module.js';
import type { Edit } from './references.js';
import { LINKER, resolveModule, resolveName, type Target } from './resolve.js';

/** The table that a tree links, and the type of `this` in its functions; the patches have their own, by level. */
export const TABLE_MODULE = 'kernel-table.ts';
export const TABLE: Target = { module: TABLE_MODULE, name: 'KernelTable' };
export const EXTERNS: Target = { module: TABLE_MODULE, name: 'K' };

export interface Meaning extends Target {
  readonly isType: boolean;
  /** Imported from a package below: what the tree has before the patch. */
  readonly isBelow: boolean;
}

export interface Scope {
  readonly names: Map<string, Meaning>;
  /** `import * as`: local name → module. */
  readonly namespaces: ReadonlyMap<string, string>;
}

const same = (a: Target, b: Target): boolean => a.module === b.module && a.name === b.name;

/** Whether a name is the type of a patch's kernel, `Kernel4` of its index. */
const isKernelType = ({ module, name }: Target): boolean => /(^|\/)index\.ts$/.test(module) && /^Kernel\w*$/.test(name);

export function importedBy(module: Module, place: { readonly package: string; readonly module: string }): Scope {
  const names = new Map<string, Meaning>();
  const namespaces = new Map<string, string>();
  for (const { from, names: imported, namespace } of module.imports) {
    if (namespace !== null) namespaces.set(namespace, resolveModule(from, place));
    for (const name of imported) {
      const reference = resolveName(from, name.imported, place);
      names.set(name.local, { ...(isKernelType(reference) ? TABLE : reference), isType: name.isType, isBelow: !from.startsWith('.') });
    }
  }
  return { names, namespaces };
}

type TypeReference = Extract<StatementOf<'TSTypeAliasDeclaration'>['typeAnnotation'], { readonly type: 'TSTypeReference' }>;

/** `Calls<Kernel4, S, { readonly m: Machine }>`: the type of `this`, as `K<S>` is it. Its parts, or null. */
function externs(node: Node, { names }: Scope): { readonly whole: TypeReference; readonly table: Node; readonly symbols: Node; readonly state: Node } | null {
  if (node.type !== 'TSTypeReference' || node.typeName.type !== 'Identifier') return null;
  const calls = names.get(node.typeName.name);
  const [table, symbols, state] = node.typeParameters?.params ?? [];
  if (calls === undefined || !same(calls, { module: LINKER, name: 'Calls' }) || table?.type !== 'TSTypeReference' || symbols === undefined || state?.type !== 'TSTypeLiteral') return null;
  const kernel = table.typeName.type === 'Identifier' ? names.get(table.typeName.name) : undefined;
  return kernel !== undefined && same(kernel, TABLE) ? { whole: node, table, symbols, state } : null;
}

/** Whether a declaration only gives that type a name of the patch's own: `type K4<S …> = Calls<Kernel4, S, …>`. */
export function isExternsAlias(node: Node, scope: Scope): boolean {
  if (node.type !== 'TSTypeAliasDeclaration') return false;
  const parts = externs(node.typeAnnotation, scope);
  return parts?.symbols.type === 'TSTypeReference' && parts.symbols.typeName.type === 'Identifier' && parts.symbols.typeName.name === node.typeParameters?.params[0]?.name;
}

/** Writes `K<S>` for `Calls<Kernel4, S, …>`. */
export function externsEdits(nodes: Iterable<Node>, scope: Scope): Edit[] {
  const edits: Edit[] = [];
  for (const node of nodes) {
    const parts = externs(node, scope);
    if (parts !== null) {
      edits.push({ start: startOf(parts.whole.typeName as Node), end: startOf(parts.whole.typeName as Node) + 'Calls'.length, text: EXTERNS.name });
      edits.push({ start: startOf(parts.table), end: startOf(parts.symbols), text: '' }, { start: endOf(parts.symbols), end: endOf(parts.state), text: '' });
    } else for (const [, value] of fieldsOf(node)) edits.push(...externsEdits(nodesIn(value), scope));
  }
  return edits;
}

/** Members of namespaces, `page_alloc.free_hot_page`, as references: where they stand, and to what. */
export function membersIn(nodes: Iterable<Node>, scope: Scope): (Target & { readonly start: number; readonly end: number })[] {
  const found: (Target & { start: number; end: number })[] = [];
  for (const node of nodes) {
    if (node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.property.type === 'Identifier' && !node.computed) {
      const module = scope.namespaces.get(node.object.name);
      if (module !== undefined) {
        found.push({ module, name: node.property.name, start: startOf(node), end: endOf(node) });
        continue;
      }
    }
    for (const [, value] of fieldsOf(node)) found.push(...membersIn(nodesIn(value), scope));
  }
  return found;
}
