/** What the tests of the allocator and of the LRU share: allocations that must not sleep, and zones with little memory left. */
import type { Zone } from '../src/include/linux/mmzone.js';
import { GFP_HIGHUSER } from '../src/include/linux/gfp.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { NULL_PAGE, type Page } from '../src/include/linux/types.js';
import type { MaySleep, WaitFor } from '../src/include/linux/wait.js';
import { boot, type Kernel, type MachineConfig } from '../src/index.js';

/** Runs a function to its next sleep, or its end; nobody is there to get the CPU at a cond_resched(). */
export function untilSleep<T>(body: MaySleep<T>): IteratorResult<WaitFor, T> {
  let result = body.next();
  while (result.done !== true && result.value.kind === 'preempt') result = body.next();
  return result;
}
/** Runs what may sleep in cases where it does not. */
export function awake<T>(body: MaySleep<T>): T {
  const result = untilSleep(body);
  if (result.done !== true) throw new Error(`it sleeps, waiting for ${result.value.kind}`);
  return result.value;
}

/** Allocates as the swapper, from a node's zonelist. */
export const alloc = (k: Kernel, nid: number, order = 0, gfp_mask = GFP_HIGHUSER): Page => awake(k.alloc_pages_node(nid, gfp_mask, order));

/** The node of a page; -1 for NULL. */
export const nodeOf = ({ m }: Kernel, page: Page): number => (page === NULL_PAGE ? -1 : page_to_nid(m, page));

/** Nodes of the same size with a CPU each, all memory ZONE_DMA as on SN2. CPU n is on node n. */
export const nodes = (count: number, pages: number): MachineConfig['nodes'] => Array.from({ length: count }, (_, id) => ({ id, pages, cpus: [id] }));
export const bootNodes = (count: number, pages: number, config: Partial<MachineConfig> = {}): Kernel => boot({ nodes: nodes(count, pages), poison: true, ...config });

/** ZONE_DMA of a node: its only one with memory unless the test says otherwise. */
export const zoneOf = (k: Kernel, nid: number): Zone => k.m.node_data[nid]!.node_zones[0]!;

/** Takes frames away, past all marks and lists, until so many are free. */
export function leave(k: Kernel, zone: Zone, free_pages: number): void {
  while (zone.free_pages > free_pages) k.__rmqueue(zone, 0);
}

/** Free blocks of a zone by order. */
export const blocks = (zone: Zone): number[] => zone.free_area.map(area => area.nr_free);

/** Lines of the log from `from` on. */
export const logOf = (k: Kernel, from = 0): string[] => k.m.log.slice(from).map(line => line.text);
