/** What holds of the searches whatever the race: they see the same endings, and those that count, the same numbers. */
import { describe, expect, it } from 'vitest';
import { explore, race, type Exploration, type Race } from '@pmkit/explore';
import { at, moved } from './rig.js';

const MAP = 'job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)';
const races: readonly (readonly [string, Race])[] = [
  ['a write under migration', moved({ together: { job: ['store(a, 1)'], batchd: ['migrate_pages(job, 1, {1}, {2})'] } })],
  ['two pages under migration', moved({ pages: 2 })],
  ['stopped and continued', moved({ together: { job: ['load(a, 1)'], batchd: ['kill(job, SIGSTOP)', 'migrate_pages(job, 1, {1}, {2})', 'kill(job, SIGCONT)'] } })],
  ['unmapped under migration', moved({ together: { job: ['munmap(a, 1P)'], batchd: ['migrate_pages(job, 1, {1}, {2})'] } })],
  ['two who migrate', race({
    name: 'two', tasks: { job: { node: 1 }, other: { node: 2 } }, before: [MAP, 'job: store(a, 1)'],
    together: { other: ['migrate_pages(job, 1, {1}, {2})'], batchd: ['migrate_pages(job, 1, {1}, {2})'] },
  })],
  ['killed under migration', moved({ together: { job: ['load(a, 1)'], batchd: ['migrate_pages(job, 1, {1}, {2})', 'kill(job, SIGKILL)'] } })],
];

const seen = ({ endings }: Exploration): string[] => endings.map(({ text, failures }) => [text, ...failures].join(' ! ')).sort();
const counts = ({ endings }: Exploration): string[] => endings.map(({ text, failures, count }) => `${[text, ...failures].join(' ! ')} ${count}`).sort();

describe.each(races)('%s', (_name, text) => {
  it.each([4, 10])('states counts what all walks through, level %i', level => {
    const states = explore(text, at(level));
    expect(states.exhaustive).toBe(true);
    const all = explore(text, at(level), { strategy: 'all', limit: 5000 });
    if (all.exhaustive) expect(counts(states)).toEqual(counts(all));
    else expect(seen(states)).toEqual(expect.arrayContaining(seen(all)));
  });
  it('reduced sees the same endings, and walks through fewer interleavings', () => {
    const states = explore(text, at(4));
    const reduced = explore(text, at(4), { strategy: 'reduced' });
    expect(reduced.exhaustive).toBe(true);
    expect(seen(reduced)).toEqual(seen(states));
    expect(BigInt(reduced.executions)).toBeLessThanOrEqual(states.endings.reduce((sum, { count }) => sum + count, 0n));
  });
  it('the smallest schedule to an ending has as many preemptions as the bound at which it is seen first', () => {
    const { endings } = explore(text, at(4));
    const least = new Map<string, number>();
    for (const bound of [0, 1, 2]) {
      for (const name of seen(explore(text, at(4), { strategy: 'bounded', bound, limit: 5000 }))) if (!least.has(name)) least.set(name, bound);
    }
    for (const { text: end, failures, schedule } of endings) {
      if (schedule.preemptions <= 2) expect([end, schedule.preemptions]).toEqual([end, least.get([end, ...failures].join(' ! '))]);
    }
  });
});
