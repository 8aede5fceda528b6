/** just-bash's syntax trees: the types it does not export, makers of the nodes we put in, and a walk over all nodes. */
import type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode } from 'just-bash';

export type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };
export type Compound = Exclude<CommandNode, SimpleCommandNode | { readonly type: 'FunctionDef' }>;
export type FunctionDef = Extract<CommandNode, { readonly type: 'FunctionDef' }>;
export type Redirection = SimpleCommandNode['redirections'][number];
export type WordPart = WordNode['parts'][number];

export const word = (...parts: WordPart[]): WordNode => ({ type: 'Word', parts });
/** Text that is taken as it stands. */
export const quoted = (value: string): WordNode => word({ type: 'SingleQuoted', value });
export const literal = (value: string): WordNode => word({ type: 'Literal', value });
/** `"$name"` */
export const variable = (parameter: string): WordPart => ({ type: 'DoubleQuoted', parts: [{ type: 'ParameterExpansion', parameter, operation: null }] });

export const simple = (name: string, args: WordNode[] = [], redirections: Redirection[] = []): SimpleCommandNode =>
  ({ type: 'SimpleCommand', assignments: [], name: literal(name), args, redirections });

export const pipeline = (...commands: CommandNode[]): PipelineNode => ({ type: 'Pipeline', commands, negated: false });
export const statement = (...commands: CommandNode[]): StatementNode => ({ type: 'Statement', pipelines: [pipeline(...commands)], operators: [], background: false });
/** `first && second` */
export const both = (first: CommandNode, second: CommandNode): StatementNode =>
  ({ type: 'Statement', pipelines: [pipeline(first), pipeline(second)], operators: ['&&'], background: false });
export const group = (body: StatementNode[], redirections: Redirection[] = []): CommandNode => ({ type: 'Group', body, redirections });
export const script = (statements: StatementNode[]): ScriptNode => ({ type: 'Script', statements });
/** `"$(name)"` */
export const outputOf = (...commands: SimpleCommandNode[]): WordNode =>
  word({ type: 'DoubleQuoted', parts: [{ type: 'CommandSubstitution', body: script(commands.map(command => statement(command))), legacy: false }] });

/** The word when nothing in it is to be expanded, else null. */
export function plainText(of: WordNode | null): string | null {
  let text = '';
  for (const part of of?.parts ?? []) {
    if (part.type !== 'Literal' && part.type !== 'SingleQuoted' && part.type !== 'Escaped') return null;
    text += part.value;
  }
  return of === null ? null : text;
}

interface AnyNode { readonly type: string }
const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Whether some node below (or at) `value` is one that `test` looks for; `into` says which nodes to look into. */
export function someNode(value: unknown, test: (node: AnyNode) => boolean, into: (node: AnyNode) => boolean = () => true): boolean {
  if (Array.isArray(value)) return value.some(item => someNode(item, test, into));
  if (typeof value !== 'object' || value === null) return false;
  if (isNode(value)) {
    if (test(value)) return true;
    if (!into(value)) return false;
  }
  return Object.values(value).some(item => someNode(item, test, into));
}

/** A copy in which `visit` has replaced what it wanted to; it sees a node after what is below it. */
export function mapNodes<T>(value: T, visit: (node: AnyNode) => AnyNode): T {
  if (Array.isArray(value)) return value.map(item => mapNodes<unknown>(item, visit)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapNodes<unknown>(item, visit)]));
  return (isNode(copy) ? visit(copy) : copy) as T;
}
