/** What text and code disagree about, what is wrong, and the table of what should be seen: from reviews, and from reading the code since. */
import { nothing, shown, type Chapter } from './item.js';

export const discrepancies: Chapter = {
  title: 'Text and code',
  introduction: 'Where a text says something else than the code does. The kit does what the code does.',
  sections: [
    {
      title: 'Of the series',
      items: [
        shown('patch 3: pages of a node with entry -1 are left where they are', 'node-map-minus-one'),
        shown('patch 3: an array of shorts', 'node-map-of-shorts'),
        shown('patch 6: the setting comes back in the bottom two bits', 'get-mempolicy-bits'),
        shown('patch 6: a comment has the executable migrated by default', 'select-executable'),
        nothing('the overview has no item (4) and two names without -rc3; patch 6 calls patch 7 by a name with -rc4', 'about names and numbers in texts'),
        shown('-rc4 says that Takahashi\'s suggestion is in; the BUG() still is', 'page-under-reclaim-bug'),
        shown('patch 8: without cpusets both tests do nothing', 'cpusets-not-configured'),
        shown('overview: patch 1 simplifies an interface', 'steal-prototypes'),
        shown('patch 10: NULL moves pages off their node', 'capture-same-node'),
      ],
    },
    {
      title: 'Of the review',
      items: [shown('Bryant: an il_next outside the policy does not BUG()', 'unsigned-il-next')],
    },
  ],
};

export const defects: Chapter = {
  title: 'Defects',
  introduction: 'What was known to be wrong at the time, and what was found in the code since.',
  sections: [
    {
      title: 'Before patch 1',
      patch: 1,
      items: [shown('a test of PG_lru without the lock is a BUG() when it is lost, and the lock stays held', 'lru-test-without-lock', 'steal-bug-keeps-lru-lock')],
    },
    {
      title: 'Patch 4',
      patch: 4,
      items: [
        shown('(a) a mapped page off the LRU is a BUG(), with locks held', 'page-under-reclaim-bug', 'page-in-pagevec-bug', 'bug-keeps-page-table-lock', 'bug-keeps-mmap-sem', 'bug-loses-collected-pages'),
        nothing('(a) so is a page that one non-linear area maps twice', 'the simulated kernel has no non-linear mappings'),
        shown('(b) a page that was busy keeps the reference of the steal', 'busy-page-keeps-reference', 'busy-page-for-ever', 'busy-page-never-freed'),
        shown('(c) on -ENOSPC the pages are lost from the LRU', 'no-swap-loses-pages', 'no-swap-then-bug'),
        shown('(d) anonymous memory needs swap that it does not use', 'anonymous-memory-needs-swap', 'swap-full'),
        shown('(e) the task is used without a reference, until patch 8', 'task-not-held'),
        shown('(f) a running target may be killed, and what it allocates behind the call stays', 'running-target-killed', 'running-target-allocates-behind', 'continued-during-call'),
        shown('(g) page cache that the target does not map stays', 'unmapped-page-cache-left'),
        nothing('draining a pagevec in an interrupt turns interrupts on', 'within one CPU the simulation has no interrupts'),
        shown('libraries move under all who use them, until patch 7', 'library-text-of-others'),
      ],
    },
    {
      title: 'Killed by the VM',
      patch: 4,
      items: [
        shown('reported of -rc2, -rc3 and -rc4: reliable only when stopped; no oops', 'running-target-killed', 'stopped-target-safe', 'killed-but-no-oops'),
        shown('nothing keeps the target stopped; Lameter proposes the freezer', 'continued-during-call'),
        shown('a fault between unmapping and mapping again finds a swap entry that is gone', 'running-target-killed'),
        shown('with file pages it waits instead', 'running-target-file-page'),
      ],
    },
    {
      title: 'Patch 5',
      patch: 5,
      items: [
        shown('unsigned node map: PREFERRED of another node becomes local', 'unsigned-preferred'),
        shown('unsigned node map: INTERLEAVE and BIND lose their other nodes', 'unsigned-interleave-drops', 'unsigned-bind-drops'),
        shown('unsigned node map: a BIND without a node', 'unsigned-bind-empty', 'unsigned-bind-empty-no-cpusets'),
        shown('unsigned node map: an INTERLEAVE without a node, also of shared memory', 'unsigned-interleave-empty-vma', 'unsigned-interleave-empty-task', 'unsigned-interleave-shared'),
        shown('unsigned node map: an il_next of -1', 'unsigned-il-next'),
        shown('unsigned node map: the same call again', 'unsigned-second-call'),
        shown('policies change where no page moves', 'policy-of-mlocked', 'policy-of-deselected'),
        shown('policies of shared memory are missed, or overwritten', 'policy-shm-missed', 'policy-shm-overwritten'),
        nothing('policies change under a running target, without a lock', 'in the simulation an allocation by policy is one step, which nothing can come between'),
      ],
    },
    {
      title: 'Patch 6',
      patch: 6,
      items: [shown('anybody may mark a file', 'mark-by-anybody'), shown('the mark leaks into the flags of an allocation', 'mark-leaks-into-gfp')],
    },
    {
      title: 'Patch 7',
      patch: 7,
      items: [
        shown('read-only data of the user stays', 'select-user-data-read-only'),
        shown('so does shared memory of the job that it only reads', 'select-shared-anonymous-ro', 'select-shm-read-only'),
        shown('so do private copies, once they were made read-only', 'select-mprotected-copies'),
        shown('the data of a library moves with pages that others share', 'select-library-data-of-others'),
        shown('policies change of what stays', 'policy-of-deselected'),
      ],
    },
    { title: 'Patch 8', patch: 8, items: [shown('the caller allocates by its old copy of what it is allowed', 'cpuset-copy-of-caller')] },
    {
      title: 'The hotplug patches',
      patch: 10,
      items: [
        shown('nobody waits for the drain', 'capture-drain-not-waited'),
        shown('the watermarks of a zone are not set anew', 'capture-keeps-watermarks'),
        shown('pages that are being captured are off the LRU for migrate_pages()', 'capture-meets-migrate-pages'),
      ],
    },
  ],
};

export const table: Chapter = {
  title: 'The table of what should be seen',
  introduction: 'Situations that differ from level to level.',
  sections: [
    {
      title: 'Situations',
      items: [
        shown('system call 1279', 'syscall-1279'),
        shown('stealing a page that is not on the LRU', 'steal-page-in-pagevec', 'page-under-reclaim-bug'),
        shown('read-only text of a library', 'select-library-text'),
        shown('the same, marked to be migrated', 'mbind-migrate-flags', 'select-marked-read-only'),
        shown('an anonymous page', 'select-anonymous'),
        shown('mlocked memory', 'mlocked-memory-left'),
        shown('policies of the target', 'policy-task-bind', 'policy-vma-interleave', 'policy-task-preferred', 'unsigned-bind-drops'),
        shown('a new node that the target\'s cpuset does not have', 'cpuset-of-target'),
        shown('a process of another user', 'permission-other-user'),
        shown('a dirty XFS page with buffers', 'xfs-dirty-page'),
      ],
    },
  ],
};
