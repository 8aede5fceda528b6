/**
 * The base tree, 2.6.12-rc5-mhp1 with the page-migration patches: its object files by the kernel file they come from, and the
 * type of the kernel they link to. A file that the original keeps in one piece may be several modules here.
 */
import { defineBase, type Calls } from '@pmkit/linker';
import type { Machine } from './machine.js';
import * as mm_page_alloc from './mm/page_alloc.js';
import * as mm_page_alloc_buddy from './mm/page_alloc_buddy.js';
import * as mm_page_alloc_init from './mm/page_alloc_init.js';
import * as include_linux_mm_inline from './include/linux/mm_inline.js';
import * as mm_swap from './mm/swap.js';
import * as mm_swap_pagevec from './mm/swap_pagevec.js';
import * as mm_slab from './mm/slab.js';
import * as mm_vmscan from './mm/vmscan.js';
import * as mm_vmscan_pageout from './mm/vmscan_pageout.js';
import * as mm_vmscan_reclaim from './mm/vmscan_reclaim.js';
import * as mm_oom_kill from './mm/oom_kill.js';
import * as mm_memory from './mm/memory.js';
import * as mm_memory_pgtable from './mm/memory_pgtable.js';
import * as mm_memory_fault from './mm/memory_fault.js';
import * as mm_mmap from './mm/mmap.js';
import * as mm_mmap_map from './mm/mmap_map.js';
import * as mm_mmap_vma from './mm/mmap_vma.js';
import * as mm_mprotect from './mm/mprotect.js';
import * as mm_madvise from './mm/madvise.js';
import * as mm_mlock from './mm/mlock.js';
import * as mm_msync from './mm/msync.js';
import * as kernel_fork from './kernel/fork.js';
import * as kernel_exit from './kernel/exit.js';
import * as fs_exec from './fs/exec.js';
import * as mm_rmap from './mm/rmap.js';
import * as mm_rmap_unmap from './mm/rmap_unmap.js';
import * as mm_swap_state from './mm/swap_state.js';
import * as mm_swapfile from './mm/swapfile.js';
import * as mm_swapfile_onoff from './mm/swapfile_onoff.js';
import * as mm_page_io from './mm/page_io.js';
import * as mm_mmigrate from './mm/mmigrate.js';
import * as mm_mmigrate_steps from './mm/mmigrate_steps.js';
import * as lib_radix_tree from './lib/radix-tree.js';
import * as mm_filemap from './mm/filemap.js';
import * as mm_filemap_io from './mm/filemap_io.js';
import * as mm_filemap_read from './mm/filemap_read.js';
import * as mm_filemap_write from './mm/filemap_write.js';
import * as mm_truncate from './mm/truncate.js';
import * as mm_page_writeback from './mm/page-writeback.js';
import * as mm_page_writeback_limits from './mm/page-writeback_limits.js';
import * as fs_buffer from './fs/buffer.js';
import * as fs_buffer_io from './fs/buffer_io.js';
import * as fs_buffer_sync from './fs/buffer_sync.js';
import * as fs_mpage from './fs/mpage.js';
import * as fs_fs_writeback from './fs/fs-writeback.js';
import * as drivers_block_model from './drivers/block/model.js';
import * as fs_ext2_inode from './fs/ext2/inode.js';
import * as fs_ext3_inode from './fs/ext3/inode.js';
import * as fs_xfs_linux_2_6_xfs_aops from './fs/xfs/linux-2.6/xfs_aops.js';
import * as fs_xfs_linux_2_6_xfs_buf from './fs/xfs/linux-2.6/xfs_buf.js';
import * as fs_super from './fs/super.js';
import * as fs_open from './fs/open.js';
import * as fs_namei from './fs/namei.js';
import * as fs_read_write from './fs/read_write.js';
import * as mm_shmem from './mm/shmem.js';
import * as mm_shmem_swap from './mm/shmem_swap.js';
import * as mm_shmem_file from './mm/shmem_file.js';
import * as ipc_shm from './ipc/shm.js';
import * as ipc_shm_attach from './ipc/shm_attach.js';
import * as mm_mempolicy from './mm/mempolicy.js';
import * as mm_mempolicy_syscalls from './mm/mempolicy_syscalls.js';
import * as mm_mempolicy_alloc from './mm/mempolicy_alloc.js';
import * as mm_mempolicy_shared from './mm/mempolicy_shared.js';
import * as kernel_cpuset from './kernel/cpuset.js';
import * as kernel_cpuset_fs from './kernel/cpuset_fs.js';
import * as kernel_signal from './kernel/signal.js';
import * as kernel_signal_action from './kernel/signal_action.js';
import * as kernel_sched from './kernel/sched.js';
import * as kernel_sys from './kernel/sys.js';
import * as kernel_sys_priority from './kernel/sys_priority.js';
import * as kernel_printk from './kernel/printk.js';
import * as kernel_sys_rlimit from './kernel/sys_rlimit.js';
import * as kernel_sys_prctl from './kernel/sys_prctl.js';
import * as kernel_timer from './kernel/timer.js';
import * as kernel_sys_ni from './kernel/sys_ni.js';
import * as arch_ia64_kernel_entry from './arch/ia64/kernel/entry.js';
import * as arch_ia64_kernel_process from './arch/ia64/kernel/process.js';
import * as arch_ia64_mm_addr_space from './arch/ia64/mm/addr_space.js';
import * as arch_ia64_mm_fault from './arch/ia64/mm/fault.js';
import * as arch_ia64_mm_init from './arch/ia64/mm/init.js';
import * as init_main from './init/main.js';

