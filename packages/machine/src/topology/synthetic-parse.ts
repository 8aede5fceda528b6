/**
 * The grammar of hwloc's synthetic descriptions (hwloc_backend_synthetic_init() in hwloc/topology-synthetic.c of hwloc 2, "Synthetic
 * topologies" in its documentation):
 *
 *     numa:4 core:2 pu:1                          levels from the outside in: a type, and how many in each object of the level above
 *     2 4 2                                       without types hwloc chooses them: here package, NUMA node and PU
 *     NUMANode:4(memory=512MB indexes=0,2,1,3) …  attributes
 *     pack:2 [NUMANode(memory=16GB)] core:4 pu:2  memory hangs beside the cores of what stands before it, as in hwloc 2
 *
 * Type names may be cut to two letters (pu, co, nu) and are not case sensitive.
 */
import { show, TopologyError } from './error.js';

export type LevelType = 'group' | 'package' | 'die' | 'numa' | 'cache' | 'core' | 'pu' | 'unspecified';

/** Attributes that matter here; sizes of caches are read and forgotten. */
export interface Attributes { readonly memory?: number; readonly indexes?: string }

export interface Level {
  readonly type: LevelType;
  /** As it was written, for errors and for names in `indexes=`. */
  readonly name: string;
  /** Within one object of the level above. */
  readonly count: number;
  readonly attributes: Attributes;
  /** Memory attached to each object of this level. */
  readonly attached: Attributes[];
}

export interface Description { readonly levels: readonly Level[]; /** Attached to the machine as a whole. */ readonly attached: readonly Attributes[] }

/** hwloc's own limit. */
const MAX_LEVELS = 128;

const TYPES: readonly (readonly [string, LevelType])[] = [
  ['numanode', 'numa'], ['node', 'numa'], ['package', 'package'], ['socket', 'package'], ['die', 'die'], ['core', 'core'], ['pu', 'pu'],
  ['tile', 'group'], ['module', 'group'],
];
/** hwloc's units: powers of 1000, or of 1024 where there is an i. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40,
};

/** hwloc_type_sscanf(), for the types that may stand in a description. */
export function levelType(word: string): LevelType | undefined {
  const lower = word.toLowerCase();
  if (/^l[1-5][uid]?(c|ca|cac|cach|cache)?$/.test(lower)) return 'cache';
  if (/^gr(o|ou|oup)?\d*$/.test(lower)) return 'group';
  if (lower.length < 2) return undefined;
  return TYPES.find(([name]) => name.startsWith(lower))?.[1];
}

/** @throws TopologyError whose file is the description itself. */
export function parseSynthetic(text: string): Description {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Description {
    const levels: Level[] = [];
    const ofMachine: Attributes[] = [];
    // attributes of the machine: nothing of them matters
    if (this.#text[this.#at] === '(') this.#attributes('machine');
    for (;;) {
      this.#blanks();
      if (this.#at === this.#text.length) break;
      if (this.#text[this.#at] === '[') (levels.at(-1)?.attached ?? ofMachine).push(this.#attachment());
      else if (levels.length === MAX_LEVELS - 1) this.#fail('levels', `more than ${MAX_LEVELS - 1}`, `at most ${MAX_LEVELS - 1}`);
      else levels.push(this.#level(levels.length + 1));
    }
    return { levels, attached: ofMachine };
  }

  #level(number: number): Level {
    const name = this.#take(/[A-Za-z][A-Za-z0-9]*/y);
    const field = `level ${number}${name === '' ? '' : ` (${name})`}`;
    const type = name === '' ? 'unspecified' : levelType(name);
    if (type === undefined) this.#fail(field, show(name), 'a type: NUMANode, Package, Die, L1 to L5, Core, PU or Group');
    if (name !== '') this.#expect(field, ':');
    const digits = this.#take(/\d+/y);
    const count = Number(digits);
    if (digits === '' || digits.length > 9 || count === 0) this.#fail(field, this.#rest(digits), 'a number of objects from 1 on');
    const attributes = this.#text[this.#at] === '(' ? this.#attributes(field) : {};
    const next = this.#text[this.#at];
    if (next !== undefined && !' \n['.includes(next)) this.#fail(field, this.#rest(), 'a blank and the next level');
    return { type, name, count, attributes, attached: [] };
  }

  #attachment(): Attributes {
    this.#at++;
    const name = this.#take(/[A-Za-z][A-Za-z0-9]*/y);
    if (levelType(name) !== 'numa') this.#fail('attached object', this.#rest(name), 'NUMANode');
    const attributes = this.#text[this.#at] === '(' ? this.#attributes('attached NUMANode') : {};
    this.#expect('attached NUMANode', ']');
    return attributes;
  }

  /** `(memory=1GB indexes=0,1)`. */
  #attributes(field: string): Attributes {
    this.#at++;
    const read: { memory?: number; indexes?: string } = {};
    while (this.#text[this.#at] !== ')') {
      const key = this.#take(/[a-z]+/y);
      this.#expect(field, '=');
      const value = this.#take(/[^ )\]]+/y);
      if (key === 'indexes') read.indexes = value;
      else if (key === 'memory' || key === 'size' || key === 'memorysidecachesize') {
        const bytes = this.#bytes(`${field} ${key}`, value);
        if (key === 'memory') read.memory = bytes;
      } else this.#fail(field, show(`${key}=`), 'memory=, size=, memorysidecachesize= or indexes=');
      if (this.#text[this.#at] === ' ') this.#at++;
      else if (this.#text[this.#at] !== ')') this.#fail(field, this.#rest(), 'a blank or ) behind the attribute');
    }
    this.#at++;
    return read;
  }

  #bytes(field: string, value: string): number {
    const match = /^(\d{1,15})([A-Za-z]*)$/.exec(value);
    const unit = UNITS[match?.[2]?.toLowerCase() ?? '?'];
    const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
    return Number.isSafeInteger(bytes) ? bytes : this.#fail(field, show(value), 'bytes, or a number with kB, MB, GB, TB, kiB, MiB, GiB or TiB');
  }

  #blanks(): void {
    this.#take(/[ \n]*/y);
  }
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
  #expect(field: string, character: string): void {
    if (this.#text[this.#at] !== character) this.#fail(field, this.#rest(), `'${character}'`);
    this.#at++;
  }
  #rest(taken = ''): string {
    const rest = taken + this.#text.slice(this.#at);
    return rest === '' ? 'the end' : show(rest);
  }
  #fail(field: string, found: string, expected: string): never {
    throw new TopologyError({ file: this.#text, field, found, expected });
  }
}
