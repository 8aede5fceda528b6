/** Reads, writes and calls of members. */
import type {
  AnyNode, AssignmentExpression, BinaryExpression, CallExpression, MemberExpression, NewExpression, UnaryExpression, UpdateExpression,
} from 'acorn';
import { builtinMethods, constructors, functions, listedGlobals, statics } from './names.js';
import type { NodePrinter, Printer } from './printer.js';
import { assignPattern } from './patterns.js';
import { checkWritable, isPrivate, isRepeatable, isStateless, place, placeForUpdate, privatePlace, quote, readTwice, writeTo } from './places.js';
import { containsYield, isInert, withoutParens } from './tree.js';

function nativeMember(p: Printer, { object, property, computed }: MemberExpression): string {
  const o = object.type === 'MetaProperty' ? p.raw(object) : p.print(object);
  return computed ? `${o}[${p.print(property)}]` : `${o}.${p.raw(property)}`;
}

function readMember(p: Printer, node: MemberExpression): string {
  if (node.object.type === 'Super') p.fail(node, 'super outside of a call');
  if (isStateless(p, node)) return nativeMember(p, node);
  if (isPrivate(node)) {
    const { object, field, native } = privatePlace(p, node);
    return p.call('$get', object, field, native);
  }
  const at = place(p, node);
  if (isRepeatable(p, node)) return readTwice(p, at);
  return at.name === null ? p.call('$atIn', at.object, at.key) : p.call('$getIn', at.object, at.key, p.field(at.name));
}

/* Calls. */

const read = (p: Printer, how: string, node: AnyNode): string => (how === '' || node.type === 'SpreadElement' ? p.print(node) : p.call(how, p.print(node)));

function printCall(p: Printer, node: CallExpression): string {
  const callee = withoutParens(node.callee);
  const args = node.arguments as readonly AnyNode[];
  if (callee.type === 'MemberExpression') return callMember(p, node, callee, args);
  const global = p.globalName(callee);
  if (global !== null) {
    const how = functions.get(global) ?? '';
    return `${p.print(callee)}(${args.map(arg => read(p, how, arg)).join(', ')})`;
  }
  return `${callee.type === 'Super' ? 'super' : p.print(node.callee)}(${p.printList(args)})`;
}

function callMember(p: Printer, node: CallExpression, callee: MemberExpression, args: readonly AnyNode[]): string {
  const list = (): string => p.printList(args);
  const { object, property, computed } = callee;
  const name = computed || property.type === 'PrivateIdentifier' ? null : (property as { readonly name: string }).name;
  if (object.type === 'Super') {
    if (name === null) p.fail(node, 'a computed call by way of super');
    return builtinMethods.has(name) ? p.call('$callMethod', 'this', `super.${name}`, `[${list()}]`) : `super.${name}(${list()})`;
  }
  const global = p.globalName(object);
  if (global !== null && listedGlobals.has(global)) return callStatic(p, node, `${global}.${name ?? ''}`, args);
  if (isStateless(p, callee)) return `${nativeMember(p, callee)}(${list()})`;
  if (isPrivate(callee)) return `${p.print(object)}.${p.raw(property)}(${list()})`; // methods only: fields are checked where they are declared
  if (name === null) return p.call('$callWith', p.print(object), p.print(property), `[${list()}]`);
  const o = p.print(object);
  if (!builtinMethods.has(name)) return `${p.call('$target', o, quote(name))}.${name}(${list()})`;
  if (name === 'bind') p.fail(node, 'bind()');
  if (args.length > 3 || args.some(({ type }) => type === 'SpreadElement')) return p.call('$callWith', o, quote(name), `[${list()}]`);
  return p.call(`$call${args.length}`, o, quote(name), ...args.map(arg => p.print(arg)));
}

function callStatic(p: Printer, node: CallExpression, name: string, args: readonly AnyNode[]): string {
  if (name === 'Object.assign') return p.call('$assign', p.printList(args));
  if (name === 'Object.hasOwn' && args.length === 2) return p.call('$hasOwn', p.printList(args));
  const how = statics.get(name);
  if (how === undefined) p.fail(node, `${name}()`);
  return `${name}(${args.map((arg, index) => read(p, how[Math.min(index, how.length - 1)]!, arg)).join(', ')})`;
}

function printNew(p: Printer, node: NewExpression): string {
  const { callee } = node;
  const args = node.arguments as readonly AnyNode[];
  const global = p.globalName(callee);
  if (global !== null) {
    const how = constructors.get(global) ?? '';
    return `new ${p.print(callee)}(${args.map((arg, index) => read(p, index === 0 ? how : '', arg)).join(', ')})`;
  }
  const made = callee.type === 'Identifier' ? callee.name : `(${p.print(callee)})`;
  return `new ${made}(${p.printList(args)})`;
}

