/** Trees as text again, for eval and source. */
import { serialize } from 'just-bash';
import { literal, mapNodes, word, type Redirection, type ScriptNode, type WordNode, type WordPart } from './ast.js';
import { parseScript, posixArithmetic } from './parse-script.js';
import { rewriteNested, type TreeStore } from './rewrite.js';
import { quote } from './words.js';

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
 * here-strings, which are words like others. It also forgets the braces of `${a}b`, and that a newline cannot be escaped.
 */
export function textOf(tree: ScriptNode): string {
  const withoutDocuments = mapNodes(tree, node => (node.type === 'Redirection' ? withoutHereDocument(node as Redirection) : node));
  return serialize(mapNodes(withoutDocuments, node => {
    if (node.type === 'ParameterExpansion') return withBraces(node as ParameterExpansion);
    // what stands between the braces of {a,b} is of a type Word too, and has its word inside
    return node.type === 'Word' && 'parts' in node ? word(...(node as WordNode).parts.map(withoutEscapedNewline)) : node;
  }));
}

type ParameterExpansion = Extract<WordPart, { type: 'ParameterExpansion' }>;

/** Text that the serializer prints as it stands: it does that with patterns only. */
const asItStands = (text: string): WordPart => ({ type: 'Glob', pattern: text });

const withBraces = (node: ParameterExpansion): WordPart =>
  (node.operation === null && /^\w+$/.test(node.parameter) ? asItStands(`\${${node.parameter}}`) : node);

const withoutEscapedNewline = (part: WordPart): WordPart =>
  ((part.type === 'Literal' && part.value.includes('\n')) || (part.type === 'SingleQuoted' && part.value.includes("'")) ? asItStands(quote(part.value)) : part);

function withoutHereDocument(redirection: Redirection): Redirection {
  const { target } = redirection;
  if (target.type !== 'HereDoc') return redirection;
  const parts = withoutLastNewline(target.content.parts);
  if (parts === null) return { ...redirection, operator: '<', target: literal('/dev/null') };
  const text: WordPart = target.quoted ? asItStands(quote(parts.map(part => ('value' in part ? part.value : '')).join(''))) : { type: 'DoubleQuoted', parts };
  return { ...redirection, operator: '<<<', target: word(text) };
}

/** A here-string brings a newline of its own. null: there is no text at all. */
function withoutLastNewline(parts: readonly WordPart[]): WordPart[] | null {
  const last = parts.at(-1);
  if (last === undefined) return null;
  if (last.type !== 'Literal' || !last.value.endsWith('\n')) return [...parts];
  return [...parts.slice(0, -1), { ...last, value: last.value.slice(0, -1) }];
}
