/** One measurement, in a process of its own: `node measure-migration.js PAGES LEVEL` prints a Measurement as JSON. */
import { performance } from 'node:perf_hooks';
import { spawn, syscall, touch } from '@pmkit/mm-core';
import { SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import { bootAt } from '@pmkit/series/levels';
import { Bench } from 'tinybench';

export interface Measurement {
  readonly pages: number;
  /** Median over the runs. */
  readonly nsPerPage: number;
  readonly runs: number;
  /** Resident memory of the process at the end, in bytes. */
  readonly rss: number;
}

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** Pages moved before the clock counts, so that V8 has compiled the kernel, and in all runs together. */
const WARM_PAGES = 300_000;
const TIMED_PAGES = 3_000_000;

const pages = Number(process.argv[2]);
const level = Number(process.argv[3]);
// room for the job on either node, its page tables, and reclaim's watermarks
const nodePages = Math.ceil(pages * 1.05) + 4096;
const k = bootAt(level, { nodes: [0, 1].map(id => ({ id, pages: nodePages, cpus: [id] })) });

function must(result: number, what: string): number {
  if (result < 0) throw new Error(`${what} returned ${result}`);
  return result;
}

const scheduler = spawn(k, { comm: 'batchd', cpu: 0 });
must(syscall(k, scheduler, 'swapon', k.add_disk('swap', 8, 32, 1), pages + 65, 0), 'swapon');
const job = spawn(k, { comm: 'job', cpu: 0 });
const address = must(syscall(k, job, 'mmap', 0, pages * k.m.PAGE_SIZE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0), 'mmap');
touch(k, job, address, pages, 'write');
must(syscall(k, scheduler, 'kill', job.pid, SIGSTOP), 'kill');

let node = 0;
function move(): void {
  const moved = syscall(k, scheduler, 1279, job.pid, 1, Uint32Array.of(node), Uint32Array.of(1 - node));
  if (moved !== pages) throw new Error(`migrate_pages() returned ${moved}, expected ${pages}`);
  node = 1 - node;
}

for (let done = 0; done < WARM_PAGES; done += pages) move();
const runs = Math.min(100, Math.max(3, Math.ceil(TIMED_PAGES / pages)));
const bench = new Bench({ iterations: runs, time: 0, warmup: false, throws: true, now: () => performance.now() });
bench.add('move', move);
bench.runSync();
const [task] = bench.tasks;
const result = task?.result;
if (result?.state !== 'completed') throw new Error(`the benchmark is ${result?.state ?? 'missing'}`);
const measurement: Measurement = { pages, nsPerPage: (result.latency.p50 * 1e6) / pages, runs: result.latency.samplesCount, rss: process.memoryUsage().rss };
process.stdout.write(JSON.stringify(measurement));
