/** Statements, literals with parts, and what a module consists of. */
import type {
  AnyNode, CatchClause, ExportNamedDeclaration, ExpressionStatement, ForInStatement, ForOfStatement, ForStatement, ImportDeclaration, ObjectExpression, Program,
  Property, SpreadElement, TemplateLiteral, VariableDeclaration,
} from 'acorn';
import { printUnused } from './accesses.js';
import { declarators, isPattern, printDeclaration } from './patterns.js';
import type { NodePrinter, Printer } from './printer.js';
import { containsYield } from './tree.js';

function printForOf(p: Printer, node: ForOfStatement): string {
  if (node.await) p.fail(node, 'for await');
  const right = p.call(containsYield(node.body) ? '$eachLater' : '$each', p.print(node.right));
  return printLoop(p, node, 'of', right);
}
function printForIn(p: Printer, node: ForInStatement): string {
  return printLoop(p, node, 'in', p.call('$keysOf', p.print(node.right)));
}
function printLoop(p: Printer, { left, body }: ForOfStatement | ForInStatement, word: string, right: string): string {
  if (left.type !== 'VariableDeclaration') {
    if (left.type !== 'Identifier') p.fail(left, 'a loop whose variable is a member or a pattern');
    return `for (${p.identifier(left)} ${word} ${right}) ${p.print(body)}`;
  }
  const { id } = left.declarations[0]!;
  if (!isPattern(id)) return `for (${left.kind} ${p.raw(id)} ${word} ${right}) ${p.print(body)}`;
  if (left.kind === 'var') p.fail(left, 'var with a pattern');
  const item = p.fresh();
  const parts = declarators(p, id, item);
  return `for (const ${item} ${word} ${right}) { ${left.kind} ${parts.join(', ')}; ${p.print(body)} }`;
}
function printFor(p: Printer, node: ForStatement): string {
  const { init, test, update, body } = node;
  const start = !init ? '' : init.type === 'VariableDeclaration' ? p.print(init) : printUnused(p, init);
  return `for (${start}; ${test ? p.print(test) : ''}; ${update ? printUnused(p, update) : ''}) ${p.print(body)}`;
}

function printStatement(p: Printer, node: ExpressionStatement): string {
  return node.directive === undefined ? p.copy(node, new Map([[node.expression, printUnused(p, node.expression)]])) : p.raw(node);
}
function printCatch(p: Printer, node: CatchClause): string {
  if (node.param && node.param.type !== 'Identifier') p.fail(node, 'catch with a pattern');
  return p.copy(node, node.param ? new Map([[node.param, p.raw(node.param)]]) : new Map());
}
/** Labels are names, but of no variable. */
function printLabelled(p: Printer, node: AnyNode & { readonly label?: AnyNode | null }): string {
  return p.copy(node, node.label ? new Map([[node.label, p.raw(node.label)]]) : new Map());
}

function printTemplate(p: Printer, node: TemplateLiteral): string {
  return p.copy(node, new Map(node.expressions.map(part => [part as AnyNode, part.type === 'Literal' ? p.raw(part) : p.call('$text', p.print(part))])));
}
function printObject(p: Printer, node: ObjectExpression): string {
  return p.copy(node, new Map(node.properties.map(part => [part as AnyNode, part.type === 'SpreadElement' ? printObjectSpread(p, part) : printProperty(p, part)])));
}
function printObjectSpread(p: Printer, { argument }: SpreadElement): string {
  return `...${p.isNamespace(argument) ? p.raw(argument) : p.call('$own', p.print(argument))}`;
}
function printProperty(p: Printer, node: Property): string {
  if (node.kind !== 'init') p.fail(node, 'an accessor of an object literal');
  if (node.shorthand) return p.print(node.value);
  if (node.key.type === 'Identifier' && node.key.name === '__proto__' && !node.computed) p.fail(node, '__proto__');
  const key = node.computed ? p.print(node.key) : p.raw(node.key);
  const value = node.method ? p.inside({ temps: null, kernelThis: false }, () => p.print(node.value)) : p.print(node.value);
  return p.copy(node, new Map([[node.key, key], [node.value, value]]));
}

/* Modules. */

/** Objects that a module has for itself are shared by all tasks; variables cannot be seen, so there must be none. */
function globalsOf(p: Printer, node: AnyNode): string {
  const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
  if (declaration?.type !== 'VariableDeclaration') return '';
  const { scratch } = p.options;
  let out = '';
  for (const { id, init } of declaration.declarations) {
    if (id.type !== 'Identifier') return p.fail(node, 'a pattern at the top of a module');
    if (scratch?.has(id.name) === true || isTemporary(declaration, id.name)) continue;
    if (declaration.kind !== 'const') p.fail(node, 'a variable of a module');
    if (init?.type === 'NewExpression' && /^new Weak/.test(p.raw(init))) p.fail(node, 'a weak container of a module');
    if (init && init.type !== 'Literal' && init.type !== 'ArrowFunctionExpression') out += `\n${p.call('$global', id.name)};`;
  }
  return out;
}
/** esbuild declares what it needs for `?.` and the like. */
const isTemporary = (declaration: VariableDeclaration, name: string): boolean => declaration.kind === 'var' && /^_[a-z]+$/.test(name);

function printImport(p: Printer, node: ImportDeclaration): string {
  for (const part of node.specifiers) if (part.type === 'ImportNamespaceSpecifier') p.namespaces.add(part.local.name);
  return p.raw(node);
}
function printProgram(p: Printer, node: Program): string {
  const imports = node.body.filter(({ type }) => type === 'ImportDeclaration').map(part => p.print(part));
  const rest = node.body.filter(({ type }) => type !== 'ImportDeclaration').map(part => p.print(part) + globalsOf(p, part));
  const temps = p.frame.temps!.length === 0 ? '' : `let ${p.frame.temps!.join(', ')};\n`;
  return `${imports.join('\n')}\n${p.fieldDeclarations()}${temps}${rest.join('\n')}\n`;
}
function printExport(p: Printer, node: ExportNamedDeclaration): string {
  return node.declaration ? p.copy(node) : p.raw(node);
}

export const statements: Readonly<Record<string, NodePrinter>> = {
  ForOfStatement: printForOf, ForInStatement: printForIn, ForStatement: printFor, ExpressionStatement: printStatement, CatchClause: printCatch,
  BreakStatement: printLabelled, ContinueStatement: printLabelled, LabeledStatement: printLabelled,
  TemplateLiteral: printTemplate, ObjectExpression: printObject, VariableDeclaration: printDeclaration,
  SpreadElement: (p, { argument }: SpreadElement) => `...${p.call('$each', p.print(argument))}`,
  Identifier: (p, node: AnyNode & { readonly type: 'Identifier' }) => p.identifier(node),
  Program: printProgram, ImportDeclaration: printImport, ExportNamedDeclaration: printExport, ExportAllDeclaration: (p, node: AnyNode) => p.raw(node),
};
