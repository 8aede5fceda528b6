/** What the page needs to know of a machine to draw it. */
import type { Machine } from '@pmkit/mm-core';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import type { MachineLayout } from '../protocol.js';
import { nodeSpans } from './frames/walk.js';

export function layoutOf(m: Machine): MachineLayout {
  const spans = nodeSpans(m);
  return {
    name: m.name, pageSize: m.PAGE_SIZE, frames: m.totalram_pages,
    nodes: m.nodeConfig.map(({ id, cpus }) => ({ id, cpus, firstPfn: spans.get(id)!.first, frames: spans.get(id)!.frames })),
    distances: m.node_ids.map(from => m.node_ids.map(to => m.node_distance[from * MAX_NUMNODES + to]!)),
  };
}
