/**
 * Where a run can be stopped within a step: at the beginning and the end of the kernel's functions that say what happens to pages. Not all of the kernel's functions, of which a step may go through
 * millions.
 */

/** How a page comes to be somewhere, or is nowhere any more: at the end of these. */
const PAGE_POINTS = ['do_anonymous_page', 'do_no_page', 'do_swap_page', 'do_wp_page', 'migrate_onepage', 'shrink_list'] as const;

const POINTS = [
  ...PAGE_POINTS,
  'ia64_do_page_fault', 'handle_mm_fault',
  'migrate_vma', 'steal_page_from_lru', '__steal_page_from_lru', 'try_to_migrate_pages', 'generic_migrate_page', 'migrate_page_common', 'migrate_page_buffer', 'linvfs_migrate_page', 'try_to_unmap', 'putback_page_to_lru',
  'migrate_process_policy', 'migrate_vma_policy', 'migrate_policy', 'mbind_migration_policy', 'cpuset_mems_allowed', 'cpuset_update_current_mems_allowed', 'capable', 'find_task_by_pid',
  'capture_page_range', '__remove_pages', 'grab_capturing_pages',
  'get_signal_to_deliver', 'do_exit', 'out_of_memory', 'try_to_free_pages', 'pageout', 'add_to_swap', 'swap_writepage', 'swap_readpage', 'page_cache_read',
] as const;

const points = new Set<string>(POINTS);
const pagePoints = new Set<string>(PAGE_POINTS);

/** The functions that report; a system call's own function is one. */
export const isTracePoint = (name: string): boolean => points.has(name) || name.startsWith('sys_');

export const isPageEvent = (kind: 'enter' | 'leave', name: string): boolean => kind === 'leave' && pagePoints.has(name);
