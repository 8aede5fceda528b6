/** numa_migrate_pages() over rc3's system call. */
import type { Numa } from './libnuma.js';
import { disjointSteps, movesOf } from './moves.js';

/**
 * Moves the pages of a process, in as many calls as it takes; the first that fails ends it, and what was moved stays moved.
 * @returns 0 or a negative errno, which is also in numa.errno.
 */
export async function migratePages(numa: Numa, pid: number, from: readonly number[], to: readonly number[]): Promise<number> {
  for (const step of disjointSteps(movesOf(from, to))) {
    const [oldNodes, newNodes] = [step.map(move => move.from), step.map(move => move.to)];
    const result = await numa.sys('migrate_pages', pid, step.length, Uint32Array.from(oldNodes), Uint32Array.from(newNodes));
    if (result < 0) return result;
  }
  return 0;
}
