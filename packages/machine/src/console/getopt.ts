/**
 * getopt_long() as glibc has it: what all option parsing of the console's programs goes through. Options are handed out one by
 * one, because programs act on them in their order; `--` ends them; operands may stand between options and are collected, unless the
 * program (or POSIXLY_CORRECT, which the console does not look at) wants the first operand to end the options.
 *
 * Source: glibc posix/getopt.c; the texts of the errors are those of glibc 2.26 and later, as today's tools print them.
 */

/** Whether an option takes an argument; an optional one must be in the same word (`-s2`, `--sort=2`). */
type Takes = 'none' | 'required' | 'optional';

export interface LongOption {
  /** Without the dashes. */
  readonly name: string;
  readonly takes: Takes;
  /** What next() reports when it is given: the letter of the short option, or any word of the program's. */
  readonly val: string;
}

/** An option that was met; `opt` is '?' for one that cannot be, and then `error` is the line to print, newline included. */
export interface Option { readonly opt: string; readonly arg: string | null; readonly error?: string }

/** @param usage the letters of getopt(3): `ab:c::`, with `+` in front to stop at the first operand. */
function shortOptions(usage: string): ReadonlyMap<string, Takes> {
  const found = new Map<string, Takes>();
  for (const [, letter, colons] of usage.matchAll(/([^:+])(:{0,2})/g)) found.set(letter!, (['none', 'required', 'optional'] as const)[colons!.length]!);
  return found;
}

export class Getopt implements Iterable<Option> {
  /** What is no option. Complete when the options have all been taken. */
  readonly operands: string[] = [];
  readonly #argv: readonly string[];
  readonly #short: ReadonlyMap<string, Takes>;
  readonly #long: readonly LongOption[];
  readonly #stops: boolean;
  /** Next word, and the rest of a cluster of short options that was begun. */
  #at = 1;
  #cluster = '';

  /** @param argv with the command in front: errors begin with it. */
  constructor(argv: readonly string[], usage: string, long: readonly LongOption[] = []) {
    this.#argv = argv;
    this.#short = shortOptions(usage);
    this.#long = long;
    this.#stops = usage.startsWith('+');
  }

  * [Symbol.iterator](): Iterator<Option> {
    for (let option = this.next(); option !== null; option = this.next()) yield option;
  }

  /** The next option; null when there are no more. */
  next(): Option | null {
    if (this.#cluster !== '') return this.#nextShort();
    for (; this.#at < this.#argv.length; this.#at++) {
      const word = this.#argv[this.#at]!;
      if (word === '--') this.#at++;
      if (word === '--' || (this.#stops && !isOption(word))) break;
      if (!isOption(word)) {
        this.operands.push(word);
        continue;
      }
      this.#at++;
      if (word.startsWith('--')) return this.#longOption(word.slice(2));
      this.#cluster = word.slice(1);
      return this.#nextShort();
    }
    this.operands.push(...this.#argv.slice(this.#at));
    this.#at = this.#argv.length;
    return null;
  }

  #nextShort(): Option {
    const letter = String.fromCodePoint(this.#cluster.codePointAt(0)!);
    const rest = this.#cluster.slice(letter.length);
    const takes = this.#short.get(letter);
    this.#cluster = takes === undefined || takes === 'none' ? rest : '';
    if (takes === undefined) return this.#wrong(`invalid option -- '${letter}'`);
    if (takes === 'none') return { opt: letter, arg: null };
    if (rest !== '' || takes === 'optional') return { opt: letter, arg: rest === '' ? null : rest };
    return this.#nextWord(letter) ?? this.#wrong(`option requires an argument -- '${letter}'`);
  }

  /** The option with the next word as its argument, if there is one. */
  #nextWord(opt: string): Option | null {
    return this.#at < this.#argv.length ? { opt, arg: this.#argv[this.#at++]! } : null;
  }

  #longOption(text: string): Option {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? null : text.slice(equals + 1);
    const candidates = this.#candidates(name);
    const [first] = candidates;
    if (first === undefined) return this.#wrong(`unrecognized option '--${name}'`);
    if (candidates.some(({ val, takes }) => val !== first.val || takes !== first.takes)) {
      return this.#wrong(`option '--${name}' is ambiguous; possibilities:${candidates.map(option => ` '--${option.name}'`).join('')}`);
    }
    if (first.takes === 'none' && value !== null) return this.#wrong(`option '--${first.name}' doesn't allow an argument`);
    if (first.takes !== 'required' || value !== null) return { opt: first.val, arg: value };
    return this.#nextWord(first.val) ?? this.#wrong(`option '--${first.name}' requires an argument`);
  }

  /** The option of that name, or those that it is the beginning of. */
  #candidates(name: string): readonly LongOption[] {
    const exact = this.#long.find(option => option.name === name);
    return exact === undefined ? this.#long.filter(option => option.name.startsWith(name)) : [exact];
  }

  #wrong(message: string): Option {
    return { opt: '?', arg: null, error: `${this.#argv[0] ?? ''}: ${message}\n` };
  }
}

/** `-` alone is an operand: standard input, by custom. */
const isOption = (word: string): boolean => word.length > 1 && word.startsWith('-');
