import type { PatchFacts } from '../facts.js';

export const n11: PatchFacts = {
  name: 'N1.1-pass-page_list-to-steal_page.patch',
  author: 'the memory hotplug project',
  mail: null,
  purpose: ['Follows the interface of the LRU helpers: grabbing a page of the range hands the list over that the page is put on.'],
  needs: [],
  files: [{ file: 'mm/page_alloc.c', insertions: null, deletions: null }],
  diffstat: 'not known',
  remarks: ['Reconstruction: the patch is known by its name and by its place before patch 10.'],
  reviews: [],
  lineage: [],
  sources: ['overview of the series (rc3 0/10)', 'Marcelo Tosatti, 26 October 2004'],
};
