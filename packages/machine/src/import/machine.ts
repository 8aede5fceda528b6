/** The machine for an imported process. */
import type { MachineConfig } from '@pmkit/mm-core';
import { machineConfig } from '../config.js';
import { MAX_FRAMES, MAX_NODES, type TopologyInput } from '../topology/check.js';
import { defineTopology, uniformDistances } from '../topology/topology.js';
import { ImportError } from './error.js';
import { nodesNamed, pagesOf, type ImportedProcess } from './process.js';

/** Beside what the process has there. */
const SPARE_PAGES = 4096;

/**
 * `given`, or the machine that the process ran on, or one that is large enough; with the page size of the process in each case.
 * @param also nodes that must be there where nothing is known of the machine
 * @throws ImportError when it would be too large for the kit.
 */
export function machineFor(process: ImportedProcess, given: TopologyInput | undefined, also: readonly number[] = []): MachineConfig {
  const { pageSize } = process;
  const known = given ?? process.machine;
  if (known !== null) return machineConfig(defineTopologyFor({ ...known, pageSize }));
  const last = Math.max(0, ...nodesNamed(process), ...also);
  if (last >= MAX_NODES) throw new ImportError({ file: 'machine', field: 'nodes', found: `node ${last}`, expected: `nodes 0 to ${MAX_NODES - 1}` });
  // each node can take all of the process, and once more what of files it reads besides
  const pages = 2 * process.vmas.reduce((sum, vma) => sum + pagesOf(vma), 0) + SPARE_PAGES;
  const nodes = Array.from({ length: last + 1 }, (_, id) => ({ id, memory: pages * pageSize, cpus: [2 * id, 2 * id + 1] }));
  if (nodes.length * pages > MAX_FRAMES) {
    throw new ImportError({ file: 'machine', field: 'memory', found: `${nodes.length} nodes of ${pages} pages`, expected: `at most ${MAX_FRAMES} pages; give a machine that is smaller` });
  }
  return machineConfig(defineTopologyFor({ name: `${nodes.length} nodes`, pageSize, nodes, distances: uniformDistances(nodes.length) }));
}

function defineTopologyFor(input: TopologyInput): ReturnType<typeof defineTopology> {
  try {
    return defineTopology(input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ImportError({ file: input.name, field: 'machine', found: error.message, expected: `a machine that can have pages of ${input.pageSize ?? 0} bytes` });
  }
}

/** Slots of swap that migrating the process can need: every anonymous page goes through the swap cache. */
export const swapFor = (process: ImportedProcess): number => process.vmas.reduce((sum, vma) => sum + pagesOf(vma), 0) + 64;
