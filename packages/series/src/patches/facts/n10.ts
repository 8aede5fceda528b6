import type { PatchFacts } from '../facts.js';

export const n10: PatchFacts = {
  name: 'N1.0-memsection_migrate.patch',
  author: 'the memory hotplug project',
  mail: null,
  purpose: [
    'Takes a range of page frames out of use, for hot-remove: capture_page_range() takes free frames at once and the others when their pages have been migrated, and tries again while some are left. '
      + 'It is the only caller of try_to_migrate_pages() outside the series, as patch 10 mends the whole tree with one line.',
  ],
  needs: [],
  files: [
    { file: 'mm/memory_hotplug.c', insertions: null, deletions: null, note: 'the caller: in the hotplug tree before this patch, here because the base of the kit has nothing of hotplug' },
    { file: 'mm/page_alloc.c', insertions: null, deletions: null },
  ],
  diffstat: 'not known; that capture_page_range() is in mm/page_alloc.c the overview says',
  remarks: [
    'Reconstruction: of the patch only the lines around the call are seen, in patch 10; how pages are grabbed, in a mail of 26 October 2004; the caller, in a roll-up of 17 February 2005.',
    'It goes on the base as well as on any of levels 1 to 9; in the series file it stands behind patch 9.',
  ],
  reviews: [{ by: 'IWAMOTO Toshihiro', date: '2005-08-12', text: 'Passed on by Dave Hansen: lru_add_drain() is missing before try_to_migrate_pages(), and the watermarks of the zone are not set anew when a range is gone.' }],
  lineage: [{ version: '2.6.24', commit: '0c0e6195896535481173df98935ad8db174f4d45', text: 'offline_pages(). The release is recalled, not looked up.' }],
  sources: ['the mail of rc4 11/11', 'Marcelo Tosatti, 26 October 2004', 'Dave Hansen, 17 February 2005', 'memory hotremoval for 2.6.7, 14 July 2004'],
};
