/** numactl --hardware: nodes, their CPUs, memory and distances. */
import { formatHardware, type TopologyNode } from '../../../../topology/index.js';
import type { Process } from '../../../process.js';
import type { Numa } from '../libnuma/libnuma.js';

export async function hardware(p: Process, numa: Numa): Promise<void> {
  const nodes: TopologyNode[] = [];
  for (const id of numa.nodes) {
    const { size, free } = await numa.nodeSize(id);
    nodes.push({ id, memory: size, memFree: free, cpus: (await numa.nodeCpus(id)) ?? [] });
  }
  p.out(formatHardware({ name: '', nodes, distances: await numa.distanceTable(), cpus: [] }));
}
