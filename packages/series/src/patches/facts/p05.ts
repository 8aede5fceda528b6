import type { PatchFacts } from '../facts.js';

export const p05: PatchFacts = {
  name: 'sys_migrate_pages-mempolicy-migration-rc3.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 5/10', date: '2005-06-22', messageId: '20050622163941.25515.38103.92916@tomahawk.engr.sgi.com' },
  purpose: [
    'Rewrites the memory policies met on the way, that of the process first and then that of each vma before its pages, so that what is allocated after the move goes to the new nodes. '
      + 'BIND, PREFERRED and INTERLEAVE are mapped node by node; DEFAULT stays and follows the CPU.',
  ],
  needs: [4],
  files: [
    { file: 'include/linux/mempolicy.h', insertions: 2, deletions: 0, note: 'two prototypes; here they are types' },
    { file: 'mm/mempolicy.c', insertions: 116, deletions: 0 },
    { file: 'mm/mmigrate.c', insertions: 11, deletions: 1 },
  ],
  diffstat: 'from the mail',
  remarks: [
    'node_map is declared unsigned int * here while the system call hands over int with -1 in it, so nodes that are not in old_nodes are not kept. Only -rc3 has this: -rc1 and -rc2 have short *, -rc4 has int *.',
    'What follows from that is deduced from the code and 2.6.12\'s bit operations; no mail speaks of it.',
  ],
  reviews: [
    { by: 'Andi Kleen', date: '2005-06-23', messageId: '20050623015121.GI14251@wotan.suse.de', text: 'Shared memory keeps its policies in the object, which this misses. il_next may leave the policy and BUG().' },
    { by: 'Ray Bryant', date: '2005-06-23', messageId: '42BB22C3.7070602@engr.sgi.com', text: 'Missed the shared memory. A vma\'s policy must only change when the vma is migrated: done in -rc4, inside migrate_vma(). The BUG_ON() in offset_il_node() can trip when the mask changes meanwhile: removed in -rc4.' },
    { by: 'Andi Kleen', date: '2005-06-23', messageId: '20050623210524.GN14251@wotan.suse.de', text: 'Removing it is fine. Should migration touch tmpfs at all?' },
    { by: 'Ray Bryant', date: '2005-06-25', messageId: '42BCE792.5090507@engr.sgi.com', text: 'If the vma is migrated, data and policy go along. -rc4 adds a patch for it, with a defect of its own.' },
  ],
  lineage: [{ version: '2.6.16', commit: '39743889aaf76725152f16aa90ca3c45f6d52da3', text: 'migrate_pages() leaves policies alone, and says so against this patch. Rebinding went into cpusets: mpol_rebind_policy(), mpol_rebind_task(), mpol_rebind_mm().' }],
  sources: ['the patch mail and its replies (linux-mm)', 'rc2 6/8, rc4 5/11 and 6/11', 'Linux 2.6.12 mm/mempolicy.c', 'Linux 2.6.18 mm/mempolicy.c'],
};
