/** What the changelogs of the patches claim, and what follows from what they do. Patches 3, 4 and 10 by way of -rc4 and of the reviews. */
import { nothing, shown, type Chapter, type Section } from './item.js';

const below: Section = {
  title: 'Below the series: the page-migration patches',
  patch: 0,
  items: [
    shown('migrate_onepage(): its steps, and what it returns when one fails', 'onepage-no-swap', 'onepage-truncated', 'onepage-no-memory', 'onepage-swap-before-memory'),
    shown('without a node, the caller\'s policy decides', 'onepage-any-node'),
    shown('a page in use is tried for 5 seconds; one that cannot be unmapped is given up', 'busy-file-page-waited-for', 'pinned-anonymous-page'),
    shown('try_to_migrate_pages(): the number of busy pages, which are on the list again', 'list-one-busy', 'list-no-memory', 'list-unused-page'),
    shown('or -ENOSPC', 'list-no-swap'),
    shown('inactive pages may just be released', 'inactive-page-released', 'list-keeps-active'),
    shown('neither anonymous pages nor pages without buffers are written', 'anonymous-page-no-io', 'clean-file-page-no-io'),
    shown('a moved page is mapped again, and its neighbours are not', 'mapped-again', 'mapped-again-no-neighbours'),
    shown('attaching a task to a cpuset moves no memory', 'cpuset-attach-moves-nothing'),
  ],
};

const first: Section = {
  title: 'Patch 1',
  patch: 1,
  items: [
    shown('stealing looks at PG_lru under the lock, and may find nothing', 'steal-page-in-pagevec', 'steal-twice', 'lru-test-without-lock', 'steal-bug-keeps-lru-lock'),
    shown('so does putting back', 'putback-page-on-lru'),
    shown('apart from that the helpers do what they did', 'steal-takes-reference', 'steal-keeps-active', 'steal-page-being-freed', 'putback-keeps-reference'),
    nothing('to be applied right behind AA-PM-01', 'about the order of files; the tree is the same'),
  ],
};

const second: Section = {
  title: 'Patch 2',
  patch: 2,
  items: [
    shown('pages of XFS move with their buffers, without being written', 'xfs-dirty-page', 'xfs-dirty-page-state', 'xfs-clean-page', 'xfs-waits-for-disk'),
    shown('which ends the fast and slow moves in turn', 'xfs-fast-slow', 'xfs-writeback-before-passes'),
    shown('metadata is refused', 'xfs-metadata-refused', 'xfs-metadata-unused', 'xfs-metadata-bitmap', 'xfs-metadata-error'),
    shown('for ext2 and ext3 nothing changes', 'ext2-dirty-page', 'ext3-dirty-page'),
  ],
};

const third: Section = {
  title: 'Patch 3',
  patch: 3,
  items: [
    shown('a node map as the second argument', 'migrate-list-prototype', 'node-migrate-onepage'),
    shown('an entry for a node: its pages go there', 'node-map-entry', 'node-map-second-pass', 'node-map-to-itself', 'node-map-not-strict'),
    shown('an entry of -1: its pages stay', 'node-map-minus-one'),
    shown('NULL: as before', 'no-node-map'),
    shown('an array of shorts', 'node-map-of-shorts'),
  ],
};

