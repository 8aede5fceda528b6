/** Which names a piece of TypeScript refers to, and where. */
import { fieldsOf, nodesIn, parseModule, type Node } from './ast.js';

/** A reference by name. `isShorthand`: `{ name }`, which also names a property. */
export interface Reference { readonly name: string; readonly start: number; readonly end: number; readonly isShorthand: boolean }

/** Children that name a member and refer to nothing. */
const MEMBER_NAMES: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ['property'], OptionalMemberExpression: ['property'],
  ObjectProperty: ['key'], ObjectMethod: ['key'], ClassProperty: ['key'], ClassMethod: ['key'],
  TSPropertySignature: ['key'], TSMethodSignature: ['key'],
  TSQualifiedName: ['right'], TSNamedTupleMember: ['label'], LabeledStatement: ['label'], BreakStatement: ['label'], ContinueStatement: ['label'],
  ExportSpecifier: ['exported'],
};
/** Children that bind a name: parameters, variables, and what is declared. */
const BINDINGS: Readonly<Record<string, readonly string[]>> = {
  FunctionDeclaration: ['id', 'params'], FunctionExpression: ['id', 'params'], ArrowFunctionExpression: ['params'], ClassMethod: ['params'], ObjectMethod: ['params'],
  ClassDeclaration: ['id'], VariableDeclarator: ['id'], CatchClause: ['param'], TSInterfaceDeclaration: ['id'], TSTypeAliasDeclaration: ['id'],
  TSFunctionType: ['parameters'], TSMethodSignature: ['parameters'], TSDeclareFunction: ['id', 'params'], TSIndexSignature: ['parameters'],
};

/** All references below a node, in the order of the text. Names that an inner declaration hides are not told apart. */
export function referencesIn(nodes: Iterable<Node>): Reference[] {
  const found: Reference[] = [];
  for (const node of nodes) visit(node, found);
  return found.sort((a, b) => a.start - b.start);
}

function visit(node: Node, found: Reference[]): void {
  if (node.type === 'Identifier') {
    found.push({ name: node.name, start: node.start!, end: node.start! + node.name.length, isShorthand: false });
    visitAll(node.typeAnnotation, found);
    return;
  }
  if (node.type === 'ObjectProperty' && node.shorthand && node.value.type === 'Identifier') {
    found.push({ name: node.value.name, start: node.start!, end: node.end!, isShorthand: true });
    return;
  }
  const memberNames = (node as { computed?: boolean }).computed === true ? [] : (MEMBER_NAMES[node.type] ?? []);
  const bindings = BINDINGS[node.type] ?? [];
  for (const [key, value] of fieldsOf(node)) {
    if (memberNames.includes(key)) continue;
    if (bindings.includes(key)) for (const child of nodesIn(value)) visitBinding(child, found);
    else visitAll(value, found);
  }
}

function visitAll(value: unknown, found: Reference[]): void {
  for (const child of nodesIn(value)) visit(child, found);
}

/** A pattern binds its names; its types and defaults refer to others. */
function visitBinding(node: Node, found: Reference[]): void {
  switch (node.type) {
    case 'ObjectPattern':
      for (const property of node.properties) {
        if (property.type === 'RestElement') visitBinding(property.argument, found);
        else {
          if (property.computed) visitAll(property.key, found);
          for (const value of nodesIn(property.value)) visitBinding(value, found);
        }
      }
      break;
    case 'ArrayPattern':
      for (const element of node.elements) if (element !== null) visitBinding(element, found);
      break;
    case 'AssignmentPattern':
      visitBinding(node.left, found);
      visitAll(node.right, found);
      break;
    case 'RestElement':
      visitBinding(node.argument, found);
      break;
    case 'Identifier':
      break;
    default:
      visit(node, found);
      return;
  }
  visitAll((node as { typeAnnotation?: unknown }).typeAnnotation, found);
}

/** The names that a text refers to. */
export const namesUsed = (text: string): Set<string> => new Set(referencesIn(parseModule(text).body).map(({ name }) => name));

/** A replacement in a text. */
export interface Edit { readonly start: number; readonly end: number; readonly text: string }

/** `text`, which begins at `offset` of the text that the edits are of, with those applied that lie in it. */
export function applyEdits(text: string, edits: readonly Edit[], offset = 0): string {
  const inside = edits.filter(({ start, end }) => start >= offset && end <= offset + text.length).sort((a, b) => a.start - b.start);
  let out = '';
  let at = offset;
  for (const edit of inside) {
    out += text.slice(at - offset, edit.start - offset) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at - offset);
}

/** Gives references new names. */
export function renameIn(text: string, names: ReadonlyMap<string, string>): string {
  const edits = referencesIn(parseModule(text).body).filter(({ name }) => names.has(name)).map(({ name, start, end, isShorthand }): Edit => {
    const renamed = names.get(name)!;
    return { start, end, text: isShorthand ? `${name}: ${renamed}` : renamed };
  });
  return applyEdits(text, edits);
}
