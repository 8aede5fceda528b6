import type { PatchFacts } from '../facts.js';

export const p01: PatchFacts = {
  name: 'hirokazu-steal_page_from_lru.patch',
  author: 'Hirokazu Takahashi',
  mail: { as: 'rc3 1/10', date: '2005-06-22', messageId: '20050622163915.25515.46440.25758@tomahawk.engr.sgi.com' },
  purpose: [
    'Makes the locked wrappers around the LRU safe. steal_page_from_lru() and putback_page_to_lru() trusted their caller to have tested PG_lru, and a test without zone->lru_lock can be out of date when '
      + 'the lock is taken; the helper then runs into its BUG(). Now they test under the lock.',
  ],
  needs: [],
  files: [{ file: 'include/linux/mm_inline.h', insertions: 5, deletions: 3 }],
  diffstat: 'from the mail',
  remarks: ['Its author wanted it right behind AA-PM-01, where the helpers come from.'],
  reviews: [{ by: 'Hirokazu Takahashi', date: null, text: 'Reviewing -rc2 he found the race: migrate_vma() tested PageLRU without the lock. No reply to rc3 1/10 was found.' }],
  lineage: [{ version: '2.6.16', commit: '21eac81f252f', text: 'isolate_lru_page(page, list): PageLRU is tested without the lock and again with it, 0 or -EBUSY; putback_lru_pages() goes through pagevecs and drops the reference itself.' }],
  sources: ['the patch mail (linux-mm)', 'the review of -rc2', 'Linux 2.6.18 mm/migrate.c'],
};
