import type { PatchFacts } from '../facts.js';

export const p06: PatchFacts = {
  name: 'add-mempolicy-control-rc3.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 6/10', date: '2005-06-22', messageId: '20050622163947.25515.52176.79100@tomahawk.engr.sgi.com' },
  purpose: [
    'Lets user space override, file by file, what the kernel will migrate: mbind() with MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE or MPOL_MF_MMIGRATE_DEFAULT on a mapping of the file, get_mempolicy() with MPOL_F_MMIGRATE to ask. '
      + 'The answer is kept in the address_space, so every mapping of the file sees it, for as long as the object is in memory.',
    'Nothing looks at the bits until patch 7.',
  ],
  needs: [],
  files: [
    { file: 'include/linux/mempolicy.h', insertions: 18, deletions: 0, note: 'constants' },
    { file: 'include/linux/pagemap.h', insertions: 4, deletions: 0, note: 'two bits of address_space.flags' },
    { file: 'mm/mempolicy.c', insertions: 81, deletions: 3 },
  ],
  diffstat: 'from the mail',
  remarks: ['Its text calls patch 7 by a name that ends in -rc4.', 'The reference to start in the documented call of get_mempolicy() is cast to a pointer to int.'],
  reviews: [
    { by: 'Andi Kleen and Christoph Hellwig', date: null, text: 'Thread about madvise() and mbind(), May 2005: Kleen wants the state in the address_space; Hellwig dislikes policy in the kernel, and on 28 May would have all of it in an extended attribute that is read once, at mmap() time. No reply to rc3 6/10 was found.' },
  ],
  lineage: [{ version: '2.6.16', commit: 'dc9aa5b9d65fd11b1f5246b46ec610ee8b83c6dd', text: 'Dropped. The same bits mean something else: 1<<1 is MPOL_MF_MOVE, 1<<2 is MPOL_MF_MOVE_ALL, 1<<3 is internal. Shared pages are told by their map count.' }],
  sources: ['the patch mail (linux-mm)', 'thread "manual page migration and madvise/mbind", 17 to 28 May 2005', 'Linux 2.6.18 mm/mempolicy.c', 'man-pages mbind(2)'],
};