const fourth: Section = {
  title: 'Patch 4',
  patch: 4,
  items: [
    shown('the call moves the pages of a process and returns how many', 'syscall-1279', 'anonymous-memory-moves', 'shared-file-moves-for-all', 'page-mapped-twice-counts-once',
      'pages-shared-by-fork', 'pagevecs-drained', 'second-call-moves-nothing', 'static-program-moves-whole', 'other-jobs-left-alone'),
    shown('several old nodes at once, each with its new one', 'scheduler-moves-job-back', 'normal-sequence-of-events', 'nodes-merged', 'duplicate-old-node', 'count-256'),
    shown('overlapping moves are for a library to split', 'nodes-overlap', 'overlapping-move-in-steps', 'steps-in-wrong-order'),
    shown('what is not moved', 'other-nodes-left', 'untouched-memory-left', 'zero-page-left', 'swapped-page-left', 'swap-cache-left', 'mlocked-memory-left', 'unmapped-page-cache-left'),
    shown('the new pages: where, and at whose expense', 'full-node-spills-over', 'caller-is-charged', 'file-pages-need-no-swap', 'one-swap-slot-is-enough'),
    shown('the process does not notice', 'contents-kept', 'counts-kept', 'rss-kept', 'moved-before-it-goes-on', 'moved-there-and-back'),
    shown('but for its page tables, which are clean and read-only', 'ptes-clean-and-read-only', 'write-after-move-copies-nothing', 'file-stays-dirty', 'no-swap-in-use-afterwards'),
    shown('its CPU is the scheduler\'s business', 'default-policy-stays-with-cpu'),
    shown('a count of 1 to 256', 'count-zero', 'count-257', 'count-negative', 'count-256'),
    shown('arrays of __u32 in user space', 'no-memory-for-arrays', 'arrays-unreadable', 'array-too-short', 'arrays-of-shorts', 'node-huge'),
    shown('nodes that there are', 'old-node-256', 'new-node-256', 'new-node-offline', 'old-node-offline'),
    shown('a process with memory', 'no-such-process', 'pid-zero', 'kernel-thread', 'zombie'),
    shown('the order of the checks, and that nothing happens before them', 'order-of-checks', 'order-nodes-before-process', 'refused-call-moves-nothing'),
    shown('the first area that fails ends the call', 'busy-page-stays', 'first-failing-vma-ends-call'),
    shown('without CONFIG_MEMORY_MIGRATE there is no such call', 'without-memory-migrate', 'syscall-slots-around'),
  ],
};

const fifth: Section = {
  title: 'Patch 5',
  patch: 5,
  items: [
    shown('the policy of the task', 'policy-task-bind', 'policy-task-interleave', 'policy-task-preferred', 'policy-il-next', 'policy-asked-by-target', 'policy-of-child-stays'),
    shown('the policies of its areas', 'policy-vma-bind', 'policy-vma-interleave', 'policy-vma-preferred', 'policy-objects-part'),
    shown('so that what is allocated later is on the new nodes', 'policy-task-new-memory', 'policy-vma-new-memory'),
    shown('no policy, or the local one, stays', 'policy-default-follows-cpu', 'policy-local-stays-local'),
    shown('nodes may merge; BIND is in ascending order afterwards', 'policy-nodes-merge', 'policy-bind-zone-order'),
    shown('shared memory has its policy in the object', 'policy-shm-in-object', 'policy-shm-new-memory', 'policy-shm-mapped-part', 'policy-shared-anonymous'),
    shown('first the task, then each area before its pages', 'policy-order-before-pages', 'policy-changed-pages-stay'),
    shown('without memory it is -ENOMEM', 'policy-no-memory', 'policy-no-memory-for-vma'),
  ],
};

const sixth: Section = {
  title: 'Patch 6',
  patch: 6,
  items: [
    shown('three flags of mbind(), one at a time', 'mbind-migrate-flags', 'mbind-two-migrate-flags', 'mbind-last-flag-counts', 'mbind-move-flag-reserved'),
    shown('what else mbind() is told does not count', 'mbind-mode-ignored', 'mbind-strict-ignored'),
    shown('which range is marked', 'mbind-empty-range', 'mbind-hole-in-range', 'mbind-range-before-vma', 'mbind-range-above-all', 'mark-whole-file'),
    shown('anonymous memory is not', 'mbind-anonymous', 'select-marked-anonymous'),
    shown('the mark is the file\'s: all who map it see it', 'mark-seen-by-others'),
    shown('it stays as long as the object is in memory', 'mark-is-sticky', 'mark-goes-with-object'),
    shown('get_mempolicy() tells it', 'get-mempolicy-bits', 'get-mempolicy-flags-together', 'get-mempolicy-unmapped', 'get-mempolicy-bad-pointer', 'get-mempolicy-mask-untouched', 'get-mempolicy-short-mask'),
    shown('without these flags mbind() is what it was', 'mbind-strict-moves-nothing'),
    nothing('the documented call casts start to a pointer to int', 'about the spelling of a C program'),
  ],
};

