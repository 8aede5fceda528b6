/**
 * Variables that functions share. A variable is nobody's but the function's that declares it, and so is not recorded; but when a function
 * inside is handed on, to be called by another task later (the end of a request, say), both must not use a variable that changes.
 */
import type { AnyNode } from 'acorn';
import { children, isFunction, namesOf, type FunctionNode } from './tree.js';

/** Methods that call what they are given, and are through with it when they return. */
const CALL_AT_ONCE = new Set([
  'forEach', 'map', 'flatMap', 'filter', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'reduce', 'reduceRight', 'sort', 'from',
]);

/** A function that is handed on although it shares a variable that changes; undefined when there is none. */
export function sharedVariable(node: FunctionNode): AnyNode | undefined {
  const changing = changingVariables(node);
  return changing.size === 0 ? undefined : handedOn(node.body, node, changing);
}

/** Variables and parameters of a function that are assigned to after their declaration. */
function changingVariables(node: FunctionNode): Set<string> {
  const own = new Set(node.params.flatMap(namesOf));
  const assigned = new Set<string>();
  const declare = (part: AnyNode): void => {
    if (part.type === 'VariableDeclarator') namesOf(part.id).forEach(name => own.add(name));
    if (!isFunction(part)) children(part).forEach(declare);
  };
  const assign = (part: AnyNode): void => {
    if (part.type === 'AssignmentExpression') namesOf(part.left).forEach(name => assigned.add(name));
    else if (part.type === 'UpdateExpression' && part.argument.type === 'Identifier') assigned.add(part.argument.name);
    // each turn of a `for` has a variable of its own
    for (const child of children(part)) if (part.type !== 'ForStatement' || child !== part.update) assign(child);
  };
  children(node.body).forEach(declare);
  assign(node.body);
  return new Set([...assigned].filter(name => own.has(name)));
}

function handedOn(node: AnyNode, parent: AnyNode, changing: ReadonlySet<string>): AnyNode | undefined {
  if (isFunction(node)) return isHandedOn(node, parent) && mentionsAny(node.body, changing) ? node : undefined;
  for (const child of children(node)) {
    const found = handedOn(child, node, changing);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Not handed on: a helper with a name, and what is called at once. */
function isHandedOn(node: FunctionNode, parent: AnyNode): boolean {
  if (node.type === 'FunctionDeclaration' || parent.type === 'VariableDeclarator' || parent.type === 'ParenthesizedExpression') return false;
  if (parent.type !== 'CallExpression') return true;
  const { callee } = parent;
  return callee !== node && !(callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && CALL_AT_ONCE.has(callee.property.name));
}

function mentionsAny(node: AnyNode, names: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier') return names.has(node.name);
  return children(node).some(child => !isFieldName(node, child) && mentionsAny(child, names));
}
const isFieldName = (parent: AnyNode, child: AnyNode): boolean =>
  (parent.type === 'MemberExpression' && child === parent.property && !parent.computed) || (parent.type === 'Property' && child === parent.key && !parent.computed && !parent.shorthand);
