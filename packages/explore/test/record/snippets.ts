/** Pieces of code, as they stand and as the printer prints them, and footprints that can be read. */
import { lower } from '../../record/lower.js';
import { printModule } from '../../record/print.js';
import { nameOf } from '../../src/record/names.js';
import type { Footprint, Value } from '../../src/record/footprint.js';
import { fieldNames, KIND, LENGTH, memberKey, ORDER, SIZE } from '../../src/record/keys.js';
import { recorder } from '../../src/record/recorder.js';
import * as runtime from '../../src/record/runtime.js';

type Test = (this: unknown, o: never) => unknown;

const load = (code: string): Test =>
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- code under test
  new Function('$runtime', `${code.replaceAll('export ', '')}\nreturn test;`)(runtime) as Test;

/** A module that exports `test`, as it stands. */
export const plainSnippet = (code: string): Test => load(code);

/** The same, printed. */
export async function printedSnippet(code: string): Promise<Test> {
  const printed = printModule(await lower(code, 'snippet.ts'), 'runtime', { file: 'snippet.ts' });
  return load(printed.replace(/^import \{(.*)\} from "runtime";/, (_, names: string) => `const {${names.replaceAll(' as ', ': ')}} = $runtime;`));
}

const isGenerator = (value: unknown): value is Generator => Object.prototype.toString.call(value) === '[object Generator]';

/** What a function returns, and what it yields on the way; it is given 10, 20, … in return. */
export function outcomeOf(test: Test, o: object, self?: object): { result: unknown; yields: unknown[] } {
  const result = test.call(self, o as never);
  if (!isGenerator(result)) return { result, yields: [] };
  const yields: unknown[] = [];
  for (;;) {
    const step = result.next(10 * yields.length);
    if (step.done === true) return { result: step.value, yields };
    yields.push(step.value);
  }
}

export interface Readable { readonly reads: Record<string, Value>; readonly writes: Record<string, [Value, Value]>; readonly adds: Record<string, number> }

/** A run of a function that is recorded as one step, after everything below `o` has got its name. */
export function record(test: Test, o: object, self?: object): Readable & { result: unknown; yields: unknown[] } {
  recorder.nameAll(o);
  const places = new Places(o);
  recorder.begin(0, 0);
  let outcome;
  let footprint: Footprint;
  try {
    outcome = outcomeOf(test, o, self);
  } finally {
    footprint = recorder.end();
  }
  return { ...outcome, ...places.read(footprint) };
}

/** Names of locations: paths from `o`; objects that a step has made are `new`. */
class Places {
  readonly #paths = new Map<number, string>();
  readonly #labels = new Map<string, string>();
  readonly #words = new Map<number, number>();
  readonly #lists = new Set<number>();

  constructor(o: object) {
    this.#walk('o', o);
  }
  #walk(path: string, o: unknown): void {
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null) return;
    const named = nameOf(o)!;
    if (this.#labels.has(named.label)) return;
    this.#labels.set(named.label, path);
    if (!this.#paths.has(named.id)) this.#paths.set(named.id, path);
    if (Array.isArray(o)) this.#lists.add(named.id);
    if (ArrayBuffer.isView(o)) this.#words.set(named.id, named.width);
    else if (o instanceof Map) for (const [key, item] of o as Map<unknown, unknown>) this.#walk(`${path}(${String(key)})`, item);
    else if (!(o instanceof Set)) for (const [key, item] of Object.entries(o)) this.#walk(`${path}.${key}`, item);
  }
  #location(location: number): string {
    const id = Math.floor(location / 2 ** 27);
    const key = location % 2 ** 27;
    const path = this.#paths.get(id) ?? 'new';
    const width = this.#words.get(id);
    if (width !== undefined) return `${path}.${key / width}`;
    const special = new Map([[LENGTH, 'length'], [ORDER, 'ORDER'], [SIZE, 'size'], [KIND, 'KIND']]).get(key);
    return `${path}.${special ?? (this.#lists.has(id) ? String(key) : keyName(key))}`;
  }
  #value(value: Value): Value {
    return typeof value === 'string' && value.startsWith('o:') ? (this.#labels.get(value) ?? 'new') : value;
  }
  #learn({ writeLoc, writeNew }: Footprint): void {
    writeLoc.forEach((location, i) => {
      if (location % 2 ** 27 === KIND && writeNew[i] === 's:Array') this.#lists.add(Math.floor(location / 2 ** 27));
    });
  }
  read(footprint: Footprint): Readable {
    this.#learn(footprint);
    const { readLoc, readVal, writeLoc, writeOld, writeNew, incLoc, incDelta } = footprint;
    return {
      reads: Object.fromEntries(readLoc.map((location, i) => [this.#location(location), this.#value(readVal[i]!)])),
      writes: Object.fromEntries(writeLoc.map((location, i) => [this.#location(location), [this.#value(writeOld[i]!), this.#value(writeNew[i]!)]])),
      adds: Object.fromEntries(incLoc.map((location, i) => [this.#location(location), incDelta[i]!])),
    };
  }
}

/** Members of Maps and Sets and names of fields have numbers of their own. */
function keyName(key: number): string {
  const member = ['a', 'b', 'c', 0, 1, 2, 3].find(candidate => memberKey(candidate) === key);
  return member === undefined ? String(fieldNames[key]) : `(${member})`;
}
