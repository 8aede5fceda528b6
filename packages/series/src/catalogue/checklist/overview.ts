/**
 * The overview of -rc3, 22 June 2005, sentence by sentence, in its order. A sentence ends with a full stop, or with an address on a line of its own; a
 * colon does not end one, so that what leads in to a list goes with its first item. Headings, names of patches and item numbers belong to the
 * sentence behind them. Header, signature and the footer of the list are not counted.
 */
import { nothing, shown, type Chapter, type Section } from './item.js';

const ADDRESS = 'where a text is to be found';
const HISTORY = 'how the text and the patches came about';
const POINTER = 'points to a patch further down';
const LAYOUT = 'how the trees were put together from files';

const summary: Section = {
  title: 'Summary',
  items: [
    nothing('this is -rc3 of what was proposed in February', HISTORY),
    nothing('the overview is short because that of April still holds', HISTORY),
    nothing('where that of April is', ADDRESS),
    nothing('where -rc2 is', ADDRESS),
    shown('first difference to -rc2: the tree below is 2.6.12-rc5-mhp1 with the page-migration patches', 'page-migration-tree-builds'),
    nothing('second: -rc2 knew libraries and files to be left alone by an extended attribute of XFS', 'of -rc2; this series has no such attribute'),
    shown('which areas are migrated now: anonymous ones', 'select-anonymous', 'select-anonymous-read-only', 'anonymous-memory-moves'),
    shown('and those of mapped files that may be written', 'select-user-data', 'select-library-data', 'select-shared-anonymous', 'select-shm', 'select-by-vma'),
    shown('right for shared libraries and read-only files below /lib and /usr/lib', 'select-library-text', 'select-locale-file', 'library-text-of-any-process', 'library-text-of-others'),
    shown('not for the executable, nor for read-only data of the user', 'select-executable', 'select-user-data-read-only'),
    shown('these can be set right file by file, with mbind()', 'select-marked-executable', 'select-marked-read-only', 'select-marked-writable', 'mark-obeyed-from-patch-7'),
    nothing('details in patch 6', POINTER),
    shown('third: changes and fixes of the system call', 'arrays-of-shorts', 'lru-test-without-lock', 'count-256', 'count-257', 'steal-page-in-pagevec'),
    nothing('details in patch 4', POINTER),
    shown('fifth (there is no fourth): what Jackson and Hellwig asked for', 'nodes-overlap', 'cpuset-of-target', 'arrays-of-shorts', 'without-memory-migrate'),
    nothing('a wish that the hotplug project takes the patch over', HISTORY),
    shown('try_to_migrate_pages() gets a parameter', 'migrate-list-prototype', 'hotplug-tree-builds'),
    shown('the last patch goes behind N1.1 and sets the call from capture_page_range() right', 'patch-10-needs-hotplug', 'hotplug-tree-builds', 'capture-empties-range'),
    nothing('whom to write to', ADDRESS),
  ],
};

const description: Section = {
  title: 'Description of the patches',
  items: [
    shown('all apply to 2.6.12-rc5 with the page-migration patches', 'page-migration-tree-builds'),
    nothing('where the broken-out hotplug patches are', ADDRESS),
    shown('patches 1-9 go into the series file behind AA-PM-99', 'page-migration-tree-builds'),
    shown('patch 10 goes behind N1.1', 'patch-10-needs-hotplug'),
    shown('apply up to patch 9 and turn CONFIG_MEMORY_MIGRATE on', 'without-memory-migrate', 'page-migration-tree-builds'),
    nothing('it works on Altix, the only NUMA machine at hand', 'about the hardware of the author; the kit simulates such a machine, and has no other'),
    nothing('small problems with other broken-out patches', LAYOUT),
    nothing('nothing serious', LAYOUT),
    shown('patch 10 is needed only to build the whole of mhp1', 'hotplug-tree-builds', 'patch-10-needs-hotplug', 'page-migration-tree-builds'),
    shown('patch 1 simplifies the interface of steal_page_from_lru()', 'steal-page-in-pagevec', 'steal-twice', 'steal-prototypes'),
    shown('patch 2: a migrate_page method for XFS', 'xfs-dirty-page', 'xfs-dirty-page-state', 'xfs-waits-for-disk', 'capture-xfs-dirty-page'),
    shown('ext2 and ext3 have one', 'ext2-dirty-page', 'ext3-dirty-page'),
    shown('patch 3: one more argument for try_to_migrate_pages()', 'migrate-list-prototype'),
    shown('it controls where the pages of each node go', 'node-map-entry', 'node-map-minus-one', 'node-migrate-onepage'),
    shown('patch 4: the system call', 'syscall-1279', 'anonymous-memory-moves'),
    shown('it takes all pages of a process, so it is of use for static programs', 'static-program-moves-whole', 'library-text-of-any-process', 'library-text-of-others'),
    shown('patch 5: the memory policies that are met are rewritten', 'policy-task-bind', 'policy-task-interleave', 'policy-task-preferred', 'policy-vma-bind', 'policy-vma-interleave',
      'policy-vma-preferred', 'policy-shm-in-object'),
    shown('patch 6: mbind() and get_mempolicy() set and tell what overrides the default', 'mbind-migrate-flags', 'get-mempolicy-bits'),
    shown('patch 7: that is obeyed', 'mark-obeyed-from-patch-7', 'select-marked-read-only', 'select-marked-writable'),
    shown('patch 8: the call gets on better with cpusets', 'cpuset-of-target', 'cpuset-of-caller'),
    shown('patch 9: the caller must be permitted to move the target', 'permission-other-user', 'permission-root'),
    shown('patch 10: the call from capture_page_range(), which N1.0 brings', 'hotplug-tree-builds', 'capture-goes-anywhere'),
  ],
};

