/** Patch 1 of 10: the locked LRU helpers test PG_lru under the lock. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel0 } from '@pmkit/mm-core';
import * as mm_inline from './include/linux/mm_inline.js';

export const patch = definePatch({
  name: 'hirokazu-steal_page_from_lru.patch',
  package: '@pmkit/p01-steal-page-from-lru',
  after: 'AA-PM-99-x86_64-IMMOVABLE.patch',
  replaces: { 'include/linux/mm_inline.h': mm_inline },
});

/** The kernel with patch 1 on top. */
export type Kernel1 = Over<Kernel0, SymbolsOfPatch<typeof patch>>;
