/** What a kernel package says that it holds, read off its text: `definePatch()` in a patch's index, `defineBase()` in the kernel table. */
import { parseModule, type Expression, type ExpressionOf, type Node, nodesIn, fieldsOf } from './ast.js';
import { readModule, type Module } from './module.js';

/** A symbol of a manifest: under which name it is exported by which of the package's modules (`./mm/mmigrate.js`). */
export interface Listed { readonly name: string; readonly specifier: string }
/** Kernel file → its symbols, or whole modules. */
export interface FileEntry { readonly file: string; readonly symbols: readonly Listed[]; readonly modules: readonly string[] }
export type Column = 'replaces' | 'reprototypes' | 'adds';
export interface Manifest { readonly name: string; readonly columns: Readonly<Record<Column, readonly FileEntry[]>> }

/** The argument of the only call of `callee` in a module. */
export function argumentOf(text: string, callee: string): ExpressionOf<'ObjectExpression'> {
  const [found] = callsOf(parseModule(text).body, callee);
  const argument = found?.arguments[0];
  if (argument?.type !== 'ObjectExpression') throw new SyntaxError(`no ${callee}({ … })`);
  return argument;
}

function* callsOf(nodes: Iterable<Node>, callee: string): Generator<ExpressionOf<'CallExpression'>> {
  for (const node of nodes) {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === callee) yield node;
    for (const [, value] of fieldsOf(node)) yield* callsOf(nodesIn(value), callee);
  }
}

type Property = Extract<ExpressionOf<'ObjectExpression'>['properties'][number], { readonly type: 'ObjectProperty' }>;

export const propertiesOf = (object: ExpressionOf<'ObjectExpression'>): Property[] => object.properties.filter(property => property.type === 'ObjectProperty');

export function keyOf({ key, computed }: Property): string | null {
  if (computed) return null;
  return key.type === 'Identifier' ? key.name : key.type === 'StringLiteral' ? key.value : null;
}

export const propertyOf = (object: ExpressionOf<'ObjectExpression'>, name: string): Property | undefined => propertiesOf(object).find(property => keyOf(property) === name);

/** A column of a manifest: kernel files with the modules or single symbols of each. */
export function filesOf(column: ExpressionOf<'ObjectExpression'>, { imports }: Pick<Module, 'imports'>): FileEntry[] {
  const namespaces = new Map(imports.flatMap(({ namespace, from }) => (namespace === null ? [] : [[namespace, from] as const])));
  const named = new Map(imports.flatMap(({ names, from }) => names.map(({ local, imported }) => [local, { name: imported, specifier: from }] as const)));
  return propertiesOf(column).map((property) => {
    const file = keyOf(property)!;
    if (property.value.type === 'Identifier') return { file, symbols: [], modules: [namespaces.get(property.value.name)!] };
    const members = (property.value as ExpressionOf<'ObjectExpression'>).properties;
    const locals = members.map(member => (member.type === 'SpreadElement' ? member.argument : (member as Property).value)).map(value => (value as Extract<Expression, { type: 'Identifier' }>).name);
    return {
      file,
      symbols: locals.flatMap(local => named.get(local) ?? []),
      modules: locals.flatMap(local => namespaces.get(local) ?? []),
    };
  });
}

/** The manifest in a patch's index. @throws {SyntaxError} when there is none. */
export function manifestOf(text: string): Manifest {
  const argument = argumentOf(text, 'definePatch');
  const module = readModule(text);
  const name = propertyOf(argument, 'name')?.value;
  const column = (of: Column): FileEntry[] => {
    const value = propertyOf(argument, of)?.value;
    return value?.type === 'ObjectExpression' ? filesOf(value, module) : [];
  };
  if (name?.type !== 'StringLiteral') throw new SyntaxError('the patch has no name');
  return { name: name.value, columns: { replaces: column('replaces'), reprototypes: column('reprototypes'), adds: column('adds') } };
}
