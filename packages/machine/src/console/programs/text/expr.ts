/** expr, after expr.c of GNU coreutils: arithmetic and texts, word by word. The shell's own has no groups in patterns, by which scripts take texts apart. */
import type { Process } from '../../process.js';
import { classes, fromBasic } from '../../regexp.js';
import { defineProgram, helpOf, type Definition } from '../system/define.js';
import { quote, wrongUse } from '../files/common.js';

const EXPR: Definition = {
  path: '/usr/bin/expr', summary: 'evaluate expressions', synopsis: ['expr EXPRESSION', 'expr OPTION'], description: 'Each word is an operand or operator: | & < <= = != >= > + - * / % and :, by rising precedence, parentheses; match, substr, index, length; + before a word that is no operator.',
  options: [['TEXT : PATTERN', 'a basic regular expression at the beginning of TEXT: what is in its group, or how many characters match']],
  notes: ['Ends with 0; with 1 when the result is empty or 0; with 2 for wrong expressions.'], run,
};
export const expr = defineProgram(EXPR);

/** What ends the evaluation: a message. */
class Wrong extends Error {}

function run(p: Process): number {
  const words = p.argv.slice(1);
  if (words.length === 1 && words[0] === '--help') {
    p.out(helpOf(EXPR));
    return 0;
  }
  if (words[0] === '--') words.shift();
  if (words.length === 0) return wrongUse(p, 'missing operand', 2);
  try {
    const expression = new Expression(words);
    const value = expression.all();
    p.out(`${value}\n`);
    return isNull(value) ? 1 : 0;
  } catch (error) {
    if (error instanceof Wrong) return p.fail(error.message, 2);
    throw error;
  }
}

const isNull = (value: string): boolean => value === '' || /^-?0+$/.test(value);
const isInteger = (value: string): boolean => /^-?\d+$/.test(value);

/** Left-associative operators, those that bind least first. */
const LEVELS = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']] as const;

class Expression {
  readonly #words: readonly string[];
  #at = 0;
  constructor(words: readonly string[]) {
    this.#words = words;
  }

  all(): string {
    const value = this.#level(0);
    const extra = this.#words[this.#at];
    if (extra !== undefined) throw new Wrong(`syntax error: unexpected argument ${quote(extra)}`);
    return value;
  }

  #level(level: number): string {
    const operators: readonly string[] | undefined = LEVELS[level];
    if (operators === undefined) return this.#primary();
    let left = this.#level(level + 1);
    for (let operator = this.#words[this.#at]; operator !== undefined && operators.includes(operator); operator = this.#words[this.#at]) {
      this.#at++;
      left = apply(operator, left, this.#level(level + 1));
    }
    return left;
  }

  #next(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Wrong(`syntax error: missing argument after ${quote(this.#words.at(-1)!)}`);
    return word;
  }

  #primary(): string {
    const word = this.#next();
    switch (word) {
      case '(': {
        const value = this.#level(0);
        const end = this.#words[this.#at++];
        if (end === undefined) throw new Wrong(`syntax error: expecting ')' after ${quote(this.#words.at(-1)!)}`);
        if (end !== ')') throw new Wrong(`syntax error: expecting ')' instead of ${quote(end)}`);
        return value;
      }
      case ')': throw new Wrong("syntax error: unexpected ')'");
      case '+': return this.#next();
      case 'length': return String(Array.from(this.#primary()).length);
      case 'match': return match(this.#primary(), this.#primary());
      case 'index': {
        const [text, letters] = [this.#primary(), this.#primary()];
        return String(Array.from(text).findIndex(letter => letters.includes(letter)) + 1);
      }
      case 'substr': {
        const [text, from, length] = [this.#primary(), this.#primary(), this.#primary()];
        if (!isInteger(from) || !isInteger(length) || Number(from) < 1 || Number(length) < 1) return '';
        return Array.from(text).slice(Number(from) - 1, Number(from) - 1 + Number(length)).join('');
      }
      default: return word;
    }
  }
}

function apply(operator: string, left: string, right: string): string {
  switch (operator) {
    case '|': return isNull(left) ? (isNull(right) ? '0' : right) : left;
    case '&': return isNull(left) || isNull(right) ? '0' : left;
    case ':': return match(left, right);
    case '+': case '-': case '*': case '/': case '%': return String(calculate(operator, left, right));
    default: return compare(operator, left, right) ? '1' : '0';
  }
}

function calculate(operator: string, left: string, right: string): bigint {
  if (!isInteger(left) || !isInteger(right)) throw new Wrong('non-integer argument');
  const [a, b] = [BigInt(left), BigInt(right)];
  if ((operator === '/' || operator === '%') && b === 0n) throw new Wrong('division by zero');
  return operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b;
}

/** Numbers by value, anything else by bytes. */
function compare(operator: string, left: string, right: string): boolean {
  const numbers = isInteger(left) && isInteger(right);
  const [a, b] = numbers ? [BigInt(left), BigInt(right)] : [left, right];
  const order = a < b ? -1 : a > b ? 1 : 0;
  return { '<': order < 0, '<=': order <= 0, '=': order === 0, '==': order === 0, '!=': order !== 0, '>=': order >= 0, '>': order > 0 }[operator]!;
}

/** `:`, which only looks at the beginning. */
function match(text: string, pattern: string): string {
  let regexp: RegExp;
  try {
    regexp = new RegExp(`^(?:${classes(fromBasic(pattern.replace(/^\^/, '')))})`, 's');
  } catch {
    throw new Wrong('Invalid regular expression');
  }
  const found = regexp.exec(text);
  if (/\\\(/.test(pattern)) return found?.[1] ?? '';
  return String(found === null ? 0 : Array.from(found[0]).length);
}
