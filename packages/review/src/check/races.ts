/** A quick search through the races of the kit: which of them fail with a patch, and did not below it. */
import { explore, type Race } from '@pmkit/explore';
import type { Tree } from '@pmkit/series/catalogue';
import { checkOf, counted, type Check, type CheckCase } from './model.js';

/** States at most in each tree: enough for all races of the kit but the longest. */
const LIMIT = 2000;

export function checkRaces(races: readonly Race[], below: Tree, tree: Tree): Check {
  const cases = races.map(race => raceCase(race, below, tree));
  return checkOf('races', cases, odd => `${counted(races.length, 'race')}: ${odd === 0 ? 'none fails that did not fail below the patch' : `${odd} ${odd === 1 ? 'fails' : 'fail'} in a way not seen below the patch`}`);
}

function raceCase(race: Race, below: Tree, tree: Tree): CheckCase {
  const { exhaustive, failures } = search(race, tree);
  const before = new Set(search(race, below).failures);
  const fresh = failures.filter(failure => !before.has(failure));
  const scope = exhaustive ? 'every order of its steps' : `${LIMIT} states, not all`;
  return fresh.length === 0
    ? { name: race.name, status: 'pass', text: `no failure that was not seen below the patch (${scope})`, place: null }
    : { name: race.name, status: 'warn', text: `${fresh.join('; ')} (${scope})`, place: null };
}

function search(race: Race, tree: Tree): { readonly exhaustive: boolean; readonly failures: readonly string[] } {
  const { exhaustive, endings } = explore(race, tree, { limit: LIMIT });
  return { exhaustive, failures: [...new Set(endings.flatMap(({ failures }) => failures))] };
}
