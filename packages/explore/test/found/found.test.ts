/** The defects of the series (facts of the overview and its reviews), each found in a small race by a search that is not told where to look, and bisected to its patch. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore, parseRace, type ExploreOptions, type Race } from '@pmkit/explore';
import { at } from '../rig.js';

const read = (name: string): Race => parseRace(readFileSync(new URL(`../../races/${name}.yaml`, import.meta.url), 'utf8'), `${name}.yaml`);

const SMALL: ExploreOptions = { strategy: 'bounded', bound: 1, limit: 300 };
/** Too many steps for all of its schedules. */
const LARGE: ExploreOptions = { strategy: 'random', seed: 1, limit: 120 };
const LEVELS = Array.from({ length: 11 }, (_, level) => level);

/** Levels at which some schedule shows a failure. */
function shownAt(race: Race, failure: RegExp, options: ExploreOptions, levels: readonly number[]): number[] {
  return levels.filter(level => explore(race, at(level), options).endings.some(({ failures }) => failures.some(text => failure.test(text))));
}

describe('defects found by search', () => {
  const from = (first: number, last = 10): number[] => LEVELS.filter(level => level >= first && level <= last);
  it.each([
    ['killed-by-vm', /^VM: killing process job$/, from(4), SMALL],
    ['page-in-pagevec', /^kernel BUG at mm\/mmigrate\.c:migrate_vma\(\)!$/, from(4), SMALL],
    ['eagain-leaks-reference', /^page N: page_count is N, expected N/, from(4), SMALL],
    ['enospc-loses-pages', /^page N: lost on a list whose owner is gone/, from(4), SMALL],
    ['task-freed', /^migrate_vma\(\) is given the task_struct of \w+, which is freed$/, from(4, 7), SMALL],
    ['il-next-outside-policy', /^kernel BUG at mm\/mempolicy\.c:interleave_nodes\(\)!$/, from(5), SMALL],
  ] as const)('%s', (name, failure, levels, options) => {
    expect(shownAt(read(name), failure, options, LEVELS)).toEqual(levels);
  });
  it('none in the race of a process that is stopped first', () => {
    for (const level of LEVELS) {
      const { exhaustive, endings } = explore(read('killed-by-vm-stopped'), at(level));
      expect({ exhaustive, failures: endings.flatMap(({ failures }) => failures) }).toEqual({ exhaustive: true, failures: [] });
    }
  });
  it('page-under-reclaim', () => {
    expect(shownAt(read('page-under-reclaim'), /^kernel BUG at mm\/mmigrate\.c:migrate_vma\(\)!$/, LARGE, [3, 4])).toEqual([4]);
  });
});

describe('a task that is freed', () => {
  it('is looked for anew in every execution', () => {
    const once = explore(read('task-freed'), at(4), SMALL);
    expect(explore(read('task-freed'), at(4), SMALL)).toEqual(once);
    expect(once.endings.map(({ failures }) => failures.length > 0)).toContain(false);
  });
});
