/** Races that several tests use. */
import { race, type RaceText, type Race } from '@pmkit/explore';
import type { Tree } from '@pmkit/series/catalogue';

export const at = (level: number): Tree => ({ level, hotplug: false });

/** A job with `pages` pages of memory on node 1 uses them while the batch scheduler moves them to node 2. */
export const moved = ({ pages = 1, ...more }: Partial<RaceText> & { readonly pages?: number } = {}): Race => race({
  name: 'moved',
  tasks: { job: { node: 1 } },
  before: [`job: a = mmap(0, ${pages}P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, `job: store(a, ${pages})`],
  together: { job: [`load(a, ${pages})`], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] },
  ...more,
});
