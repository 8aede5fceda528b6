import type { PatchFacts } from '../facts.js';

export const p09: PatchFacts = {
  name: 'sys_migrate_pages-permissions-check.patch',
  author: 'Ray Bryant',
  mail: { as: 'rc3 9/10', date: '2005-06-22', messageId: '20050622164007.25515.4780.50462@tomahawk.engr.sgi.com' },
  purpose: [
    'Refuses callers who have no business with the target. The comparisons are those for signals: one of the caller\'s uid and euid is the target\'s uid or suid. Beside them CAP_SYS_ADMIN will do, where for signals it is CAP_KILL.',
  ],
  needs: [8],
  files: [
    { file: 'include/linux/capability.h', insertions: 2, deletions: 0, note: 'a comment' },
    { file: 'mm/mmigrate.c', insertions: 12, deletions: 0 },
  ],
  diffstat: 'from the mail',
  remarks: ['The overview calls it without -rc3, the subject of its mail with it.', 'It needs patch 8 as text only: its context has lines of that patch.'],
  reviews: [
    { by: 'Ray Bryant', date: '2005-04-05', text: 'The overview of -rc1 lists the choices: root only, a capability of its own, or whoever may signal. No reply to rc3 9/10 was found.' },
    { by: 'Andrew Morton and Christoph Lameter', date: null, text: 'November 2005, of the later call: why these permissions? Whoever may kill a process may slow it down.' },
  ],
  lineage: [{ version: '2.6.16', commit: '39743889aaf76725152f16aa90ca3c45f6d52da3', text: 'The same four comparisons, with CAP_SYS_NICE, behind the test for a task without memory, and with a hook for security modules.' }],
  sources: ['the patch mail (linux-mm)', 'overview of -rc1', 'rc2 8/8, which had the same check', 'Linux 2.6.12 kernel/signal.c', 'Linux 2.6.18 mm/mempolicy.c', 'man-pages migrate_pages(2)'],
};
