/** What the page needs to know of a machine to draw it. */
import type { MachineConfig } from '@pmkit/mm-core';
import type { MachineLayout } from '../protocol.js';

export function layoutOf(config: MachineConfig): MachineLayout {
  const nodes = [...config.nodes].sort((a, b) => a.id - b.id);
  const positions = nodes.map(node => config.nodes.indexOf(node));
  const distances = positions.map((i, x) => positions.map((j, y) => config.distances?.[i]?.[j] ?? (x === y ? 10 : 20)));
  const stride = 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(...nodes.map(({ pages }) => pages)))));
  return {
    name: config.name ?? 'machine', pageSize: config.pageSize ?? 16384, frames: nodes.reduce((sum, { pages }) => sum + pages, 0), distances,
    nodes: nodes.map(({ id, cpus, pages }) => ({ id, cpus, firstPfn: id * stride, frames: pages })),
  };
}
