/**
 * The condition on the end of a race, as litmus tests have it:
 *
 *     exists (job.state = killed /\ r = 1)        some execution ends so
 *     ~exists (job.state = killed)                none does
 *     forall (r = 1 \/ r = -EAGAIN)               all do
 *
 * A term is `NAME.state = WORD` (running, stopped, killed, exited, asleep, hangs), `RESULT = NUMBER or -ERRNO` (the name a step gave to what
 * its call returned), `TASK.node(ADDRESS) = NODE` (where the page is; -1: nowhere) or `log "TEXT"` (some line has it). `!=` denies, as `~` does; `&&`, `||` and `!` are the same as
 * `/\`, `\/` and `~`.
 */
import * as errnos from '@pmkit/mm-core/include/linux/errno';
import { parseArgument, type Argument } from '@pmkit/series/scenario';

export type Term =
  | { readonly kind: 'state'; readonly task: string; readonly is: TaskState }
  | { readonly kind: 'result'; readonly name: string; readonly is: number }
  | { readonly kind: 'node'; readonly task: string; readonly address: Argument; readonly is: number }
  | { readonly kind: 'log'; readonly text: string };
export type Proposition =
  | Term
  | { readonly kind: 'not'; readonly of: Proposition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Proposition[] };

const TASK_STATES = ['running', 'stopped', 'killed', 'exited', 'asleep', 'hangs'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface Condition {
  readonly quantifier: 'exists' | '~exists' | 'forall';
  readonly that: Proposition;
  readonly text: string;
}

export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  /** Offset in the text. */
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Groups: a string, a word with its dots, a number or errno, an operator. */
const TOKEN = /\s*(?:("[^"]*")|([A-Za-z_]\w*(?:\.\w+)*)|(-?\d+|-[A-Z]\w*)|(\/\\|\\\/|&&|\|\||!=|[=()~!]))/y;
interface Token { readonly text: string; readonly at: number }

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new ConditionError(from, `unexpected ${JSON.stringify(text.slice(from).trimStart()[0])}`);
    const word = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    const at = TOKEN.lastIndex - word.length;
    tokens.push({ text: word, at });
    if (word.endsWith('.node')) TOKEN.lastIndex = addressAfter(text, TOKEN.lastIndex, tokens);
  }
  return tokens;
}

/** The address in parentheses is read by the rules of steps, not of conditions. */
function addressAfter(text: string, from: number, tokens: Token[]): number {
  const match = /^\s*\(([^()]*)\)/.exec(text.slice(from));
  if (match === null) throw new ConditionError(from, 'expected an address in parentheses');
  tokens.push({ text: match[1]!, at: from + match[0].indexOf('(') + 1 });
  return from + match[0].length;
}

/** @throws {ConditionError} */
export function parseCondition(text: string): Condition {
  const reader = new Reader(text);
  const negated = reader.accept('~', '!');
  const { text: word, at } = reader.take();
  if (word !== 'exists' && (word !== 'forall' || negated)) throw new ConditionError(at, `expected exists, ~exists or forall, found '${word}'`);
  const that = reader.disjunction();
  reader.end();
  return { quantifier: negated ? '~exists' : word, that, text };
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
    this.#end = text.length;
  }

  take(): Token {
    return this.#tokens[this.#next++] ?? { text: '', at: this.#end };
  }
  accept(...texts: string[]): boolean {
    if (!texts.includes(this.#tokens[this.#next]?.text ?? '')) return false;
    this.#next++;
    return true;
  }
  fail(expected: string, token: Token): never {
    throw new ConditionError(token.at, `expected ${expected}, found ${token.text === '' ? 'the end' : `'${token.text}'`}`);
  }
  end(): void {
    const token = this.take();
    if (token.text !== '') this.fail('the end of the condition', token);
  }

  disjunction(): Proposition {
    const of = [this.#conjunction()];
    while (this.accept('\\/', '||')) of.push(this.#conjunction());
    return of.length === 1 ? of[0]! : { kind: 'or', of };
  }
  #conjunction(): Proposition {
    const of = [this.#negation()];
    while (this.accept('/\\', '&&')) of.push(this.#negation());
    return of.length === 1 ? of[0]! : { kind: 'and', of };
  }
  #negation(): Proposition {
    if (this.accept('~', '!')) return { kind: 'not', of: this.#negation() };
    if (!this.accept('(')) return this.#term();
    const inner = this.disjunction();
    if (!this.accept(')')) this.fail("')'", this.take());
    return inner;
  }

  #term(): Proposition {
    const token = this.take();
    if (!/^[A-Za-z_]/.test(token.text)) this.fail('a term', token);
    if (token.text === 'log') return { kind: 'log', text: this.#string() };
    const [name, field] = [token.text.split('.').slice(0, -1).join('.'), token.text.split('.').at(-1)!];
    const address = name !== '' && field === 'node' ? this.#address() : null;
    const denied = this.#comparison();
    const term = this.#compared(token, name, field, address);
    return denied ? { kind: 'not', of: term } : term;
  }
  #compared(token: Token, name: string, field: string, address: Argument | null): Term {
    if (name === '') return { kind: 'result', name: field, is: this.#number() };
    if (address !== null) return { kind: 'node', task: name, address, is: this.#number() };
    if (field === 'state') return { kind: 'state', task: name, is: this.#state() };
    return this.fail('state or node(ADDRESS) of a task, or the name of a result', token);
  }

  #comparison(): boolean {
    const token = this.take();
    if (token.text !== '=' && token.text !== '!=') this.fail("'=' or '!='", token);
    return token.text === '!=';
  }
  #string(): string {
    const token = this.take();
    if (!token.text.startsWith('"')) this.fail('a text in double quotes', token);
    return token.text.slice(1, -1);
  }
  #address(): Argument {
    const token = this.take();
    try {
      return parseArgument(token.text);
    } catch (error) {
      throw new ConditionError(token.at, (error as Error).message);
    }
  }
  #state(): TaskState {
    const token = this.take();
    if (!TASK_STATES.includes(token.text as TaskState)) this.fail(`one of ${TASK_STATES.join(', ')}`, token);
    return token.text as TaskState;
  }
  #number(): number {
    const token = this.take();
    if (/^-?\d+$/.test(token.text)) return Number(token.text);
    const errno = (errnos as Readonly<Record<string, number>>)[token.text.slice(1)];
    return !token.text.startsWith('-') || errno === undefined ? this.fail('a number or -ERRNO', token) : -errno;
  }
}
