/** Destructuring, taken apart into single reads. */
import type { AnyNode, ArrayPattern, ObjectPattern, Pattern, Property, VariableDeclaration } from 'acorn';
import { assignTo } from './places.js';
import type { Printer } from './printer.js';
import { isInert } from './tree.js';

/** Where parts go: `bind` takes what the pattern names, `hold` keeps a value under a new name and returns that. */
interface Sink { bind(target: AnyNode, value: string): void; hold(value: string): string }

function lower(p: Printer, pattern: AnyNode, value: string, sink: Sink): void {
  switch (pattern.type) {
    case 'ObjectPattern':
      lowerObject(p, pattern, value, sink);
      break;
    case 'ArrayPattern':
      lowerArray(p, pattern, value, sink);
      break;
    case 'AssignmentPattern': {
      const given = sink.hold(value);
      lower(p, pattern.left, `${given} === void 0 ? ${p.print(pattern.right)} : ${given}`, sink);
      break;
    }
    default: sink.bind(pattern, value);
  }
}

function lowerObject(p: Printer, pattern: ObjectPattern, value: string, sink: Sink): void {
  const kernel = value === 'this' && p.frame.kernelThis;
  const source = kernel ? value : sink.hold(value);
  const keys: string[] = [];
  for (const part of pattern.properties) {
    if (part.type === 'RestElement') {
      sink.bind(part.argument, p.call('$others', source, `[${keys.join(', ')}]`));
      continue;
    }
    const { key } = part as unknown as Property;
    const partValue = part.value as AnyNode;
    if (part.computed) {
      if (pattern.properties.some(({ type }) => type === 'RestElement')) p.fail(pattern, 'a computed key beside the rest of an object');
      lower(p, partValue, p.call('$atIn', source, p.print(key)), sink);
      continue;
    }
    const name = key.type === 'Identifier' ? key.name : String((key as { readonly value?: unknown }).value);
    keys.push(JSON.stringify(name));
    const native = key.type === 'Identifier' ? `${source}.${name}` : `${source}[${p.raw(key)}]`;
    lower(p, partValue, kernel ? native : key.type === 'Identifier' ? p.call('$get', source, p.field(name), native) : p.call('$at', source, p.raw(key), native), sink);
  }
}

/** Elements are taken in one go, so a default must not do anything. */
function lowerArray(p: Printer, pattern: ArrayPattern, value: string, sink: Sink): void {
  const elements = [...pattern.elements];
  const rest = elements.at(-1)?.type === 'RestElement' ? (elements.pop() as { readonly argument: Pattern }).argument : null;
  const taken = sink.hold(p.call('$take', value, String(elements.length), String(rest !== null)));
  elements.forEach((element, index) => {
    if (element === null) return;
    if (element.type === 'AssignmentPattern' && !isInert(element.right)) p.fail(element, 'a default that acts, in an array pattern');
    lower(p, element, `${taken}[${index}]`, sink);
  });
  if (rest !== null) lower(p, rest, `${taken}[${elements.length}]`, sink);
}

/** The declarators, as text, that a pattern comes to. */
export function declarators(p: Printer, pattern: Pattern, value: string): string[] {
  const list: string[] = [];
  lower(p, pattern, value, {
    bind: (target, part) => {
      if (target.type !== 'Identifier') p.fail(target, 'a declaration');
      list.push(`${target.name} = ${part}`);
    },
    hold: held => {
      if (/^\$\d+$/.test(held)) return held;
      const name = p.fresh();
      list.push(`${name} = ${held}`);
      return name;
    },
  });
  return list;
}

export const isPattern = (node: AnyNode): boolean => node.type === 'ObjectPattern' || node.type === 'ArrayPattern';

export function printDeclaration(p: Printer, node: VariableDeclaration): string {
  const list = node.declarations.flatMap(({ id, init }) => {
    if (id.type === 'Identifier') return [init ? `${id.name} = ${p.print(init)}` : id.name];
    if (!init) return p.fail(node, 'a pattern without a value');
    return declarators(p, id, init.type === 'ThisExpression' ? 'this' : p.print(init));
  });
  return `${node.kind} ${list.join(', ')}${p.source[node.end - 1] === ';' ? ';' : ''}`;
}

/**
 * Elements are taken before anything is assigned, and values before the place they go to is found out where there is a default: what could
 * tell the difference is refused. An array that is written out on the right is nobody else's.
 */
function checkTargets(p: Printer, pattern: AnyNode, fresh: boolean): void {
  if (pattern.type === 'AssignmentPattern') {
    if (pattern.left.type === 'MemberExpression') p.fail(pattern, 'a default for a member');
    checkTargets(p, pattern.left, false);
  } else if (pattern.type === 'ArrayPattern') {
    const parts = pattern.elements.filter(part => part !== null);
    if (!fresh && parts.some(part => part.type === 'MemberExpression')) p.fail(pattern, 'elements that are assigned to members');
    for (const part of parts) checkTargets(p, part, false);
  } else if (pattern.type === 'ObjectPattern') for (const part of pattern.properties) checkTargets(p, part.type === 'RestElement' ? part.argument : part.value, false);
}

/** `({ a, b } = o)`: its value is `o`. */
export function assignPattern(p: Printer, pattern: ObjectPattern | ArrayPattern, right: AnyNode): string {
  checkTargets(p, pattern, right.type === 'ArrayExpression');
  const value = p.temp(pattern);
  const parts = [`${value} = ${p.print(right)}`];
  lower(p, pattern, value, {
    bind: (target, part) => void parts.push(assignTo(p, target, part)),
    hold: held => {
      if (/^\$\d+$/.test(held)) return held;
      const name = p.temp(pattern);
      parts.push(`${name} = ${held}`);
      return name;
    },
  });
  return `(${[...parts, value].join(', ')})`;
}
