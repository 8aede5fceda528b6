/** Where members are: how an access that is recorded names its object and its key. */
import type { AnyNode, MemberExpression } from 'acorn';
import type { Printer } from './printer.js';
import { isPure, withoutParens } from './tree.js';

export const quote = JSON.stringify;

/** `this` and its fields in kernel code, and plain names: evaluated twice they are the same. */
function isSimple(p: Printer, node: AnyNode): boolean {
  const inner = withoutParens(node);
  if (inner.type === 'MemberExpression') return p.isKernelThis(inner.object) && !inner.computed;
  return inner.type === 'Identifier' || inner.type === 'ThisExpression';
}

/** Where a member is: the object, and its key as it is handed to the recorder. */
export interface Place { readonly object: string; readonly key: string; readonly native: string; /** Name of the field, null for a computed key. */ readonly name: string | null }

/** A member's place, for accesses that read its parts once only, or twice where nobody notices. */
export function place(p: Printer, { object, property, computed }: MemberExpression): Place {
  const o = p.print(object);
  if (computed) {
    const k = p.print(property);
    return { object: o, key: k, native: `${o}[${k}]`, name: null };
  }
  const { name } = property as { readonly name: string };
  return { object: o, key: quote(name), native: `${o}.${name}`, name };
}
export const isRepeatable = (p: Printer, { object, property, computed }: MemberExpression): boolean => isSimple(p, object) && (!computed || isPure(property));

/** The place of a member that is read and then written: what cannot be evaluated twice goes into variables first. */
export function placeForUpdate(p: Printer, node: MemberExpression): { first: Place; again: Place } {
  const first = place(p, node);
  if (isRepeatable(p, node)) return { first, again: first };
  const object = p.temp(node);
  if (first.name !== null) {
    return { first: { ...first, object: `${object} = ${first.object}` }, again: { ...first, object, native: `${object}.${first.name}` } };
  }
  const key = p.temp(node);
  return {
    first: { ...first, object: `${object} = ${first.object}`, key: `${key} = ${first.key}` },
    again: { object, key, native: `${object}[${key}]`, name: null },
  };
}
export const readTwice = (p: Printer, { object, key, native, name }: Place): string =>
  name === null ? p.call('$at', object, key, native) : p.call('$get', object, p.field(name), native);
export const writeTo = (p: Printer, { object, key, name }: Place, value: string): string =>
  name === null ? p.call('$setAt', object, key, value) : p.call('$set', object, key, p.field(name), value);

export const isPrivate = (node: MemberExpression): boolean => node.property.type === 'PrivateIdentifier';
/** The parts of an access to a private field, which only the text of the class itself can make. */
export function privatePlace(p: Printer, node: MemberExpression): { object: string; field: string; native: string } {
  if (!isSimple(p, node.object)) p.fail(node, 'a private field of an expression');
  const name = (node.property as { readonly name: string }).name;
  const object = p.print(node.object);
  return { object, field: p.field(`#${name}`), native: `${object}.#${name}` };
}

/** Fields that are no state: of modules, of the language, and the symbols of the linked kernel. */
export const isStateless = (p: Printer, { object }: MemberExpression): boolean => p.isNamespace(object) || p.globalName(object) !== null || p.isKernelThis(object) || object.type === 'MetaProperty';

export function checkWritable(p: Printer, node: MemberExpression): void {
  if (isStateless(p, node) || node.object.type === 'Super') p.fail(node, 'a write to the kernel, a module or a global');
}

/** A write whose value is known as text: of destructuring. */
export function assignTo(p: Printer, target: AnyNode, value: string): string {
  if (target.type === 'Identifier') return `${p.identifier(target)} = ${value}`;
  if (target.type !== 'MemberExpression' || isPrivate(target)) return p.fail(target, 'a target of destructuring');
  checkWritable(p, target);
  return writeTo(p, place(p, target), value);
}

