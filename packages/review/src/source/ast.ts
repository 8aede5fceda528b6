/** The syntax tree of TypeScript: its parser, and the kinds of nodes that are looked at, by the parser's own types. */
import { parse } from '@babel/parser';

export type Statement = ReturnType<typeof parse>['program']['body'][number];
export type Comment = NonNullable<ReturnType<typeof parse>['comments']>[number];
export type StatementOf<Type extends Statement['type']> = Extract<Statement, { readonly type: Type }>;
export type Expression = StatementOf<'ExpressionStatement'>['expression'];
export type ExpressionOf<Type extends Expression['type']> = Extract<Expression, { readonly type: Type }>;
export type ObjectMember = ExpressionOf<'ObjectExpression'>['properties'][number];
type Pattern = StatementOf<'FunctionDeclaration'>['params'][number] | StatementOf<'VariableDeclaration'>['declarations'][number]['id'];
export type TypeNode = StatementOf<'TSTypeAliasDeclaration'>['typeAnnotation'];
export type Node = Statement | Expression | ObjectMember | Pattern | TypeNode;

/** Parses a module of TypeScript. @throws {SyntaxError} with line and column. */
export function parseModule(text: string): { readonly body: readonly Statement[]; readonly comments: readonly Comment[] } {
  const { program, comments } = parse(text, { sourceType: 'module', plugins: ['typescript'] });
  return { body: program.body, comments: comments ?? [] };
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The nodes in a field of a node: of a list, or the one. */
export const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value : [value]).filter(isNode);

/** The fields of a node in which nodes may be. */
export const fieldsOf = (node: Node): [string, unknown][] => Object.entries(node).filter(([key]) => key !== 'loc' && !key.endsWith('omments'));

export const startOf = (node: Node | Comment): number => node.start!;
export const endOf = (node: Node | Comment): number => node.end!;
