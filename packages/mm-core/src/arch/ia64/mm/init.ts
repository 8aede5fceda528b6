/**
 * arch/ia64/mm/discontig.c: what memory there is. Here the machine's configuration says so, where ia64 asks the firmware; 2.6.12 also gives the
 * CPUs of a node without memory to another node (reassign_cpu_only_nodes()), which is left out: such a node stays, with empty zones.
 */
import { node_set } from '../../../include/linux/nodemask.js';
import type { K } from '../../../kernel-table.js';

/** Sets up all nodes: frames below max_dma_pfn are ZONE_DMA, the rest ZONE_NORMAL. */
export function paging_init(this: K<'free_area_init_node'>): void {
  const { m } = this;
  for (const { id, pages } of m.nodeConfig) {
    const start = id * m.node_stride;
    const dma = Math.max(0, Math.min(pages, m.max_dma_pfn - start));
    node_set(id, m.node_online_map);
    this.free_area_init_node(id, [dma, pages - dma, 0], start);
  }
}