/* Writes. */

function printAssignment(p: Printer, node: AssignmentExpression): string {
  const left = withoutParens(node.left);
  if (left.type === 'Identifier') return `${p.identifier(left)} ${node.operator} ${p.print(node.right)}`;
  if (left.type === 'ObjectPattern' || left.type === 'ArrayPattern') return assignPattern(p, left, node.right);
  if (left.type !== 'MemberExpression') return p.fail(node, 'an assignment');
  return assignMember(p, left, node.operator, node.right);
}
function assignMember(p: Printer, left: MemberExpression, operator: string, right: AnyNode): string {
  checkWritable(p, left);
  if (isPrivate(left)) {
    p.checkNoYield(right, 'a write to a private field');
    const { object, field, native } = privatePlace(p, left);
    const old = operator === '=' ? native : p.call('$get', object, field, native);
    return p.call('$setPrivate', object, field, old, `${native} ${operator} ${p.print(right)}`, native);
  }
  if (operator === '=') return writeTo(p, place(p, left), p.print(right));
  const { first, again } = placeForUpdate(p, left);
  return writeTo(p, first, `${readTwice(p, again)} ${operator.slice(0, -1)} (${p.print(right)})`);
}
function printUpdate(p: Printer, node: UpdateExpression): string {
  const argument = withoutParens(node.argument);
  const delta = node.operator === '++' ? '1' : '-1';
  if (argument.type === 'Identifier') return node.prefix ? `${node.operator}${p.identifier(argument)}` : `${p.identifier(argument)}${node.operator}`;
  if (argument.type !== 'MemberExpression') return p.fail(node, 'an update');
  checkWritable(p, argument);
  if (isPrivate(argument)) {
    const { object, field, native } = privatePlace(p, argument);
    return p.call('$setPrivate', object, field, p.call('$get', object, field, native), node.prefix ? `${node.operator}${native}` : `${native}${node.operator}`, native);
  }
  const { object, key } = place(p, argument);
  return p.call(node.prefix ? '$addBefore' : '$addAfter', object, key, delta);
}

/** An expression whose value nobody uses: what is only added to is no read. */
export function printUnused(p: Printer, node: AnyNode): string {
  const inner = withoutParens(node);
  if (inner.type === 'SequenceExpression') return inner.expressions.map(part => printUnused(p, part)).join(', ');
  if (inner.type === 'UpdateExpression') {
    const argument = withoutParens(inner.argument);
    if (argument.type !== 'MemberExpression' || isPrivate(argument)) return p.print(node);
    checkWritable(p, argument);
    return addition(p, argument, inner.operator === '++' ? '1' : '-1');
  }
  if (inner.type === 'AssignmentExpression' && (inner.operator === '+=' || inner.operator === '-=')) {
    const left = withoutParens(inner.left);
    if (left.type === 'MemberExpression' && !isPrivate(left) && !containsYield(inner)) return addTo(p, left, inner.operator, inner.right);
  }
  return p.print(node);
}
function addition(p: Printer, member: MemberExpression, delta: string): string {
  const { object, key, name } = place(p, member);
  return name === null ? p.call('$addAt', object, key, delta) : p.call('$add', object, key, p.field(name), delta);
}
function addTo(p: Printer, left: MemberExpression, operator: '+=' | '-=', right: AnyNode): string {
  checkWritable(p, left);
  const delta = (): string => (operator === '+=' ? p.print(right) : `-(${p.print(right)})`);
  if (isInert(right)) return addition(p, left, delta());
  const { first, again } = placeForUpdate(p, left);
  return p.call('$addSince', first.object, first.key, p.call('$isOwn', again.object, again.key), again.native, delta());
}

function printUnary(p: Printer, node: UnaryExpression): string {
  if (node.operator !== 'delete') return p.copy(node);
  const argument = withoutParens(node.argument);
  if (argument.type !== 'MemberExpression') return p.fail(node, 'delete');
  checkWritable(p, argument);
  const { object, key } = place(p, argument);
  return p.call('$remove', object, key);
}
function printBinary(p: Printer, node: BinaryExpression): string {
  if (node.operator !== 'in') return p.copy(node);
  if (node.left.type === 'PrivateIdentifier') return p.fail(node, 'a look for a private field');
  return p.call('$has', p.print(node.left), p.print(node.right));
}

export const accesses: Readonly<Record<string, NodePrinter>> = {
  MemberExpression: readMember, CallExpression: printCall, NewExpression: printNew, AssignmentExpression: printAssignment,
  UpdateExpression: printUpdate, UnaryExpression: printUnary, BinaryExpression: printBinary,
};
