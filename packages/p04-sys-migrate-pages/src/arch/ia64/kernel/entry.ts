/**
 * arch/ia64/kernel/entry.S as patch 4 leaves it: the last slot of the table, 1279, is sys_migrate_pages().
 *
 * The overview calls the number unresolved: one had to be assigned. Mainline gave 1279 to inotify_rm_watch and 1280 to migrate_pages.
 */
import { sys_call_table as sys_call_table_before } from '@pmkit/mm-core/arch/ia64/kernel/entry';

export const __NR_migrate_pages = 1279;

/** System call number → name of the kernel function. */
export const sys_call_table: Readonly<Record<number, string>> = { ...sys_call_table_before, [__NR_migrate_pages]: 'sys_migrate_pages' };