const unresolved: Section = {
  title: 'Unresolved issues',
  items: [
    shown('reliable only when the process was stopped before', 'stopped-target-safe', 'running-target-killed', 'continued-during-call', 'running-target-file-page'),
    shown('no crash and no oops, but the process may be killed by the VM', 'killed-but-no-oops', 'running-target-killed'),
    shown('there may be a few messages in the log', 'running-target-killed'),
    shown('so processes are to be suspended', 'stopped-target-safe', 'moved-before-it-goes-on'),
    nothing('stopping costs nothing beside the migration', 'about how long things take on hardware; the kit measures no time'),
    shown('the number is still 1279', 'syscall-1279'),
    shown('the last slot of ia64\'s table', 'syscall-slots-around'),
    shown('a number is still to be assigned', 'syscall-slots-around'),
    shown('migration under MPOL_MF_STRICT was agreed upon with Kleen', 'mbind-strict-moves-nothing', 'mbind-move-flag-reserved'),
    shown('at present it is -EIO for pages in the wrong place', 'mbind-strict-moves-nothing'),
    shown('Kleen would have these pages moved', 'mbind-strict-moves-nothing'),
    shown('not in this series', 'mbind-strict-moves-nothing', 'mbind-strict-ignored', 'mbind-move-flag-reserved'),
  ],
};

const background: Section = {
  title: 'Background',
  items: [
    shown('the series is there for "manual" page migration', 'anonymous-memory-moves', 'contents-kept'),
    shown('a user program, such as a batch scheduler, manages where jobs run', 'permission-root', 'scheduler-moves-job-back', 'normal-sequence-of-events'),
    shown('it has a job moved to other nodes', 'scheduler-moves-job-back', 'moved-there-and-back'),
    shown('manual: the kernel is told where to; automatic is something else', 'node-map-entry', 'no-automatic-migration'),
    shown('automatic would be the system finding out by itself', 'no-automatic-migration'),
    shown('that is not proposed', 'no-automatic-migration', 'cpuset-attach-moves-nothing'),
    shown('the sequence of events: a job on nodes 5-8, and an urgent one that needs these', 'normal-sequence-of-events'),
    shown('the first is stopped, the urgent one started', 'normal-sequence-of-events', 'moved-before-it-goes-on'),
    shown('when other nodes are free the first is moved there', 'normal-sequence-of-events', 'scheduler-moves-job-back'),
    shown('not all pages need to move, or should', 'other-jobs-left-alone', 'other-nodes-left', 'select-count'),
    shown('not those of shared libraries, merely because some of their users moved', 'library-text-of-others', 'select-library-data-of-others'),
    shown('hence anonymous areas and those with VM_WRITE', 'select-anonymous', 'select-user-data'),
    shown('code has no VM_WRITE', 'select-library-text', 'select-executable'),
    shown('nor have read-only files, as for national languages', 'select-locale-file'),
    shown('mbind() overrides the default for mapped files', 'select-marked-read-only', 'select-marked-writable', 'select-marked-default'),
    shown('for example to migrate the executable', 'select-marked-executable'),
    shown('or a read-only data file of the user', 'select-marked-read-only'),
  ],
};

export const overview: Chapter = {
  title: 'The overview, sentence by sentence',
  introduction: 'The overview of 22 June 2005 (-rc3, 0/10), each sentence in a few words that are not its own.',
  sections: [summary, description, unresolved, background],
};
