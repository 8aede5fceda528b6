/** Where the overview's job runs and where it goes, on a machine of any shape. */
import type { Topology } from '../topology/index.js';

export interface Plan {
  /** The job starts here: nodes 5–8 where the machine has them. */
  readonly from: readonly number[];
  /** And is moved here: as many nodes that became free. */
  readonly to: readonly number[];
  /** Node of the batch scheduler. */
  readonly scheduler: number;
  /** Pages of private anonymous memory of each process. */
  readonly anonymous: number;
  /** Processes of the job. */
  readonly processes: number;
  /** Pages of each of the job's files and of its shared memory segment. */
  readonly file: number;
}

export interface PlanOptions {
  /** Pages of private anonymous memory of each process; default 65,536 (1 GB of 16 KB pages) where the nodes have room. */
  readonly anonymous?: number | undefined;
  /** Default 8. */
  readonly processes?: number | undefined;
}

const OVERVIEW_NODES = [5, 6, 7, 8];
/** Share of the job's nodes that the job may fill: the higher-priority job has to fit beside it. */
const SHARE = 0.35;

/**
 * Plans the story for a topology: four nodes, or as many as leave the same number free for the move and one for the scheduler.
 * @throws {RangeError} when the machine has fewer than two nodes with both memory and CPUs, or not enough memory.
 */
export function planStory(topology: Topology, options: PlanOptions = {}): Plan {
  const usable = topology.nodes.filter(node => node.memory > 0 && node.cpus.length > 0).map(node => node.id);
  if (usable.length < 2) throw new RangeError(`topology ${topology.name}: the story needs two nodes with memory and CPUs, found ${usable.length}`);
  const scheduler = usable[0]!;
  const count = Math.max(1, Math.min(4, Math.floor((usable.length - (usable.length > 2 ? 1 : 0)) / 2)));
  const wanted = OVERVIEW_NODES.filter(node => usable.includes(node));
  const from = wanted.length >= count ? wanted.slice(0, count) : usable.slice(usable.length > 2 ? 1 : 0).slice(0, count);
  const rest = usable.filter(node => !from.includes(node) && (node !== scheduler || usable.length === 2));
  // as far along as the machine goes, so that the move crosses it
  const start = Math.max(0, Math.min(Math.floor(rest.length / 3), rest.length - count));
  const to = rest.slice(start, start + count);
  const processes = options.processes ?? 8;
  const pageSize = topology.pageSize ?? 16384;
  const smallest = Math.min(...[...from, ...to].map(id => Math.floor(topology.nodes.find(node => node.id === id)!.memory / pageSize)));
  const room = Math.floor((smallest * SHARE * count) / processes);
  const anonymous = options.anonymous ?? Math.min(65_536, Math.floor(room * 0.7));
  const file = Math.max(4, Math.min(2048, Math.floor(room * 0.05)));
  if (anonymous < 4 || anonymous + 4 * file > room * 1.5) {
    throw new RangeError(`topology ${topology.name}: nodes ${from.join(',')} have no room for ${processes} processes of ${anonymous} pages (${room} fit)`);
  }
  return { from, to, scheduler, anonymous, processes, file };
}
