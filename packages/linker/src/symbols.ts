/** What a tree defines and who calls whom. */
import { scanCalls } from './scan.js';
import type { Definitions, Origin } from './series.js';
import { isGenerator, isHandingOn } from './sleep.js';

/** A row of the symbol table. */
export interface SymbolRow {
  readonly name: string;
  readonly kind: 'function' | 'data';
  /** Kernel file of the definition that is linked. */
  readonly file: string;
  /** Base tree or patch that wrote that definition, and its npm package. */
  readonly patch: string;
  readonly package: string;
  /** Parameters, 0 for data. */
  readonly arity: number;
  /** Whether it may sleep: itself, or in a function whose generator it hands on. */
  readonly maySleep: boolean;
  /** Earlier definitions, oldest first. */
  readonly history: readonly Origin[];
}

type SourceFunction = (...args: never[]) => unknown;

/** All symbols, by name. */
export function symbolTable(series: { readonly definitions: Definitions }): SymbolRow[] {
  const rows = [...series.definitions.values()].map(({ name, value, origin, history }): SymbolRow => ({
    name, kind: typeof value === 'function' ? 'function' : 'data', file: origin.file, patch: origin.patch, package: origin.package,
    arity: typeof value === 'function' ? value.length : 0, maySleep: isGenerator(value) || isHandingOn(value), history,
  }));
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Caller → the symbols it calls, each once, in the order of their first call. Calls through operation tables are not seen. */
export function callGraph(series: { readonly definitions: Definitions }): Map<string, readonly string[]> {
  const graph = new Map<string, readonly string[]>();
  for (const { name, value } of series.definitions.values()) {
    if (typeof value !== 'function') continue;
    graph.set(name, [...new Set(scanCalls(value as SourceFunction).map(call => call.callee).filter(callee => series.definitions.has(callee)))]);
  }
  return graph;
}
