/** pmkit bisect --behaviour: a behaviour of the catalogue in the place of a command. */
import { doesNotBuild, type Judgement } from '@pmkit/series/bisect';
import { findBehaviour, levelsText, matching, runs, seenAnyhow, type Tree } from '@pmkit/series/catalogue';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import type { Levels } from '../import/stack-option.js';
import { treeAt } from '../tree-argument.js';
import { search, type SearchOptions } from './run.js';
import { levelOf, type Place } from './session.js';

/** Bisects what a behaviour of the catalogue shows: bad is what it shows at the bad end, good what it shows at the good one. */
export async function searchBehaviour(place: Place, id: string, given: SearchOptions, levels: Levels): Promise<void> {
  const behaviour = findBehaviour(id);
  if (behaviour === undefined) {
    const near = matching(id).slice(0, 3).map((other) => `\n  ${other.id}`);
    throw new CommandError(EXIT_MISUSE, `pmkit bisect: no behaviour is called ${id}${near.length === 0 ? '' : `\nDid you mean one of these?${near.join('')}`}`);
  }
  const hotplug = given.hotplug === true;
  if (hotplug && levels.areSent) throw new CommandError(EXIT_MISUSE, 'pmkit bisect: --hotplug is for the kit\'s levels; a stack that was sent has the hotplug patches where they stand in it');
  const options = levels.top === null || given.bad !== undefined ? given : { ...given, bad: String(levels.top.level) };
  await ready(place, levels, options);
  const known = new Map<number, string>();
  const seen = (level: number): string => {
    const text = known.get(level) ?? seenAnyhow(behaviour, treeAt(level, hotplug));
    known.set(level, text);
    return text;
  };
  const good = levelOf(place.series, options.good ?? '0');
  const judge = (level: number): Judgement => {
    if (!levels.has(treeAt(level, hotplug))) return { verdict: 'skip', signature: 'not in the stack' };
    return { verdict: seen(level) === seen(good) ? 'good' : 'bad', signature: seen(level) };
  };
  const builds = (level: number): boolean => !doesNotBuild({ level, hotplug }) && (!levels.has(treeAt(level, hotplug)) || levels.builds(treeAt(level, hotplug)));
  await search(place, level => Promise.resolve(judge(level)), { ...options, builds }, ({ level, verdict, message }) => (verdict === 'good' ? alikeText(id, seen, { good, bad: level, looked: at => builds(at) && levels.has(treeAt(at, hotplug)) }) : `pmkit bisect: ${id}: ${message}`));
}

/** Has the trees between the ends ready. The ends must be there. @throws CommandError (misuse) */
async function ready({ series }: Place, levels: Levels, { good = '0', bad = '10', hotplug }: SearchOptions): Promise<void> {
  const [from, to] = [levelOf(series, good), levelOf(series, bad)];
  const trees = (ends: readonly number[]): Tree[] => ends.map(level => treeAt(level, hotplug === true));
  await levels.ready(trees([from, to]), true);
  await levels.ready(trees(Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)), false);
}

/** Both ends show the same. What is seen between them, if that is something else, says where to look. */
function alikeText(id: string, seen: (level: number) => string, { good, bad, looked }: { readonly good: number; readonly bad: number; readonly looked: (level: number) => boolean }): string {
  const between = Array.from({ length: bad - good + 1 }, (_, i) => good + i).filter(looked);
  const others = runs(between.map((level) => ({ level, seen: seen(level) }))).filter((run) => run.seen !== seen(good));
  const hint = others.length === 0 ? '' : `\nOther things are seen between; say --good and --bad for one of the changes:${others.map((run) => `\n  ${levelsText(run)}: ${run.seen}`).join('')}`;
  return `pmkit bisect: ${id} is the same at level ${good} and at level ${bad}: ${seen(good)}${hint}`;
}
