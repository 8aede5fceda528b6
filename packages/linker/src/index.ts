export { LinkError, type LinkComplaintAt } from './errors.js';
export { flatOf, registerFlat, watchRows, type Flat, type FlatTree } from './flat.js';
export { definitionsOf, link, linkErrors, linkUnchecked, provenBy, relink, type Kernel } from './link.js';
export { declareSymbols } from './table.js';
export { injectError, replaceSymbol, type Injection } from './replace.js';
export { defineBase, definePatch, Series, type Base, type Definition, type Definitions, type Origin } from './series.js';
export { handsOnSleep } from './sleep.js';
export { callGraph, symbolTable, type SymbolRow } from './symbols.js';
export { formatTrace, traceGraph, valueText, type TraceEvent } from './trace.js';
export type {
  Agrees, AnyPatch, Calls, Changed, KernelFunction, LinkComplaint, ObjectFiles, Over, Patch, PushCheck, SymbolsOf, SymbolsOfPatch,
} from './types.js';