export interface Kernel0
  extends ObjectFile<typeof mm_page_alloc>,
    ObjectFile<typeof mm_page_alloc_buddy>,
    ObjectFile<typeof mm_page_alloc_init>,
    ObjectFile<typeof include_linux_mm_inline>,
    ObjectFile<typeof mm_swap>,
    ObjectFile<typeof mm_swap_pagevec>,
    ObjectFile<typeof mm_slab>,
    ObjectFile<typeof mm_vmscan>,
    ObjectFile<typeof mm_vmscan_pageout>,
    ObjectFile<typeof mm_vmscan_reclaim>,
    ObjectFile<typeof mm_oom_kill>,
    ObjectFile<typeof mm_memory>,
    ObjectFile<typeof mm_memory_pgtable>,
    ObjectFile<typeof mm_memory_fault>,
    ObjectFile<typeof mm_mmap>,
    ObjectFile<typeof mm_mmap_map>,
    ObjectFile<typeof mm_mmap_vma>,
    ObjectFile<typeof mm_mprotect>,
    ObjectFile<typeof mm_madvise>,
    ObjectFile<typeof mm_mlock>,
    ObjectFile<typeof mm_msync>,
    ObjectFile<typeof kernel_fork>,
    ObjectFile<typeof kernel_exit>,
    ObjectFile<typeof fs_exec>,
    ObjectFile<typeof mm_rmap>,
    ObjectFile<typeof mm_rmap_unmap>,
    ObjectFile<typeof mm_swap_state>,
    ObjectFile<typeof mm_swapfile>,
    ObjectFile<typeof mm_swapfile_onoff>,
    ObjectFile<typeof mm_page_io>,
    ObjectFile<typeof mm_mmigrate>,
    ObjectFile<typeof mm_mmigrate_steps>,
    ObjectFile<typeof lib_radix_tree>,
    ObjectFile<typeof mm_filemap>,
    ObjectFile<typeof mm_filemap_io>,
    ObjectFile<typeof mm_filemap_read>,
    ObjectFile<typeof mm_filemap_write>,
    ObjectFile<typeof mm_truncate>,
    ObjectFile<typeof mm_page_writeback>,
    ObjectFile<typeof mm_page_writeback_limits>,
    ObjectFile<typeof fs_buffer>,
    ObjectFile<typeof fs_buffer_io>,
    ObjectFile<typeof fs_buffer_sync>,
    ObjectFile<typeof fs_mpage>,
    ObjectFile<typeof fs_fs_writeback>,
    ObjectFile<typeof drivers_block_model>,
    ObjectFile<typeof fs_ext2_inode>,
    ObjectFile<typeof fs_ext3_inode>,
    ObjectFile<typeof fs_xfs_linux_2_6_xfs_aops>,
    ObjectFile<typeof fs_xfs_linux_2_6_xfs_buf>,
    ObjectFile<typeof fs_super>,
    ObjectFile<typeof fs_open>,
    ObjectFile<typeof fs_namei>,
    ObjectFile<typeof fs_read_write>,
    ObjectFile<typeof mm_shmem>,
    ObjectFile<typeof mm_shmem_swap>,
    ObjectFile<typeof mm_shmem_file>,
    ObjectFile<typeof ipc_shm>,
    ObjectFile<typeof ipc_shm_attach>,
    ObjectFile<typeof mm_mempolicy>,
    ObjectFile<typeof mm_mempolicy_syscalls>,
    ObjectFile<typeof mm_mempolicy_alloc>,
    ObjectFile<typeof mm_mempolicy_shared>,
    ObjectFile<typeof kernel_cpuset>,
    ObjectFile<typeof kernel_cpuset_fs>,
    ObjectFile<typeof kernel_signal>,
    ObjectFile<typeof kernel_signal_action>,
    ObjectFile<typeof kernel_sched>,
    ObjectFile<typeof kernel_sys>,
    ObjectFile<typeof kernel_sys_priority>,
    ObjectFile<typeof kernel_printk>,
    ObjectFile<typeof kernel_sys_rlimit>,
    ObjectFile<typeof kernel_sys_prctl>,
    ObjectFile<typeof kernel_timer>,
    ObjectFile<typeof kernel_sys_ni>,
    ObjectFile<typeof arch_ia64_kernel_entry>,
    ObjectFile<typeof arch_ia64_kernel_process>,
    ObjectFile<typeof arch_ia64_mm_addr_space>,
    ObjectFile<typeof arch_ia64_mm_fault>,
    ObjectFile<typeof arch_ia64_mm_init>,
    ObjectFile<typeof init_main> {}
