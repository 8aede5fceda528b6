import type { PatchFacts } from '../facts.js';

export const p03: PatchFacts = {
  name: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 3/10', date: '2005-06-22', messageId: null },
  purpose: [
    'Lets a caller of try_to_migrate_pages() say where pages go, by the node they are on: a map with an entry for each of MAX_NUMNODES nodes, a node or -1. Without a map all is as before.',
    'The prototype changes, and the hotplug patches still call the old one: with them, the tree does not build until patch 10.',
  ],
  needs: [],
  files: [
    { file: 'include/linux/mmigrate.h', insertions: 10, deletions: 1 },
    { file: 'mm/mmigrate.c', insertions: 6, deletions: 4 },
  ],
  diffstat: 'from the mail of rc4 3/11, which says that it is unchanged from -rc3 and carries the tree and the date of -rc3',
  remarks: ['The mail of rc3 3/10 itself was not found.', 'In -rc1 and -rc2 the map was an array of short; the text still says so, the code has int.'],
  reviews: [{ by: 'Dave Hansen', date: null, text: 'Disliked the variant of -rc1 that depended on CONFIG_NUMA; -rc2 dropped it. No reply to rc3 3/10 was found.' }],
  lineage: [
    { version: '2.6.16', text: 'A list of target pages, allocated beforehand, takes the place of the map.' },
    { version: '2.6.18', text: 'A callback, new_page_t, allocates each target page.' },
  ],
  sources: ['the mail of rc4 3/11', 'rc2 3/8', 'Ray Bryant\'s patch of 4 January 2005 for MIGRATE_NODE_ANY', 'Linux 2.6.17 and 2.6.18 mm/migrate.c'],
};
