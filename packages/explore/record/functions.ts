/** Functions and classes. */
import type { AnyNode, ArrowFunctionExpression, ClassBody, FunctionDeclaration, FunctionExpression, MethodDefinition, Pattern, PropertyDefinition } from 'acorn';
import { sharedVariable } from './captures.js';
import { declarators, isPattern } from './patterns.js';
import { quote } from './places.js';
import type { Frame, NodePrinter, Printer } from './printer.js';
import { children, namesOf, type FunctionNode } from './tree.js';

interface Parameters { readonly list: string; /** Declarations at the start of the body: of patterns. */ readonly prologue: string }

/** Parameters, patterns taken apart in the body; how many are counted as the function's length stays. */
function parameters(p: Printer, node: FunctionNode): Parameters {
  const list: string[] = [];
  const prologue: string[] = [];
  const later = new Set<string>();
  for (const parameter of node.params) {
    const { target, prefix, fallback } = partsOf(p, parameter, later);
    if (isPattern(target)) {
      const name = p.fresh();
      list.push(`${prefix}${name}${fallback}`);
      prologue.push(...declarators(p, target, name));
      namesOf(target).forEach(bound => later.add(bound));
    } else list.push(`${prefix}${(target as { readonly name: string }).name}${fallback}`);
  }
  if (prologue.length > 0 && node.generator) p.fail(node, 'a generator that takes its arguments apart: it would do so when it is first resumed');
  return { list: list.join(', '), prologue: prologue.length === 0 ? '' : ` let ${prologue.join(', ')};` };
}
function partsOf(p: Printer, parameter: Pattern, later: ReadonlySet<string>): { target: Pattern; prefix: string; fallback: string } {
  if (parameter.type === 'RestElement') return { target: parameter.argument, prefix: '...', fallback: '' };
  if (parameter.type !== 'AssignmentPattern') return { target: parameter, prefix: '', fallback: '' };
  if (mentions(parameter.right, later)) p.fail(parameter, 'a default that uses what a pattern before it binds');
  const fallback = p.inside({ ...p.frame, temps: null }, () => p.print(parameter.right));
  return { target: parameter.left, prefix: '', fallback: ` = ${fallback}` };
}
const mentions = (node: AnyNode, names: ReadonlySet<string>): boolean =>
  (node.type === 'Identifier' && names.has(node.name)) || children(node).some(child => mentions(child, names));

const declared = (temps: readonly string[]): string => (temps.length === 0 ? '' : ` let ${temps.join(', ')};`);

function check(p: Printer, node: FunctionNode): void {
  if (node.async) p.fail(node, 'an asynchronous function');
  const sharing = sharedVariable(node);
  if (sharing !== undefined) p.fail(sharing, 'a function that is handed on and shares a variable that changes');
}

/** What stands before the first parameter: `function* name(`, or nothing but the bracket. */
function printFunction(p: Printer, node: FunctionDeclaration | FunctionExpression, kernelThis: boolean): string {
  check(p, node);
  const frame: Frame = { temps: [], kernelThis };
  return p.inside(frame, () => {
    const { list, prologue } = parameters(p, node);
    const body = p.copy(node.body);
    const head = p.source.slice(node.start, p.source.indexOf('(', node.id ? node.id.end : node.start));
    return `${head}(${list}) {${declared(frame.temps!)}${prologue}${body.slice(1)}`;
  });
}
function printArrow(p: Printer, node: ArrowFunctionExpression): string {
  check(p, node);
  const frame: Frame = { temps: [], kernelThis: p.frame.kernelThis };
  return p.inside(frame, () => {
    const { list, prologue } = parameters(p, node);
    const body = p.print(node.body);
    const start = declared(frame.temps!) + prologue;
    if (node.body.type === 'BlockStatement') return `(${list}) => {${start}${body.slice(1)}`;
    return start === '' ? `(${list}) => ${body}` : `(${list}) => {${start} return ${body}; }`;
  });
}

/* Classes: `this` is an object like any other. */

/** A function below something whose `this` is not the kernel; arrow functions have the `this` around them. */
const insideInstance = (p: Printer, print: () => string): string => p.inside({ temps: null, kernelThis: false }, print);

function printMethod(p: Printer, node: MethodDefinition): string {
  const key = node.computed ? p.print(node.key) : p.raw(node.key);
  if (node.static && node.key.type === 'PrivateIdentifier') p.fail(node, 'a private static method');
  const value = printFunction(p, node.value, false);
  return p.copy(node, new Map([[node.key, key], [node.value, value]]));
}
function printField(p: Printer, node: PropertyDefinition): string {
  if (node.static) p.fail(node, 'a static field');
  const replaced = new Map<AnyNode, string>([[node.key, node.computed ? p.print(node.key) : p.raw(node.key)]]);
  if (node.value) {
    if (node.key.type === 'PrivateIdentifier' && (node.value.type === 'ArrowFunctionExpression' || node.value.type === 'FunctionExpression')) {
      p.fail(node, 'a private field that is a function');
    }
    replaced.set(node.value, insideInstance(p, () => p.print(node.value as AnyNode)));
  }
  return p.copy(node, replaced);
}

/** A class with private fields shows them to the recorder, and to nobody else, when an object of it becomes known to others. */
function printClassBody(p: Printer, node: ClassBody): string {
  const privates = node.body.flatMap(part => (part.type === 'PropertyDefinition' && part.key.type === 'PrivateIdentifier' ? [part.key.name] : []));
  const body = p.copy(node);
  if (privates.length === 0) return body;
  p.used.add('$PRIVATES');
  const fields = privates.map(name => `${quote(`#${name}`)}: this.#${name}`);
  return `${body.slice(0, -1)} [$PRIVATES]() { return { ...super[$PRIVATES]?.(), ${fields.join(', ')} }; } }`;
}

export const functions: Readonly<Record<string, NodePrinter>> = {
  FunctionDeclaration: (p, node: FunctionDeclaration) => printFunction(p, node, p.frame.kernelThis),
  FunctionExpression: (p, node: FunctionExpression) => printFunction(p, node, p.frame.kernelThis),
  ArrowFunctionExpression: printArrow,
  MethodDefinition: printMethod, PropertyDefinition: printField, ClassBody: printClassBody,
  ClassDeclaration: printClass, ClassExpression: printClass,
};
function printClass(p: Printer, node: AnyNode & { readonly id?: AnyNode | null; readonly superClass?: AnyNode | null; readonly body: AnyNode }): string {
  const replaced = new Map<AnyNode, string>([[node.body, p.print(node.body)]]);
  if (node.id) replaced.set(node.id, p.raw(node.id));
  return p.copy(node, replaced);
}
