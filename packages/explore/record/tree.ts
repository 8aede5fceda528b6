/** Questions about syntax trees. */
import type { AnyNode, ArrowFunctionExpression, FunctionDeclaration, FunctionExpression, Pattern, Program } from 'acorn';

/** A node, whichever parser it comes from. */
interface Part { readonly type: string; readonly start: number }

const isNode = (value: unknown): value is Part => typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The parts of a node in the order of the text. */
export function partsOf(node: object): Part[] {
  const found: Part[] = [];
  for (const part of Object.values(node) as unknown[]) {
    if (Array.isArray(part)) found.push(...(part as unknown[]).filter(isNode));
    else if (isNode(part)) found.push(part);
  }
  return found.sort((a, b) => a.start - b.start);
}
export const children = (node: AnyNode): AnyNode[] => partsOf(node) as AnyNode[];

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;
export const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

/** Whether a node has a part of some kind, functions in it not looked into. */
function contains(node: AnyNode, wanted: (node: AnyNode) => boolean): boolean {
  return wanted(node) || (!isFunction(node) && children(node).some(child => contains(child, wanted)));
}
export const containsYield = (node: AnyNode): boolean => contains(node, ({ type }) => type === 'YieldExpression');

const ACTS = new Set(['CallExpression', 'NewExpression', 'AssignmentExpression', 'UpdateExpression', 'YieldExpression', 'TaggedTemplateExpression', 'ImportExpression', 'AwaitExpression']);
/** Whether evaluating an expression changes nothing. */
export const isInert = (node: AnyNode): boolean => !contains(node, part => ACTS.has(part.type) || (part.type === 'UnaryExpression' && part.operator === 'delete'));

export function withoutParens(node: AnyNode): AnyNode {
  return node.type === 'ParenthesizedExpression' ? withoutParens(node.expression) : node;
}

/** Whether an expression may be evaluated twice in a row: names, constants and sums of them. */
export function isPure(node: AnyNode): boolean {
  switch (node.type) {
    case 'Identifier':
    case 'Literal':
    case 'ThisExpression': return true;
    case 'ParenthesizedExpression': return isPure(node.expression);
    case 'UnaryExpression': return node.operator !== 'delete' && isPure(node.argument);
    case 'BinaryExpression': return node.operator !== 'in' && node.operator !== 'instanceof' && isPure(node.left) && isPure(node.right);
    default: return false;
  }
}

/** Names that a pattern binds. */
export function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier': return [pattern.name];
    case 'ObjectPattern': return pattern.properties.flatMap(part => namesOf(part.type === 'RestElement' ? part : part.value));
    case 'ArrayPattern': return pattern.elements.flatMap(part => (part === null ? [] : namesOf(part)));
    case 'AssignmentPattern': return namesOf(pattern.left);
    case 'RestElement': return namesOf(pattern.argument);
    case 'MemberExpression': return [];
  }
}

/** Every name that is declared anywhere in a module. */
export function boundNames(program: Program): Set<string> {
  const names = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (node.type === 'VariableDeclarator') namesOf(node.id).forEach(name => names.add(name));
    else if (node.type === 'ImportSpecifier' || node.type === 'ImportDefaultSpecifier' || node.type === 'ImportNamespaceSpecifier') names.add(node.local.name);
    else if (node.type === 'CatchClause' && node.param) namesOf(node.param).forEach(name => names.add(name));
    else if ((node.type === 'ClassDeclaration' || node.type === 'ClassExpression') && node.id) names.add(node.id.name);
    else if (isFunction(node)) {
      if (node.id) names.add(node.id.name);
      node.params.flatMap(namesOf).forEach(name => names.add(name));
    }
    children(node).forEach(visit);
  };
  visit(program);
  return names;
}
