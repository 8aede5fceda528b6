/**
 * The object that a kernel is: a row for each symbol, whichever tree it is linked from.
 *
 * V8 takes an object to which several hundred properties are added for a dictionary, and a kernel in that slow form costs ten times as much a call. And all kernels must have one hidden class,
 * so that code that runs at several levels stays fast.
 */
import type { Definitions } from './series.js';
import type { KernelFunction } from './types.js';

export type Table = Record<string, unknown>;

/** What a tree's rows hold, in the order of the universe. */
type Rows = readonly unknown[];

/** Every symbol that any level of a universe defines, in one order. */
const universes: Set<string> = new Set();

export const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Makes room for the symbols of further series; call it for the largest one before linking.
 * @throws {TypeError} for a name that is no identifier; none is declared then.
 */
export function declareSymbols(names: Iterable<string>): void {
  const list = [...names];
  const odd = list.find(name => !IDENTIFIER.test(name));
  if (odd !== undefined) throw new TypeError(`expected an identifier as the name of a symbol, found '${odd}'`);
  for (const name of list) universes.add(name);
}

const missing = new Map<string, KernelFunction>();
/** What is called where a level does not have the symbol. */
function missingRow(name: string): KernelFunction {
  let row = missing.get(name);
  if (row === undefined) {
    row = () => {
      throw new Error(`${name}() is not linked at this level`);
    };
    missing.set(name, row);
  }
  return row;
}

const rowsOfTrees = new WeakMap<Definitions, Rows>();
/** The rows of a tree. The universe only grows: by symbols of this tree that nobody has declared, too. */
export function rowsOf(definitions: Definitions): Rows {
  const known = rowsOfTrees.get(definitions);
  if (known?.length === universes.size) return known;
  let defined = 0;
  const rows = [...universes].map((name) => {
    const definition = definitions.get(name);
    if (definition === undefined) return missingRow(name);
    defined++;
    return definition.value;
  });
  if (defined < definitions.size) {
    declareSymbols([...definitions.keys()].filter(name => !universes.has(name)).sort());
    return rowsOf(definitions);
  }
  rowsOfTrees.set(definitions, rows);
  return rows;
}

/** Points the rows of a kernel elsewhere. `before`: what they hold, where that is known. */
export function pointRows(kernel: Table, rows: Rows, before?: Rows): void {
  let i = 0;
  for (const name of universes) {
    if (rows[i] !== before?.[i]) kernel[name] = rows[i];
    i++;
  }
}

/** Makes tables of one hidden class. */
interface Printer {
  readonly key: string;
  readonly print: (rows: Rows) => Table;
}
let printer: Printer | undefined;

/** A kernel with these rows and without state. */
export function newTable(stateNames: readonly string[], rows: Rows): Table {
  const key = `${universes.size} ${stateNames.join()}`;
  if (printer?.key !== key) printer = { key, print: newPrinter(stateNames) };
  return printer.print(rows);
}

/** Times after which V8 remembers at a place in the program what it has met there. */
const WARM = 200;

/**
 * What copies tables. All copies of one table have one hidden class by what V8 has learnt at the place that copies: so each class of tables has a place of its own, in use before the first of
 * them. Where code may not be made from text, all classes share one.
 */
function newCopier(): (table: Table) => Table {
  let copy: (table: Table) => Table;
  try {
    // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- see above
    copy = new Function('return table => ({ ...table })')() as (table: Table) => Table;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    copy = table => ({ ...table });
  }
  for (let i = 0; i < WARM; i++) copy({});
  return copy;
}

/** The same object in the fast form: V8 brings a prototype into it when something is looked up there, at a place that it has begun to learn from. */
function inFastForm(table: Table): Table {
  const inheriting = Object.create(table) as Table;
  for (let i = 0; i < WARM; i++) void inheriting['m'];
  return table;
}

/** Writing all properties makes a hidden class for each; so that is done for one table, in the slow form, and the others are copies. */
function newPrinter(stateNames: readonly string[]): Printer['print'] {
  const copy = newCopier();
  let master: { readonly table: Table; readonly rows: Rows } | undefined;
  return (rows) => {
    if (master === undefined) {
      const table: Table = Object.fromEntries(stateNames.map(name => [name, undefined]));
      pointRows(table, rows);
      // what is no prototype is copied a hundred times as fast
      master = { table: copy(inFastForm(table)), rows };
    }
    const table = copy(master.table);
    if (rows !== master.rows) pointRows(table, rows, master.rows);
    return table;
  };
}
