/** init/main.c: the order in which a kernel comes up. */
import type { K } from '../kernel-table.js';

/**
 * Boots: memory, zonelists, cpusets, kernel threads, the root file system. Afterwards the swapper (pid 0) is the current task.
 */
export function start_kernel(
  this: K<
    'paging_init' | 'build_all_zonelists' | 'mem_init' | 'cpuset_init' | 'kernel_thread' | 'init_per_zone_pages_min' | 'pdflush_init' | 'kswapd_init' | 'mount_root'
  >,
): void {
  this.paging_init();
  this.build_all_zonelists();
  this.mem_init();
  this.cpuset_init();
  // rest_init(): pid 1. It executes no program here, so nobody collects the orphans that go to it; what the kernel spares pid 1 no other task gets
  this.kernel_thread('init', this.m.cpu_to_node[this.m.current.cpu]!);
  // initcalls, in the order of the objects of mm/
  this.init_per_zone_pages_min();
  this.pdflush_init();
  this.kswapd_init();
  this.mount_root();
}
