import type { PatchFacts } from '../facts.js';

export const p04: PatchFacts = {
  name: 'add-sys_migrate_pages-rc3.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 4/10', date: '2005-06-22', messageId: '20050622163934.25515.22804.81297@tomahawk.engr.sgi.com' },
  purpose: [
    'The system call: migrate_pages(pid, count, old_nodes, new_nodes) moves the pages of a process from old nodes to new ones, pair by pair. A batch scheduler names a stopped process; the kernel does the rest.',
    'This patch moves every mapped page, shared libraries included, so by itself it is of use for statically linked programs. Selection comes with patch 7.',
  ],
  needs: [1, 3],
  files: [
    { file: 'arch/ia64/kernel/entry.S', insertions: null, deletions: null },
    { file: 'kernel/sys_ni.c', insertions: null, deletions: null },
    { file: 'mm/mmigrate.c', insertions: null, deletions: null },
  ],
  diffstat: 'not known: the mail was not found; the list of files is that of rc4 4/11',
  remarks: [
    'Reconstruction: migrate_vma() is quoted in full in Takahashi\'s review, prototype, checks and tail in Dave Hansen\'s; the rest follows from the context lines of patches 5, 7, 8 and 9, and from -rc2 and -rc4.',
    'Not certain: where the three allocations stand, and whether cond_syscall() was there already.',
    'How a running target comes to be killed is modelled: the overview reports it and no mail explains it.',
  ],
  reviews: [
    { by: 'Dave Hansen', date: '2005-06-22', messageId: '1119461013.18457.61.camel@localhost', text: '__user, one exit label, validation in a helper, continue and early return in place of nesting. Accepted for -rc4, whose helper is off by one and wants old nodes online.' },
    { by: 'Hirokazu Takahashi', date: '2005-06-25', messageId: '20050625.193243.112617952.taka@valinux.co.jp', text: 'A mapped page can be off the LRU at any time: skip it instead of BUG(). Ray Bryant agreed; -rc4 says that it has what was suggested, and still has the BUG().' },
    { by: 'Christoph Lameter', date: '2005-06-23', messageId: 'Pine.LNX.4.62.0506231428330.23673@graphe.net', text: 'On the overview: use the freezer of suspend to stop the target, as SIGSTOP from user space races. Ray Bryant feared for hibernation using the same flag at the same time.' },
    { by: 'Christoph Hellwig', date: null, text: 'Of -rc2: fixed-size types in place of arrays of short, cond_syscall(), no retry loop around blk_congestion_wait().' },
  ],
  lineage: [
    { version: '2.6.16', commit: '39743889aaf76725152f16aa90ca3c45f6d52da3', text: 'migrate_pages(pid, maxnode, old_nodes, new_nodes) with bit masks. It credits Ray Bryant\'s API; pid 0 is the caller, old and new may overlap, the result is the number of pages that could not be moved. On ia64 it is call 1280.' },
    { version: '2.6.16', commit: '7e2ab150d1b3', text: 'Nodes are mapped one to one, and pairs are ordered so that targets are vacated first.' },
    { version: '2.6.18', commit: '742755a1d8ce', text: 'move_pages() for single pages.' },
  ],
  sources: ['the reviews of rc3 4/10', 'rc2 4/8 and rc4 4/11', 'rc3 5/10, 7/10, 8/10 and 9/10', 'man-pages migrate_pages(2)'],
};
