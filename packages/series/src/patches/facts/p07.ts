import type { PatchFacts } from '../facts.js';

export const p07: PatchFacts = {
  name: 'sys_migrate_pages-migration-selection-rc3.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 7/10', date: '2005-06-22', messageId: '20050622163954.25515.63565.55012@tomahawk.engr.sgi.com' },
  purpose: [
    'Selects the vmas that move: anonymous ones, and mapped files that are writable. Text of programs and libraries and files mapped read-only stay where they are. The bits of patch 6 override that in both directions.',
    'With it the call is of use for programs with shared libraries.',
  ],
  needs: [4, 6],
  files: [{ file: 'mm/mmigrate.c', insertions: 20, deletions: 9 }],
  diffstat: 'from the mail',
  remarks: ['Anonymous means: no vm_file. Shared anonymous memory and SysV segments have one and fall under the rule for files.'],
  reviews: [
    { by: 'Christoph Hellwig', date: '2005-05-28', text: 'Against policy in the kernel. Ray Bryant, in the mail where the rule appears first: an optimisation, which user space can override. No reply to rc3 7/10 was found.' },
  ],
  lineage: [
    { version: '2.6.16', commit: 'dc9aa5b9d65fd11b1f5246b46ec610ee8b83c6dd', text: 'Selection by map count: MPOL_MF_MOVE leaves pages that others map as well, MPOL_MF_MOVE_ALL takes them.' },
    { version: '2.6.18', text: 'vma_migratable() refuses I/O mappings and huge pages, among others (the list is recalled). With migration entries mlocked memory can move.' },
  ],
  sources: ['the patch mail (linux-mm)', 'Ray Bryant to Christoph Hellwig, 28 May 2005', 'rc4 8/11', 'Linux 2.6.18 mm/migrate.c'],
};
