/**
 * `set -u`, which just-bash minds at the top of a script only: inside a function, a loop or a group it complains and goes on. So behind a `set -u` each `$name`
 * becomes `${name?…}`, which ends the script wherever it stands. What counts is where the words stand in the script, as with most scripts that is their order.
 */
import { plainText, word, type SimpleCommandNode, type WordPart } from './ast.js';

type Expansion = Extract<WordPart, { type: 'ParameterExpansion' }>;
type DoubleQuoted = Extract<WordPart, { type: 'DoubleQuoted' }>;

/** Always set, or made by the shell when they are asked for. */
const ALWAYS_SET = /^(?:BASH\w*|DIRSTACK|E?UID|EPOCH\w+|FUNCNAME|GROUPS|HOSTNAME|HOSTTYPE|IFS|LINENO|MACHTYPE|OLDPWD|OPT\w+|OSTYPE|PIPESTATUS|PPID|PWD|RANDOM|SECONDS|SHELLOPTS|SHLVL|_|__PMKIT\w*)$/;
/** A variable or positional parameter; arrays, `$@` and the like are never unbound. */
const VARIABLE = /^(?:[A-Za-z_]\w*|[1-9]\d*)$/;

/** What a `set` says of nounset: on, off, or nothing (null). */
export function nounsetOf({ args }: SimpleCommandNode): boolean | null {
  let found: boolean | null = null;
  for (const [at, arg] of args.entries()) {
    const text = plainText(arg) ?? '';
    if (text === '--' || !/^[-+]/.test(text)) break;
    const named = /^[-+]\w*o$/.test(text) && plainText(args[at + 1] ?? null) === 'nounset';
    if (named || /^[-+]\w*u/.test(text)) found = text.startsWith('-');
  }
  return found;
}

/** `$name` as `${name?name: unbound variable}` */
export function bound(node: Expansion): Expansion {
  if (node.operation !== null || !VARIABLE.test(node.parameter) || ALWAYS_SET.test(node.parameter)) return node;
  return { ...node, operation: { type: 'ErrorIfUnset', word: word(literalPart(`${/^\d/.test(node.parameter) ? '$' : ''}${node.parameter}: unbound variable`)), checkEmpty: false } };
}
const literalPart = (value: string): WordPart => ({ type: 'Literal', value });

/** `${name?text}` says `name: text`; just-bash leaves the name out. */
export function named(node: Expansion): Expansion {
  const { operation } = node;
  if (operation?.type !== 'ErrorIfUnset' || operation.word === null || operation.word.parts.length === 0) return node;
  return { ...node, operation: { ...operation, word: word(literalPart(`${node.parameter}: `), ...operation.word.parts) } };
}

/** `"${name:-text}"` alone in its quotes: just-bash takes that for a use of `name`. With something beside it, it does not. */
export function besideNothing(node: DoubleQuoted): DoubleQuoted {
  const [only] = node.parts;
  const defaults = only?.type === 'ParameterExpansion' && VARIABLE.test(only.parameter) && ['DefaultValue', 'AssignDefault', 'UseAlternative'].includes(only.operation?.type ?? '');
  return defaults && node.parts.length === 1 ? { ...node, parts: [literalPart(''), only] } : node;
}
