/** Whether a patch applies and builds, and what it does to prototypes. */
import { linkErrors, LinkError, symbolTable, type Definitions, type LinkComplaintAt, type SymbolRow } from '@pmkit/linker';
import { loadPatch, touchedFiles, treeOf, type PatchEntry, type SymbolChange } from '@pmkit/series/stack';
import { checkOf, counted, type Check, type CheckCase } from './model.js';
import type { Places } from './places.js';

/** A patch, and the patches below it in the order of the series. */
export interface Subject { readonly entry: PatchEntry; readonly below: readonly PatchEntry[]; readonly hotplug: readonly PatchEntry[]; readonly places: Places }

export interface Applied { readonly check: Check; /** null when it does not apply. */ readonly definitions: Definitions | null }

export async function checkApply({ entry, below }: Subject): Promise<Applied> {
  const on = below.at(-1)?.name ?? 'the tree below the series';
  const done = (status: 'pass' | 'fail', text: string, definitions: Definitions | null): Applied =>
    ({ check: checkOf('apply', [{ name: `applies on ${on}`, status, text, place: null }], () => text), definitions });
  try {
    return done('pass', `applies on ${on}`, await treeOf([...below, entry]));
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return done('fail', error.message, null);
  }
}

/** Builds the tree that the patch makes, and that tree with the patches of the hotplug project where they are not in it yet. */
export async function checkBuild({ entry, below, hotplug, places }: Subject, definitions: Definitions): Promise<Check> {
  const own = buildCase('the tree', linkErrors(definitions, { m: undefined }), 'fail', definitions, places);
  const cases = [own];
  const missing = hotplug.filter(other => other !== entry && !below.includes(other));
  if (entry.number !== undefined && missing.length > 0) {
    const [without, tree] = await Promise.all([treeOf([...below, ...missing]), treeOf([...below, entry, ...missing])]);
    // a tree that did not build before is not this patch's
    if (linkErrors(without, { m: undefined }).length === 0) cases.push(buildCase('the tree with the hotplug patches', linkErrors(tree, { m: undefined }), 'warn', tree, places));
  }
  return checkOf('build', cases, () => cases.map(({ name, status }) => `${name} ${status === 'pass' ? 'builds' : 'does not build'}`).join('; '));
}

function buildCase(name: string, errors: readonly LinkComplaintAt[], otherwise: 'warn' | 'fail', definitions: Definitions, places: Places): CheckCase {
  const [first] = errors;
  if (first === undefined) return { name, status: 'pass', text: 'builds', place: null };
  const caller = definitions.get(first.caller);
  return { name, status: otherwise, text: errors.map(({ message }) => message).join('\n'), place: caller === undefined ? null : places(caller.name, caller.origin.package) };
}

/** Functions that the patch writes anew: the same parameters as before, unless it says that it changes them; and the same answer to whether they may sleep. */
export async function checkPrototypes({ entry, below, places }: Subject, definitions: Definitions): Promise<Check> {
  const [before, patch, files] = await Promise.all([treeOf(below), loadPatch(entry), touchedFiles(entry, below)]);
  const rowsBefore = new Map(symbolTable({ definitions: before }).map(row => [row.name, row]));
  const rows = new Map(symbolTable({ definitions }).map(row => [row.name, row]));
  const functions = files.flatMap(({ symbols }) => symbols).filter(({ change, isFunction }) => change !== 'adds' && isFunction);
  const cases = functions.map(symbol => prototypeCase(symbol, rowsBefore.get(symbol.name)!, rows.get(symbol.name)!, places(symbol.name, patch.package)));
  const changed = functions.filter(({ change }) => change === 'reprototypes').length;
  return checkOf('prototypes', cases, () => (functions.length === 0 ? 'no function is written anew' : `${counted(functions.length - changed, 'prototype')} kept, ${changed} changed`));
}

function prototypeCase({ name, change }: SymbolChange, before: SymbolRow, now: SymbolRow, place: CheckCase['place']): CheckCase {
  const sleep = ({ maySleep }: SymbolRow): string => (maySleep ? 'may sleep' : 'cannot sleep');
  const parameters = before.arity === now.arity ? counted(now.arity, 'parameter') : `${counted(before.arity, 'parameter')} before, ${now.arity} now`;
  const sleeps = before.maySleep === now.maySleep ? sleep(now) : `it ${sleep(before)} before, and ${sleep(now)} now`;
  const isKept = change === 'reprototypes' || before.arity === now.arity;
  return { name, status: !isKept ? 'fail' : before.maySleep === now.maySleep ? 'pass' : 'warn', text: `${parameters}; ${sleeps}`, place };
}
