/** The expression of a find: words to one test, with the precedence that find has: ( ), !, and, -o, a comma. */
import type { Test } from './entry.js';

/** What is wrong with a command line. */
export class WrongExpression extends Error {
  override readonly name = 'WrongExpression';
}

/** Takes the words of a predicate. @returns its test. @throws {WrongExpression} */
export type ReadPredicate = (name: string, words: Words) => Test;

export class Words {
  readonly #words: readonly string[];
  #at = 0;
  constructor(words: readonly string[]) {
    this.#words = words;
  }
  get next(): string | undefined {
    return this.#words[this.#at];
  }
  /** The word so many places before the one that was taken last. */
  before(places: number): string | undefined {
    return this.#words[this.#at - 1 - places];
  }
  take(): string {
    return this.#words[this.#at++]!;
  }
  /** What a predicate is given. @throws {WrongExpression} when there is nothing */
  argument(name: string): string {
    if (this.next === undefined) throw new WrongExpression(`missing argument to \`${name}'`);
    return this.take();
  }
}

const BINARY: ReadonlySet<string | undefined> = new Set(['-o', '-or', '-a', '-and', ',']);
const ENDS: ReadonlySet<string | undefined> = new Set([undefined, ')', '-o', '-or', ',']);

/** @throws {WrongExpression} */
export function readExpression(words: Words, predicate: ReadPredicate): Test {
  const test = list(words, predicate);
  if (words.next === ')') throw new WrongExpression("you have too many ')'");
  return test;
}

function list(words: Words, predicate: ReadPredicate): Test {
  let test = either(words, predicate);
  while (words.next === ',') {
    const before = test;
    const operator = words.take();
    const after = operand(words, operator, () => either(words, predicate));
    test = async entry => {
      await before(entry);
      return after(entry);
    };
  }
  return test;
}

function either(words: Words, predicate: ReadPredicate): Test {
  let test = both(words, predicate);
  while (words.next === '-o' || words.next === '-or') {
    const before = test;
    const operator = words.take();
    const after = operand(words, operator, () => both(words, predicate));
    test = async entry => (await before(entry)) || after(entry);
  }
  return test;
}

function both(words: Words, predicate: ReadPredicate): Test {
  let test = one(words, predicate);
  while (!ENDS.has(words.next)) {
    const before = test;
    const after = words.next === '-a' || words.next === '-and' ? operand(words, words.take(), () => one(words, predicate)) : one(words, predicate);
    test = async entry => (await before(entry)) && after(entry);
  }
  return test;
}

/** What stands behind a binary operator. */
function operand(words: Words, operator: string, read: () => Test): Test {
  if (words.next === undefined) throw new WrongExpression(`expected an expression after '${operator}'`);
  if (words.next === ')') throw new WrongExpression(`expected an expression between '${operator}' and ')'`);
  return read();
}

function one(words: Words, predicate: ReadPredicate): Test {
  if (BINARY.has(words.next)) throw new WrongExpression(`invalid expression; you have used a binary operator '${words.next!}' with nothing before it.`);
  const word = words.take();
  if (word === '!' || word === '-not') {
    if (words.next === undefined) throw new WrongExpression(`expected an expression after '${word}'`);
    const test = one(words, predicate);
    return async entry => !(await test(entry));
  }
  if (word === '(') {
    if (words.next === ')') throw new WrongExpression('invalid expression; empty parentheses are not allowed.');
    if (words.next === undefined) throw new WrongExpression("invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('");
    const test = list(words, predicate);
    if (words.next !== ')') throw new WrongExpression("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
    words.take();
    return test;
  }
  return predicate(word, words);
}
