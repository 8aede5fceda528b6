/** N1.1 of the memory hotplug patches: steal_page() gets the list. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { KernelN10 } from '@pmkit/n10-memsection-migrate';
import { grab_capturing_pages, steal_page } from './mm/page_alloc.js';

export const patch = definePatch({
  name: 'N1.1-pass-page_list-to-steal_page.patch',
  package: '@pmkit/n11-pass-page-list',
  after: 'N1.0-memsection_migrate.patch',
  replaces: { 'mm/page_alloc.c': { grab_capturing_pages } },
  reprototypes: { 'mm/page_alloc.c': { steal_page } },
});

/** The base kernel with N1.0 and N1.1. */
export type KernelN11 = Over<KernelN10, SymbolsOfPatch<typeof patch>>;
