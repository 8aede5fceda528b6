/** Patch 10 of 10: capture_page_range() passes the argument of patch 3. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { patch as n10 } from '@pmkit/n10-memsection-migrate';
import type { patch as n11 } from '@pmkit/n11-pass-page-list';
import type { Kernel9 } from '@pmkit/p09-permissions-check';
import { capture_page_range } from './mm/page_alloc.js';

export const patch = definePatch({
  name: 'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch',
  package: '@pmkit/p10-hotplug-fixup',
  after: 'N1.1-pass-page_list-to-steal_page.patch',
  replaces: { 'mm/page_alloc.c': { capture_page_range } },
});

/** The kernel with patches 1 to 9 and the hotplug patches: it does not link. */
type Hotplug9 = Over<Over<Kernel9, SymbolsOfPatch<typeof n10>>, SymbolsOfPatch<typeof n11>>;
/** The kernel with all patches. */
export type Kernel10 = Over<Hotplug9, SymbolsOfPatch<typeof patch>>;
