/**
 * Lists of nodes and CPUs as numactl(8) takes them: `0-3,5`, `all`, `!0-1`, `+0-1`.
 *
 * Source: __numa_parse_nodestring() and __numa_parse_cpustring() of libnuma.c (numactl 2.0.16), defects included: `!` turns round
 * the numbers below the count of configured ones, whether or not such a node exists, and `all` forgets what stood in front of it.
 */
import { strtoul } from './strtoul.js';

/** What the numbers may be. */
export interface ListRules {
  readonly what: 'node' | 'cpu';
  /** Those that the task may use, ascending: `all`, and what `+` counts in. */
  readonly allowed: readonly number[];
  /** How many there are: `!` is about 0 … configured - 1. */
  readonly configured: number;
  /** Bits of the kernel's mask. */
  readonly size: number;
}

export type NodeList =
  /** Ascending; may be empty. */
  | { readonly numbers: readonly number[] }
  /** No list. `warning` is libnuma's text for it, with the newline that some have; null when it says nothing. */
  | { readonly warning: string | null }
  /** Not a number but a device whose node is meant: `file:PATH`, `netdev:DEV`, `ip:HOST`, `block:DEV`, `pci:ADDRESS`. */
  | { readonly device: string };

const DEVICE = /^(?:netdev|ip|file|block|pci):/;

export function parseNodeList(text: string, rules: ListRules): NodeList {
  if (text === '') return { numbers: [] };
  const [, invert, relative] = /^(!?)(\+?)/.exec(text) as unknown as [string, string, string];
  const parser = new Parser(text, invert.length + relative.length, relative !== '', rules);
  const wrong = parser.run();
  if (wrong !== null) return wrong;
  const { found } = parser;
  if (invert !== '') {
    for (let i = 0; i < rules.configured; i++) if (!found.delete(i)) found.add(i);
  }
  return { numbers: [...found].sort((a, b) => a - b) };
}

class Parser {
  readonly found = new Set<number>();
  readonly #text: string;
  readonly #relative: boolean;
  readonly #rules: ListRules;
  readonly #allowed: ReadonlySet<number>;
  #at: number;

  constructor(text: string, at: number, relative: boolean, rules: ListRules) {
    this.#text = text;
    this.#at = at;
    this.#relative = relative;
    this.#rules = rules;
    this.#allowed = new Set(rules.allowed);
  }

  /** Reads to the end. @returns null, or what is wrong or not for us. */
  run(): NodeList | null {
    const { what, allowed } = this.#rules;
    do {
      const rest = this.#text.slice(this.#at);
      if (rest === 'all') {
        this.found.clear();
        for (const number of allowed) this.found.add(number);
        return null;
      }
      if (what === 'node' && DEVICE.test(rest)) return { device: rest };
      const wrong = this.#element();
      if (wrong !== null) return { warning: wrong };
    } while (this.#text[this.#at++] === ',');
    return this.#at > this.#text.length ? null : { warning: null };
  }

  /** `3` or `3-5`. Numbers inside a range that are not allowed are left out. @returns null or a warning. */
  #element(): string | null {
    const { what, allowed } = this.#rules;
    const rest = this.#text.slice(this.#at);
    const first = this.#number();
    if (first === null) return `unparseable ${what} description \`${rest}'\n`;
    if (!this.#allowed.has(first)) return `${what} argument ${what === 'node' ? first : rest} is out of range\n`;
    this.found.add(first);
    if (this.#text[this.#at] !== '-') return null;
    const end = this.#text.slice(++this.#at);
    const last = this.#number();
    if (last === null) return `missing ${what} argument ${end}\n`;
    if (!this.#allowed.has(last)) return `${what} argument ${what === 'node' ? last : end} out of range\n`;
    for (const number of allowed) if (number >= first && number <= last) this.found.add(number);
    return null;
  }

  /** get_nr(), as an int: the number, or with `+` the allowed one at that place; null when there is none to read. */
  #number(): number | null {
    const { value, end } = strtoul(this.#text, this.#at);
    if (end === this.#at) return null;
    this.#at = end;
    const nr = Number(BigInt.asIntN(32, value));
    if (!this.#relative) return nr;
    return nr < 0 ? -1 : this.#rules.allowed[nr] ?? this.#rules.size;
  }
}