type ObjectFile<T> = { readonly [P in keyof T]: T[P] };

/** `this` of a kernel function: the machine as `this.m`, and the symbols it declares as extern. */
export type K<S extends keyof Kernel0 = never> = Calls<Kernel0, S, { readonly m: Machine }>;

export const base = defineBase({
  name: 'AA-PM-99-x86_64-IMMOVABLE.patch',
  package: '@pmkit/mm-core',
  objects: {
    'mm/page_alloc.c': { ...mm_page_alloc, ...mm_page_alloc_buddy, ...mm_page_alloc_init },
    'include/linux/mm_inline.h': include_linux_mm_inline,
    // constants only; patch 3 puts a function into it
    'include/linux/mmigrate.h': {},
    'mm/swap.c': { ...mm_swap, ...mm_swap_pagevec },
    'mm/slab.c': mm_slab,
    'mm/vmscan.c': { ...mm_vmscan, ...mm_vmscan_pageout, ...mm_vmscan_reclaim },
    'mm/oom_kill.c': mm_oom_kill,
    'mm/memory.c': { ...mm_memory, ...mm_memory_pgtable, ...mm_memory_fault },
    'mm/mmap.c': { ...mm_mmap, ...mm_mmap_map, ...mm_mmap_vma },
    'mm/mprotect.c': mm_mprotect,
    'mm/madvise.c': mm_madvise,
    'mm/mlock.c': mm_mlock,
    'mm/msync.c': mm_msync,
    'kernel/fork.c': kernel_fork,
    'kernel/exit.c': kernel_exit,
    'fs/exec.c': fs_exec,
    'mm/rmap.c': { ...mm_rmap, ...mm_rmap_unmap },
    'mm/swap_state.c': mm_swap_state,
    'mm/swapfile.c': { ...mm_swapfile, ...mm_swapfile_onoff },
    'mm/page_io.c': mm_page_io,
    'mm/mmigrate.c': { ...mm_mmigrate, ...mm_mmigrate_steps },
    'lib/radix-tree.c': lib_radix_tree,
    'mm/filemap.c': { ...mm_filemap, ...mm_filemap_io, ...mm_filemap_read, ...mm_filemap_write },
    'mm/truncate.c': mm_truncate,
    'mm/page-writeback.c': { ...mm_page_writeback, ...mm_page_writeback_limits },
    'fs/buffer.c': { ...fs_buffer, ...fs_buffer_io, ...fs_buffer_sync },
    'fs/mpage.c': fs_mpage,
    'fs/fs-writeback.c': fs_fs_writeback,
    'drivers/block/ll_rw_blk.c': drivers_block_model,
    'fs/ext2/inode.c': fs_ext2_inode,
    'fs/ext3/inode.c': fs_ext3_inode,
    'fs/xfs/linux-2.6/xfs_aops.c': fs_xfs_linux_2_6_xfs_aops,
    'fs/xfs/linux-2.6/xfs_buf.c': fs_xfs_linux_2_6_xfs_buf,
    'fs/super.c': fs_super,
    'fs/open.c': fs_open,
    'fs/namei.c': fs_namei,
    'fs/read_write.c': fs_read_write,
    'mm/shmem.c': { ...mm_shmem, ...mm_shmem_swap, ...mm_shmem_file },
    'ipc/shm.c': { ...ipc_shm, ...ipc_shm_attach },
    'mm/mempolicy.c': { ...mm_mempolicy, ...mm_mempolicy_syscalls, ...mm_mempolicy_alloc, ...mm_mempolicy_shared },
    'kernel/cpuset.c': { ...kernel_cpuset, ...kernel_cpuset_fs },
    'kernel/signal.c': { ...kernel_signal, ...kernel_signal_action },
    'kernel/sched.c': kernel_sched,
    'kernel/sys.c': { ...kernel_sys, ...kernel_sys_rlimit, ...kernel_sys_prctl, ...kernel_sys_priority },
    'kernel/printk.c': kernel_printk,
    'kernel/timer.c': kernel_timer,
    'kernel/sys_ni.c': kernel_sys_ni,
    'arch/ia64/kernel/entry.S': arch_ia64_kernel_entry,
    'arch/ia64/mm/fault.c': arch_ia64_mm_fault,
    'arch/ia64/kernel/process.c': arch_ia64_kernel_process,
    'arch/ia64/mm/init.c': { ...arch_ia64_mm_init, ...arch_ia64_mm_addr_space },
    'init/main.c': init_main,
  },
});
