/** More races that several tests use. */
import { race, type Race } from '@pmkit/explore';

const ANONYMOUS = 'PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0';

/**
 * Without swap migrate_pages() fails and leaves the pages off the LRU (defect c); the next call runs into them and dies of a BUG() with
 * mmap_sem held (defect a). Who wants to map memory after that sleeps for ever.
 */
export const deadlocked = (): Race => race({
  name: 'deadlocked', machine: { swap: 0 }, tasks: { job: { node: 1 } },
  before: [`job: a = mmap(0, 1P, ${ANONYMOUS})`, 'job: store(a, 1)', 'batchd: migrate_pages(job, 1, {1}, {2})'],
  together: { job: [`mmap(0, 1P, ${ANONYMOUS})`], batchd: ['migrate_pages(job, 1, {1}, {2})'] },
});
export const DEADLOCK = 'deadlock: job waits for mmap_sem of mm N (write), held by pid N';

/** Somebody holds a reference to the page for a while, as direct I/O does: a call that meets it returns -EAGAIN and leaves a reference of its own (defect b). */
export const held = (): Race => race({
  name: 'held', tasks: { job: { node: 1 } }, before: [`job: a = mmap(0, 1P, ${ANONYMOUS})`, 'job: store(a, 1)'],
  together: { batchd: ['migrate_pages(job, 1, {1}, {2})'] }, faults: ['page-held:job:a'],
});
export const LEAKED = 'page N: page_count is N, expected N (N pte, page cache)';

/** The same with a page of a file: migrate_page_common() tries for 500 rounds of 10 ms, twice. */
export const heldFile = (): Race => race({
  name: 'held file', files: { '/data': 1 }, tasks: { job: { node: 1 } },
  before: ['job: fd = open("/data", 2, 0)', 'job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)', 'job: store(a, 1)'],
  together: { batchd: ['migrate_pages(job, 1, {1}, {2})'] }, faults: ['page-held:job:a'],
});