const seventh: Section = {
  title: 'Patch 7',
  patch: 7,
  items: [
    shown('neither mlocked areas nor those of devices', 'select-mlocked-marked', 'select-vm-io', 'select-vm-io-marked'),
    shown('then: all without a file', 'select-anonymous', 'select-anonymous-read-only', 'select-marked-anonymous'),
    shown('then: what is marked, one way or the other', 'select-marked-read-only', 'select-marked-executable', 'select-marked-writable', 'select-marked-default', 'select-marked-shm',
      'mark-obeyed-from-patch-7', 'mark-whole-file'),
    shown('then: what may be written', 'select-user-data', 'select-library-data', 'select-library-text', 'select-locale-file'),
    shown('shared anonymous memory and SysV segments are files', 'select-shared-anonymous', 'select-shm'),
    shown('the target\'s areas decide, not the pages', 'select-by-vma', 'select-by-target', 'select-only-one-process'),
    shown('the result counts what was selected', 'select-count'),
  ],
};

const eighth: Section = {
  title: 'Patch 8',
  patch: 8,
  items: [
    shown('the target must be allowed to use all new nodes', 'cpuset-of-target', 'cpuset-one-node-of-two', 'cpuset-narrowed', 'cpuset-widened'),
    shown('and so must the caller, who allocates them', 'cpuset-of-caller', 'cpuset-of-both', 'caller-is-charged'),
    shown('old nodes are not asked about', 'cpuset-old-nodes'),
    shown('a call that is refused has done nothing', 'cpuset-refused-changes-nothing', 'cpuset-refused-keeps-nothing'),
    shown('without cpusets both tests do nothing', 'cpusets-not-configured'),
    shown('the task is held meanwhile', 'task-held-during-call', 'task-not-held'),
  ],
};

const ninth: Section = {
  title: 'Patch 9',
  patch: 9,
  items: [
    shown('other people\'s processes are not moved', 'permission-other-user', 'permission-roots-process', 'permission-refused-no-change'),
    shown('one\'s own are, by the users that signals go by', 'permission-own', 'permission-self', 'permission-setuid-program', 'permission-real-to-real', 'permission-real-to-saved',
      'permission-effective-to-real', 'permission-effective-to-saved', 'permission-target-euid', 'permission-saved-uid-of-caller'),
    shown('root\'s scheduler moves everybody\'s: CAP_SYS_ADMIN', 'permission-root', 'permission-cap-sys-admin'),
    shown('where for signals there are CAP_KILL and SIGCONT', 'permission-cap-kill', 'permission-cap-sys-nice', 'permission-sigcont'),
    shown('where it stands among the checks', 'permission-no-such-process', 'permission-bad-nodes-first', 'permission-kernel-thread', 'permission-zombie', 'permission-before-cpuset'),
  ],
};

const tenth: Section = {
  title: 'Patch 10, and the hotplug patches',
  patch: 10,
  items: [
    shown('the hotplug tree builds again', 'hotplug-tree-builds'),
    shown('on the page-migration tree there is nothing to patch', 'patch-10-needs-hotplug'),
    shown('the map is NULL: pages go anywhere, as without the series', 'capture-goes-anywhere', 'capture-empties-range', 'capture-same-node'),
    shown('more is moved than by migrate_pages()', 'capture-moves-mlocked', 'capture-moves-page-cache', 'capture-xfs-dirty-page'),
    shown('what is freed meanwhile is kept', 'capture-takes-freed-frames', 'capture-twice'),
    shown('what is in use is tried again, and reported in the end', 'capture-retries', 'capture-pinned-page', 'capture-page-table', 'remove-pages'),
    shown('-ENOSPC asks for a swap device', 'capture-without-swap'),
  ],
};

export const changelogs: Chapter = {
  title: 'The changelogs',
  introduction: 'What each patch says that it does, and what follows from it.',
  sections: [below, first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth],
};
