/**
 * The series without some of its patches, as a stack that can be linked.
 *
 * A package holds a whole function, the text of earlier patches included, so to leave patch 5 out is not only not to push it: what patches 8 and 9 made of the system
 * call still has its lines. Such a patch has to go too, as with quilt, where its hunks are not applied. So has one that replaces what is not there, one that
 * uses an undeclared name, and one with a call that does not link. What remains contains nothing of what was left out, and builds.
 */
import { LinkError, linkErrors, Series, type AnyPatch, type Definitions } from '@pmkit/linker';
import { base } from '@pmkit/mm-core';
import type { Gone } from './model.js';
import type { LoadedPatch } from './patches.js';
import type { Overlap } from './textual.js';
import type { Import } from './uses.js';

/** How patches hang together in the text. */
export interface Ties { readonly overlaps: readonly Overlap[]; readonly imports: readonly Import[] }

/**
 * The patches that have to go when those of `out` are left out.
 * @param patches the whole series.
 * @throws {LinkError} when not even the tree below the series links.
 */
export function goneWithout(patches: readonly LoadedPatch[], out: ReadonlySet<string>, ties: Ties): Gone[] {
  const gone = new Map<string, readonly string[]>();
  for (;;) {
    const complaints = complaintsWithout(patches, new Set([...out, ...gone.keys()]), ties);
    if (complaints.size === 0) break;
    for (const [patch, why] of complaints) gone.set(patch, why);
  }
  return patches.flatMap(({ name }) => (gone.has(name) ? [goneOf(patches, name, gone.get(name)!, out, ties)] : []));
}

/** A patch goes for want of these when it does so with nothing above it that would have to go too, and would hide it. */
function goneOf(patches: readonly LoadedPatch[], patch: string, why: readonly string[], out: ReadonlySet<string>, ties: Ties): Gone {
  const last = patches.findLastIndex(({ name }) => name === patch || out.has(name));
  const direct = complaintsWithout(patches.slice(0, last + 1), out, ties).get(patch);
  return { patch, direct: direct !== undefined, why: direct ?? why };
}

/** The tree without patches of which nothing else hangs. */
export function definitionsWithout(patches: readonly LoadedPatch[], absent: ReadonlySet<string>): Definitions {
  let stack: Stack = Series.of(base);
  for (const { name, patch } of patches) if (!absent.has(name)) stack = pushAnywhere(stack, patch);
  return stack.definitions;
}

type Stack = Pick<Series<string, unknown>, 'definitions' | 'pushUnchecked' | 'top'>;

/** @throws {LinkError} when it replaces what is not there, or adds what is. */
const pushAnywhere = (stack: Stack, patch: AnyPatch): Stack => stack.pushUnchecked({ ...patch, after: stack.top });

/** What is wrong with each patch that is still to be pushed, by name. Whether all links is only asked when all can be pushed. */
function complaintsWithout(patches: readonly LoadedPatch[], absent: ReadonlySet<string>, ties: Ties): Map<string, string[]> {
  const complaints = new Map<string, string[]>();
  let stack: Stack = Series.of(base);
  for (const { name, patch } of patches.filter(loaded => !absent.has(loaded.name))) {
    const why = textComplaints(patches, name, absent, ties);
    try {
      stack = pushAnywhere(stack, patch);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      why.push(error.message);
    }
    if (why.length > 0) complaints.set(name, why);
  }
  return complaints.size > 0 ? complaints : linkComplaints(stack.definitions);
}

/** Symbols that the patch wrote over an absent one's, and names of absent ones that it does not have. */
function textComplaints(patches: readonly LoadedPatch[], patch: string, absent: ReadonlySet<string>, ties: Ties): string[] {
  const labelOf = (name: string): string => patches.find(loaded => loaded.name === name)!.label;
  const over = ties.overlaps.flatMap(({ patch: by, needs, file, symbol }) =>
    by === patch && absent.has(needs) && symbol !== null ? [`${file}: the hunks in ${symbol}() are made over those of patch ${labelOf(needs)}`] : []);
  const undeclared = ties.imports.flatMap(({ patch: by, of, symbol, module, isType }) =>
    by === patch && absent.has(of) && !isType ? [`${module}: error: \`${symbol}' undeclared`] : []);
  return [...over, ...undeclared];
}

/** What does not link, by the patch that wrote the caller. */
function linkComplaints(definitions: Definitions): Map<string, string[]> {
  const complaints = new Map<string, string[]>();
  const errors = linkErrors(definitions, { m: undefined });
  for (const { caller, message } of errors) {
    const patch = definitions.get(caller)?.origin.patch ?? base.name;
    if (patch === base.name) throw new LinkError(errors);
    complaints.set(patch, [...(complaints.get(patch) ?? []), message]);
  }
  return complaints;
}
