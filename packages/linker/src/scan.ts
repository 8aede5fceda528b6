/** Reads the calls `this.symbol(…)` and their numbers of arguments off a function's own source text. */

export interface Call { readonly callee: string; /** Arguments, -1 when one of them is a spread. */ readonly args: number }

const cache = new WeakMap<object, readonly Call[]>();

/** Calls through `this` in a function. The result is kept: a function's text does not change. */
export function scanCalls(fn: (...args: never[]) => unknown): readonly Call[] {
  const known = cache.get(fn);
  if (known !== undefined) return known;
  const calls = scanText(Function.prototype.toString.call(fn));
  cache.set(fn, calls);
  return calls;
}

const CALL = /\bthis\.([A-Za-z_$][\w$]*)\(/y;
const WORD = /[\w$]/;

/** Replaces strings, templates, comments and regular expressions by blanks, so that brackets and commas left over are code. */
function blank(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; ) {
    const end = endOfNonCode(text, i);
    if (end > i) {
      // a literal still is an operand: something must stand where it stood
      out += text[i] === '/' && (text[i + 1] === '/' || text[i + 1] === '*') ? ' '.repeat(end - i) : '0'.repeat(end - i);
      i = end;
    } else out += text[i++]!;
  }
  return out;
}

/** Index behind the string, comment, template or regular expression that starts at `i`; `i` when none does. */
function endOfNonCode(text: string, i: number): number {
  const c = text[i]!;
  if (c === '/' && text[i + 1] === '/') return indexOrEnd(text, '\n', i);
  if (c === '/' && text[i + 1] === '*') return indexOrEnd(text, '*/', i) + 2;
  if (c === '"' || c === "'" || c === '`') return endOfQuoted(text, i, c);
  if (c === '/' && startsRegExp(text, i)) return endOfQuoted(text, i, '/');
  return i;
}
function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
}
function endOfQuoted(text: string, start: number, quote: string): number {
  let inClass = false;
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\') i++;
    else if (quote === '/' && c === '[') inClass = true;
    else if (quote === '/' && c === ']') inClass = false;
    else if (c === quote && !inClass) return i + 1;
  }
  return text.length;
}
/** A slash starts a regular expression where an operand is expected: after an operator, a bracket that opens, or `return`. */
function startsRegExp(text: string, i: number): boolean {
  const before = text.slice(0, i).trimEnd();
  const last = before.at(-1);
  return last === undefined || '(,=:[!&|?{};+-*%~^<>'.includes(last) || /\b(?:return|typeof|case|yield)$/.test(before);
}

export function scanText(source: string): Call[] {
  const text = blank(source);
  const calls: Call[] = [];
  for (let i = text.indexOf('this.'); i >= 0; i = text.indexOf('this.', i + 1)) {
    if (i > 0 && WORD.test(text[i - 1]!)) continue;
    CALL.lastIndex = i;
    const match = CALL.exec(text);
    if (match !== null) calls.push({ callee: match[1]!, args: countArguments(text, CALL.lastIndex) });
  }
  return calls;
}

/** Arguments from behind the opening bracket on; a trailing comma does not count. */
function countArguments(text: string, start: number): number {
  let depth = 0;
  let commas = 0;
  let pending = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if ((c === ')' || c === ']' || c === '}') && depth-- === 0) return commas + (pending ? 1 : 0);
    if (c === '(' || c === '[' || c === '{') depth++;
    if (depth === 0 && text.startsWith('...', i)) return -1;
    if (depth === 0 && c === ',') {
      commas++;
      pending = false;
    } else if (c.trim() !== '') pending = true;
  }
  return -1;
}
