import type { PatchFacts } from '../facts.js';

export const p10: PatchFacts = {
  name: 'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 10/10', date: '2005-06-22', messageId: null },
  purpose: [
    'Mends the one caller that patch 3 left behind: capture_page_range(), which N1.0 of the hotplug patches brings, calls try_to_migrate_pages() without a node map. It passes NULL now, which means what one argument meant before.',
    'It is for those who build the whole hotplug tree; without the hotplug patches there is nothing to apply it to.',
  ],
  needs: [3],
  files: [{ file: 'mm/page_alloc.c', insertions: 1, deletions: 1 }],
  diffstat: 'from the mail of rc4 11/11, which carries the tree of -rc3 and the date 21 June 2005',
  remarks: ['It goes behind N1.1-pass-page_list-to-steal_page.patch, not behind patch 9.', 'The mail of rc3 10/10 itself was not found.'],
  reviews: [],
  lineage: [{ version: '2.6.24', commit: '0c0e6195896535481173df98935ad8db174f4d45', text: 'Memory hot-remove in mainline: offline_pages() with the callbacks of migrate_pages(). The release is recalled, not looked up.' }],
  sources: ['the mail of rc4 11/11', 'overview of the series (rc3 0/10)'],
};
