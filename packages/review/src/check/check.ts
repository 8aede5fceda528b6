/** All checks of a patch. */
import type { Race } from '@pmkit/explore';
import { behaviours as catalogue, type Behaviour } from '@pmkit/series/catalogue';
import type { PatchEntry } from '@pmkit/series/stack';
import { checkApply, checkBuild, checkPrototypes, type Subject } from './build.js';
import { checkCatalogue, treesOf } from './behaviours.js';
import { worst, type Check, type CheckReport } from './model.js';
import { placesIn, type Layout } from './places.js';
import { checkRaces } from './races.js';

export interface CheckOptions {
  /** Where places are: in the kit's repository (default), or in an exported one. */
  readonly layout?: Layout;
  /** Default: the catalogue. */
  readonly behaviours?: readonly Behaviour[] | undefined;
  /** Races that are searched as well. Default: none. */
  readonly races?: readonly Race[];
}

/**
 * Checks a patch where it stands in the series.
 * @param entries the whole series.
 */
export async function checkPatch(entries: readonly PatchEntry[], entry: PatchEntry, { layout = 'kit', behaviours = catalogue, races = [] }: CheckOptions = {}): Promise<CheckReport> {
  const below = entries.slice(0, entries.indexOf(entry));
  const places = placesIn(layout, [...below, entry]);
  const subject: Subject = { entry, below, hotplug: entries.filter(({ number }) => number === undefined), places };
  const { check, definitions } = await checkApply(subject);
  const checks: Check[] = [check];
  if (definitions !== null) {
    checks.push(await checkBuild(subject, definitions), await checkPrototypes(subject, definitions), ...checkCatalogue(entry, behaviours, places));
    if (races.length > 0) checks.push(checkRaces(races, ...treesOf(entry)));
  }
  return { patch: entry.name, number: entry.number ?? null, summary: entry.summary, status: worst(checks), checks };
}
