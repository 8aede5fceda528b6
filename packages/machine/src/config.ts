/** A topology as the simulated kernel wants it. */
import type { MachineConfig } from '@pmkit/mm-core';
import { DEFAULT_PAGE_SIZE, type Topology } from './topology/index.js';

/** Whole frames of each node; a node's last partial frame is lost. Page size: the topology's own, or 16 KB. */
export function machineConfig(topology: Topology): MachineConfig {
  const pageSize = topology.pageSize ?? DEFAULT_PAGE_SIZE;
  return {
    name: topology.name,
    pageSize,
    nodes: topology.nodes.map(({ id, memory, cpus }) => ({ id, pages: Math.floor(memory / pageSize), cpus })),
    distances: topology.distances,
  };
}
