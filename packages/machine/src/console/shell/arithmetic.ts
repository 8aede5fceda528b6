/**
 * `$(( … $(command) … ))`: just-bash runs such a command as a text of its own, which knows neither functions nor `$1`. So the commands come first,
 * in a substitution around the whole: `$(A=$(command); echo $(( … A … )))`. What the arithmetic assigns is lost then, which no script is known to mind.
 */
import { parse } from 'just-bash';
import { mapNodes, script, simple, someNode, statement, word, type SimpleCommandNode, type WordPart } from './ast.js';

type Arithmetic = Extract<WordPart, { type: 'ArithmeticExpansion' }>;
const isSubstitution = (node: { readonly type: string }): node is { readonly type: 'ArithCommandSubst'; readonly command: string } => node.type === 'ArithCommandSubst';

/** @returns the substitution that stands for it; null when there is no command in it. */
export function commandsFirst({ expression }: Arithmetic): WordPart | null {
  if (!someNode(expression, isSubstitution)) return null;
  const first: SimpleCommandNode[] = [];
  const rest = mapNodes(expression, node => {
    if (!isSubstitution(node)) return node;
    const name = `__PMKIT_A${first.length}`;
    const value = word({ type: 'DoubleQuoted', parts: [{ type: 'CommandSubstitution', body: parse(node.command), legacy: false }] });
    first.push({ type: 'SimpleCommand', assignments: [{ type: 'Assignment', name, value, append: false, array: null }], name: null, args: [], redirections: [] });
    return { type: 'ArithVariable', name, hasDollarPrefix: false };
  });
  const { originalText: _text, ...plain } = rest;
  const result = simple('echo', [word({ type: 'ArithmeticExpansion', expression: plain })]);
  return { type: 'CommandSubstitution', body: script([...first, result].map(command => statement(command))), legacy: false };
}
