/** What a patch uses that another brought: functions it calls, names it imports. */
import { callGraph, linkErrors, Series } from '@pmkit/linker';
import { base } from '@pmkit/mm-core';
import { readModule } from '../source/module.js';
import { packageSources } from '../source/packages.js';
import type { UseWitness } from './model.js';
import type { LoadedPatch } from './patches.js';

/** A name that a module of one patch imports from the package of another. */
export interface Import {
  readonly symbol: string;
  readonly of: string;
  readonly patch: string;
  /** The importing module below `src`: `mm/mmigrate.ts`. */
  readonly module: string;
  readonly isType: boolean;
}

/** A use, and between whom. */
export interface Use extends UseWitness { readonly patch: string; readonly needs: string }

/** The imports between the packages of the patches. Manifests, the index.ts of each, are not text of the kernel. */
export function importsBetween(patches: readonly LoadedPatch[]): Import[] {
  const owners = new Map(patches.map(({ name, entry }) => [entry.package, name]));
  return patches.flatMap(({ name: patch, entry }) =>
    [...packageSources(entry.package)].filter(([module]) => module !== 'index.ts').flatMap(([module, text]) =>
      readModule(text).imports.flatMap(({ from, names }) => {
        const of = owners.get(/^@[^/]+\/[^/]+/.exec(from)?.[0] ?? '');
        return of === undefined || of === patch ? [] : names.map(({ imported, isType }): Import => ({ symbol: imported, of, patch, module, isType }));
      })));
}

/** The imports as uses, but for those that a patch in between has in the same module: who writes the function anew copies them along. */
export function importUses(patches: readonly LoadedPatch[], imports: readonly Import[]): Use[] {
  const at = new Map(patches.map(({ name }, index) => [name, index]));
  const isInherited = ({ symbol, of, patch, module }: Import): boolean =>
    imports.some(other => other.symbol === symbol && other.of === of && other.module === module && at.get(other.patch)! < at.get(patch)!);
  return imports.filter(found => !isInherited(found)).map(({ symbol, of, patch, module, isType }) => ({ patch, needs: of, how: isType ? 'type' : 'imports', symbol, by: module }));
}

/** Calls that a patch brings of functions that an earlier one added, or gave another prototype. */
export function callUses(patches: readonly LoadedPatch[]): Use[] {
  const uses: Use[] = [];
  let below: Pick<Series<string, unknown>, 'definitions' | 'pushUnchecked'> = Series.of(base);
  let callsBelow = callGraph(below);
  for (const [at, { name: patch, patch: manifest, symbols }] of patches.entries()) {
    const stack = below.pushUnchecked(manifest);
    const calls = callGraph(stack);
    // who calls by the prototype of before does not use the new one
    const wrong = new Set(linkErrors(stack.definitions, { m: undefined }).map(({ caller, callee }) => `${caller} ${callee}`));
    for (const { name: by } of symbols) {
      const before = new Set(callsBelow.get(by) ?? []);
      const fresh = (calls.get(by) ?? []).filter(callee => !before.has(callee) && !wrong.has(`${by} ${callee}`));
      uses.push(...fresh.flatMap(symbol => broughtBy(patches.slice(0, at), symbol).map(({ needs, how }) => ({ patch, needs, how, symbol, by }))));
    }
    below = stack;
    callsBelow = calls;
  }
  return uses;
}

/** Who added a function, and who gave it the prototype that it has now. */
function broughtBy(below: readonly LoadedPatch[], symbol: string): Pick<Use, 'needs' | 'how'>[] {
  return ([['adds', 'calls'], ['reprototypes', 'prototype']] as const).flatMap(([change, how]) => {
    const by = below.findLast(({ symbols }) => symbols.some(other => other.name === symbol && other.change === change));
    return by === undefined ? [] : [{ needs: by.name, how }];
  });
}
