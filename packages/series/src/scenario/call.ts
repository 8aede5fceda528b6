/**
 * A step of a scenario as text, in the form strace prints calls:
 *
 *     a = mmap(0, 16P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
 *     mbind(a + 4P, 8P, MPOL_BIND, mask{2,3}, 257, 0)
 *     migrate_pages(job, 2, {1,2}, {3,0})
 *
 * An argument is a sum of terms: a number (`P` behind it: so many pages, in bytes), constants joined by `|`, a task (its pid) or the
 * result of an earlier step. `{…}` is an array of __u32, `mask{…}` a bit mask of nodes, `int` a place for an int, NULL and BAD are pointers; "…" is a path.
 */
import { CONSTANTS } from './constants.js';

/** Bytes are pages × page size + bytes; names are looked up when the step is played. */
export interface Sum { readonly kind: 'sum'; readonly pages: number; readonly bytes: number; readonly names: readonly string[] }
export type Argument =
  | Sum
  | { readonly kind: 'array'; readonly values: readonly number[] }
  | { readonly kind: 'mask'; readonly nodes: readonly number[] }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'pointer'; readonly to: 'null' | 'bad' | 'int' };

export interface CallText {
  /** Name that the result gets, or null. */
  readonly as: string | null;
  readonly name: string;
  readonly args: readonly Argument[];
}

/** What is wrong with the text, and where. */
export class CallSyntaxError extends Error {
  override readonly name = 'CallSyntaxError';
  /** Offset in the text. */
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

type Token = { readonly text: string; readonly at: number };
const TOKEN = /\s*(?:("[^"]*")|(0x[0-9a-fA-F]+P?|\d+P?)|([A-Za-z_]\w*)|([(){},|+=-]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new CallSyntaxError(from, `unexpected ${JSON.stringify(text.slice(from).trimStart()[0])}`);
    const word = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    tokens.push({ text: word, at: TOKEN.lastIndex - word.length });
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  constructor(text: string) {
    this.#tokens = tokenize(text);
    this.#end = text.length;
  }
  get token(): Token {
    return this.#tokens[this.#next] ?? { text: '', at: this.#end };
  }
  take(): Token {
    const { token } = this;
    this.#next++;
    return token;
  }
  is(text: string, ahead = 0): boolean {
    return this.#tokens[this.#next + ahead]?.text === text;
  }
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#next++;
    return true;
  }
  expect(text: string): void {
    if (!this.accept(text)) this.fail(`'${text}'`);
  }
  fail(expected: string): never {
    const { text, at } = this.token;
    throw new CallSyntaxError(at, `expected ${expected}, found ${text === '' ? 'the end' : `'${text}'`}`);
  }
}

const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);
const isNumber = (text: string): boolean => /^\d/.test(text);

/** @throws {CallSyntaxError} */
export function parseCall(text: string): CallText {
  const reader = new Reader(text);
  let as: string | null = null;
  if (reader.is('=', 1)) {
    if (!isName(reader.token.text) || reader.token.text in CONSTANTS) reader.fail('a name for the result');
    as = reader.take().text;
    reader.expect('=');
  }
  if (!isName(reader.token.text)) reader.fail('the name of a call');
  const name = reader.take().text;
  reader.expect('(');
  const args: Argument[] = [];
  if (!reader.accept(')')) {
    do args.push(readArgument(reader));
    while (reader.accept(','));
    reader.expect(')');
  }
  if (reader.token.text !== '') reader.fail('the end of the step');
  return { as, name, args };
}

/** One argument by itself. @throws {CallSyntaxError} */
export function parseArgument(text: string): Argument {
  const reader = new Reader(text);
  const argument = readArgument(reader);
  if (reader.token.text !== '') reader.fail('the end of the argument');
  return argument;
}

function readArgument(reader: Reader): Argument {
  const { text } = reader.token;
  if (text.startsWith('"')) return { kind: 'path', path: reader.take().text.slice(1, -1) };
  if (text === '{') return { kind: 'array', values: parseList(reader) };
  if (text === 'mask') {
    reader.take();
    return { kind: 'mask', nodes: parseList(reader) };
  }
  if (text === 'NULL' || text === 'BAD' || text === 'int') {
    reader.take();
    return { kind: 'pointer', to: text === 'NULL' ? 'null' : text === 'BAD' ? 'bad' : 'int' };
  }
  return parseSum(reader);
}

function parseList(reader: Reader): number[] {
  const values: number[] = [];
  reader.expect('{');
  if (reader.accept('}')) return values;
  do {
    if (!isNumber(reader.token.text) || reader.token.text.endsWith('P')) reader.fail('a number');
    values.push(Number(reader.take().text));
  } while (reader.accept(','));
  reader.expect('}');
  return values;
}

function parseSum(reader: Reader): Sum {
  let pages = 0;
  let bytes = 0;
  const names: string[] = [];
  let sign = reader.accept('-') ? -1 : 1;
  for (;;) {
    const { text } = reader.token;
    if (isNumber(text)) {
      reader.take();
      if (text.endsWith('P')) pages += sign * Number(text.slice(0, -1));
      else bytes += sign * Number(text);
    } else if (text in CONSTANTS) bytes += sign * parseFlags(reader);
    else if (isName(text) && sign > 0) names.push(reader.take().text);
    else reader.fail('a number, a constant, the name of a task or of a result');
    if (reader.accept('+')) sign = 1;
    else if (reader.accept('-')) sign = -1;
    else return { kind: 'sum', pages, bytes, names };
  }
}

function parseFlags(reader: Reader): number {
  let flags = 0;
  do {
    const value = CONSTANTS[reader.token.text];
    if (value === undefined) reader.fail('a constant');
    flags |= value;
    reader.take();
  } while (reader.accept('|'));
  return flags;
}
