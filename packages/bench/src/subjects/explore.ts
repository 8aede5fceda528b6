/** How fast a race is explored: a job uses its memory while it is migrated. */
import type { Strategy } from '@pmkit/explore';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

/** States or executions of one exploration at most: more than there are. */
const LIMIT = 100_000;

async function exploring(strategy: Strategy, { level, size: pages }: Environment): Promise<Prepared> {
  const { explore, race } = await import('@pmkit/explore');
  const migrated = race({
    name: 'bench', tasks: { job: { node: 1 } },
    before: [`job: a = mmap(0, ${pages}P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, `job: store(a, ${pages})`],
    together: { job: [`store(a, ${pages})`], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] },
  });
  return {
    operation: () => {
      const { executions, states } = explore(migrated, { level, hotplug: false }, { strategy, limit: LIMIT });
      return strategy === 'states' ? states : executions;
    },
  };
}

/** @param pages a race of so many has enough to walk through; shorter ones are over before the boot is forgotten */
const exploration = (strategy: Strategy, title: string, pages: number, text: Pick<SubjectText, 'unit' | 'shown' | 'goals'>): SubjectText => ({
  name: `explore-${strategy}`, title: `A race explored, ${title}`, ...text, kernels: false, size: { of: 'pages', full: pages, quick: 1 }, samples: 7,
  prepare: environment => exploring(strategy, environment),
});

export const subjects = subjectsOf(import.meta.url, [
  exploration('all', 'execution by execution, all of them', 2, { unit: 'execution', shown: 'rate', goals: [{ of: 'rate', limit: 50_000 }] }),
  exploration('reduced', 'whole, by those executions that differ in the order of dependent steps', 3, { unit: 'execution', shown: 'time' }),
  exploration('states', 'state by state: each is met once', 3, { unit: 'state', shown: 'rate' }),
]);
