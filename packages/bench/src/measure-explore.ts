/** One measurement, in a process of its own: `node measure-explore.js STRATEGY PAGES MS LIMIT` explores a race, LIMIT states or executions of it at most, again and again for so long and prints an Explored as JSON. */
import { performance } from 'node:perf_hooks';
import { explore, race, STRATEGIES } from '@pmkit/explore';

export interface Explored {
  readonly strategy: string;
  /** Pages that are migrated while they are used. */
  readonly pages: number;
  /** One exploration, median in ms: boot, search, judgement. */
  readonly ms: number;
  /** Interleavings that one exploration accounts for; with reduced and all those that it walks through. */
  readonly interleavings: number;
  readonly runs: number;
}

const [name = 'all', count = '1', time = '3000', limit = '20000'] = process.argv.slice(2);
const strategy = STRATEGIES.find(candidate => candidate === name) ?? 'all';
const pages = Number(count);
const migrated = race({
  name: 'bench', tasks: { job: { node: 1 } },
  before: [`job: a = mmap(0, ${pages}P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, `job: store(a, ${pages})`],
  together: { job: [`store(a, ${pages})`], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] },
});
const times: number[] = [];
let interleavings = 0;
for (const end = performance.now() + Number(time); times.length === 0 || performance.now() < end; ) {
  const begin = performance.now();
  const { endings } = explore(migrated, { level: 4, hotplug: false }, { strategy, limit: Number(limit) });
  times.push(performance.now() - begin);
  interleavings = endings.reduce((sum, ending) => sum + Number(ending.count), 0);
}
// the second half: the first is what V8 needs to get to know the code
const warm = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b);
console.log(JSON.stringify({ strategy, pages, ms: warm[Math.floor(warm.length / 2)]!, interleavings, runs: times.length } satisfies Explored));
