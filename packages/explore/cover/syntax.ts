/** Syntax trees with their types in them, so that every place in them is one of the source. */
import { parse } from '@babel/parser';
import { partsOf } from '../record/tree.js';

export type Program = ReturnType<typeof parse>['program'];
type Statement = Program['body'][number];
type StatementOf<T extends Statement['type']> = Extract<Statement, { type: T }>;

export type IfStatement = StatementOf<'IfStatement'>;
export type SwitchStatement = StatementOf<'SwitchStatement'>;
export type DoWhileStatement = StatementOf<'DoWhileStatement'>;
export type LabeledStatement = StatementOf<'LabeledStatement'>;
export type Loop = StatementOf<'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement'>;

export type Expression = IfStatement['test'];
type ExpressionOf<T extends Expression['type']> = Extract<Expression, { type: T }>;
export type ConditionalExpression = ExpressionOf<'ConditionalExpression'>;
export type LogicalExpression = ExpressionOf<'LogicalExpression'>;
export type AssignmentExpression = ExpressionOf<'AssignmentExpression'>;

type Member = StatementOf<'ClassDeclaration'>['body']['body'][number] | ExpressionOf<'ObjectExpression'>['properties'][number];
export type FunctionNode = Extract<Statement | Expression | Member, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' | 'ClassMethod' | 'ClassPrivateMethod' | 'ObjectMethod' }>;
export type AnyNode = Statement | Expression | Member | SwitchStatement['cases'][number];

export const parseTyped = (source: string): Program =>
  parse(source, { sourceType: 'module', plugins: ['typescript'], createParenthesizedExpressions: true, attachComment: false }).program;

/** Parts of types are among them, in which there is nothing to be found. */
export const children = (node: AnyNode): AnyNode[] => partsOf(node) as AnyNode[];

const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'ClassMethod', 'ClassPrivateMethod', 'ObjectMethod']);
export const isFunction = (node: AnyNode): node is FunctionNode => FUNCTIONS.has(node.type);

export const startOf = ({ start }: AnyNode): number => start!;
export const endOf = ({ end }: AnyNode): number => end!;

/** The operands of `a && b && c`, whichever way they are put together without brackets. */
export function operandsOf(node: Expression, operator: LogicalExpression['operator']): Expression[] {
  return node.type === 'LogicalExpression' && node.operator === operator ? [...operandsOf(node.left, operator), ...operandsOf(node.right, operator)] : [node];
}
