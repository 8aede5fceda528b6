/** pmkit bisect --behaviour: a behaviour of the catalogue in the place of a command. */
import { doesNotBuild, type Judgement } from '@pmkit/series/bisect';
import { findBehaviour, levelsText, matching, record, runs } from '@pmkit/series/catalogue';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { treeAt } from '../tree-argument.js';
import { search, type SearchOptions } from './run.js';
import { levelOf, type Place } from './session.js';

/** Bisects what a behaviour of the catalogue shows: bad is what it shows at the bad end, good what it shows at the good one. */
export async function searchBehaviour(place: Place, id: string, options: SearchOptions): Promise<void> {
  const behaviour = findBehaviour(id);
  if (behaviour === undefined) {
    const near = matching(id).slice(0, 3).map((other) => `\n  ${other.id}`);
    throw new CommandError(EXIT_MISUSE, `pmkit bisect: no behaviour is called ${id}${near.length === 0 ? '' : `\nDid you mean one of these?${near.join('')}`}`);
  }
  const hotplug = options.hotplug === true;
  const known = new Map<number, string>();
  const seen = (level: number): string => {
    const text = known.get(level) ?? record(behaviour.scenario, treeAt(level, hotplug)).seen;
    known.set(level, text);
    return text;
  };
  const good = levelOf(place.series, options.good ?? '0');
  const oracle = (level: number): Promise<Judgement> => Promise.resolve({ verdict: seen(level) === seen(good) ? 'good' : 'bad', signature: seen(level) });
  await search(place, oracle, options, ({ level, verdict, message }) => (verdict === 'good' ? alikeText(id, seen, { good, bad: level, hotplug }) : `pmkit bisect: ${id}: ${message}`));
}

/** Both ends show the same. What is seen between them, if that is something else, says where to look. */
function alikeText(id: string, seen: (level: number) => string, { good, bad, hotplug }: { readonly good: number; readonly bad: number; readonly hotplug: boolean }): string {
  const between = Array.from({ length: bad - good + 1 }, (_, i) => good + i).filter((level) => !doesNotBuild({ level, hotplug }));
  const others = runs(between.map((level) => ({ level, seen: seen(level) }))).filter((run) => run.seen !== seen(good));
  const hint = others.length === 0 ? '' : `\nOther things are seen between; say --good and --bad for one of the changes:${others.map((run) => `\n  ${levelsText(run)}: ${run.seen}`).join('')}`;
  return `pmkit bisect: ${id} is the same at level ${good} and at level ${bad}: ${seen(good)}${hint}`;
}
