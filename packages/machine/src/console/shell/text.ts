/** Trees as text again, for eval and source. */
import { serialize } from 'just-bash';
import { literal, mapNodes, word, type Redirection, type ScriptNode, type WordPart } from './ast.js';
import { parseScript, posixArithmetic } from './parse-script.js';
import { rewriteNested, type TreeStore } from './rewrite.js';

/** A text for eval, with what just-bash does not have put in. One that does not parse is left for just-bash to complain of. */
export function rewrittenText(text: string, store: TreeStore): string {
  try {
    const tree = rewriteNested(parseScript(text), store);
    return tree === null ? posixArithmetic(text) : textOf(tree);
  } catch {
    return text;
  }
}

/**
 * The text of a tree. just-bash's serializer puts what follows a here-document behind its delimiter, where it is lost; so here-documents become
 * here-strings, which are words like others.
 */
export function textOf(tree: ScriptNode): string {
  return serialize(mapNodes(tree, node => (node.type === 'Redirection' ? withoutHereDocument(node as Redirection) : node)));
}

function withoutHereDocument(redirection: Redirection): Redirection {
  const { target } = redirection;
  if (target.type !== 'HereDoc') return redirection;
  const parts = withoutLastNewline(target.content.parts);
  if (parts === null) return { ...redirection, operator: '<', target: literal('/dev/null') };
  const text: WordPart = target.quoted ? { type: 'SingleQuoted', value: parts.map(part => ('value' in part ? part.value : '')).join('') } : { type: 'DoubleQuoted', parts };
  return { ...redirection, operator: '<<<', target: word(text) };
}

/** A here-string brings a newline of its own. null: there is no text at all. */
function withoutLastNewline(parts: readonly WordPart[]): WordPart[] | null {
  const last = parts.at(-1);
  if (last === undefined) return null;
  if (last.type !== 'Literal' || !last.value.endsWith('\n')) return [...parts];
  return [...parts.slice(0, -1), { ...last, value: last.value.slice(0, -1) }];
}
