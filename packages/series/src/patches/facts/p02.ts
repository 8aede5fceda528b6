import type { PatchFacts } from '../facts.js';

export const p02: PatchFacts = {
  name: 'xfs-migrate-page-rc3.patch',
  author: 'Nathan Scott',
  mail: { as: 'rc3 2/10', date: '2005-06-22', messageId: '20050622163921.25515.62325.69270@tomahawk.engr.sgi.com' },
  purpose: [
    'Lets pages of XFS files move together with their buffers, as those of ext2 and ext3 could already. Without a method of its own a file system gets the default one, which writes a dirty page out and strips its '
      + 'buffers first: minutes for a few megabytes, fast and slow runs in turn, in Ray Bryant\'s measurements of April 2005.',
    'Metadata pages of XFS are refused.',
  ],
  needs: [],
  files: [
    { file: 'fs/xfs/linux-2.6/xfs_aops.c', insertions: 10, deletions: 0 },
    { file: 'fs/xfs/linux-2.6/xfs_buf.c', insertions: 7, deletions: 0 },
  ],
  diffstat: 'from the mail',
  remarks: ['Sent by Ray Bryant for its author.', 'mapping_aops is a static table inside xfs_mapping_buftarg() in the original, a symbol of its own here.'],
  reviews: [
    { by: 'Joel Schopp', date: '2005-06-22', messageId: '42B9A041.8000301@austin.ibm.com', text: 'What would migrating the metadata as well take?' },
    { by: 'Nathan Scott', date: '2005-06-23', messageId: '20050623040108.GC711@frodo', text: 'Freeze the file system, flush, drop the cache pages, thaw. No change was made.' },
  ],
  lineage: [{ version: '2.6.16', commit: 'e965f9630c651fa4249039fd4b80c9392d07a856', text: 'The migratepage operation, and buffer_migrate_page() for ext2, ext3 and xfs. Metadata have fail_migrate_page(): -EIO, which is permanent, in place of -EBUSY.' }],
  sources: ['the patch mail and its two replies (linux-mm)', 'thread about slow migrations on XFS, April 2005', 'Linux 2.6.18 fs/xfs/linux-2.6'],
};
