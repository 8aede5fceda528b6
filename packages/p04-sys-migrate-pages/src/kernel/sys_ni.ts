/**
 * kernel/sys_ni.c as patch 4 leaves it: without CONFIG_MEMORY_MIGRATE the call is sys_ni_syscall(), that is -ENOSYS.
 *
 * Christoph Hellwig asked for cond_syscall() in his review of -rc2 and -rc4 has it; that -rc3 had it already is very likely, not seen.
 */
import { cond_syscalls as cond_syscalls_before } from '@pmkit/mm-core/kernel/sys_ni';

/** Weak system calls: function → the configuration option that brings a real one. */
export const cond_syscalls: Readonly<Record<string, string>> = { ...cond_syscalls_before, sys_migrate_pages: 'CONFIG_MEMORY_MIGRATE' };
