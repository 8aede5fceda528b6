import type { PatchFacts } from '../facts.js';

export const base: PatchFacts = {
  name: 'AA-PM-99-x86_64-IMMOVABLE.patch',
  author: 'the memory hotplug project; tree kept by Dave Hansen',
  mail: null,
  purpose: [
    'The tree below the series: Linux 2.6.12-rc5 with the page-migration patches (AA-PM-01 to AA-PM-99) of the memory hotplug tree 2.6.12-rc5-mhp1. It can move a page under its users: '
      + 'migrate_onepage() moves one, try_to_migrate_pages() a list. Nobody in user space can ask for it; the hotplug patches that empty a range of memory are its only caller.',
    'The overview puts patches 1 to 9 right behind AA-PM-99, and patch 10 behind N1.1 of the patches that follow.',
  ],
  needs: [],
  files: [],
  diffstat: 'not known: the broken-out patches are not in the archives read for this kit',
  remarks: [
    'mm/mmigrate.c of this tree was not found in full. It is rebuilt from its callers, from the non-blocking copies of June 2005, and from its ancestors of 2004; what stays open and can be observed is an option of the machine.',
    'What AA-PM-99 and PG_immovable mean was not found at all.',
  ],
  reviews: [
    { by: 'Hirokazu Takahashi and Marcelo Tosatti', date: null, text: 'Discussion of October 2004: the tags of the radix tree are not moved with a page, only the dirty tag comes back with set_page_dirty().' },
    { by: 'Ray Bryant', date: '2005-02-28', text: 'touch_unmapped_address() passed a length in bytes where one in pages was meant and faulted in up to 16384 pages; fixed before this tree.' },
  ],
  lineage: [
    { version: '2.6.16', commit: '49d2e9cc4544369635cd6f4ef6d5bb0f757079a7', text: 'migrate_pages() inside the kernel, at first by swapping out.' },
    { version: '2.6.16', commit: 'a48d07afdf18212de22b959715b16793c5a6e57a', text: 'Pages are copied directly again; the commit credits the hotplug patches.' },
    { version: '2.6.18', commit: '0697212a411c1dae03c27845f2de2f3adb32c331', text: 'Migration entries in the page tables: moving anonymous memory no longer needs swap.' },
  ],
  sources: ['overview of the series (rc3 0/10), 22 June 2005', 'non-blocking copies of its functions, Marcelo Tosatti, 4 June 2005', 'memory hotremoval for 2.6.7, 14 July 2004', 'Linux 2.6.12'],
};
