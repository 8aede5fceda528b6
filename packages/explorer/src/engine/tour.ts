/**
 * A walk through the overview of the series in twelve stops, in the kit's own words; each is a state of the page. The overview is Ray Bryant's of 22 June 2005 (-rc3, 0/10), the scenario that is
 * walked through the kit's.
 */
import type { PageState } from './permalink.js';

export interface TourStop { readonly title: string; readonly text: readonly string[]; readonly state: PageState }

/** Steps of the tour's scenario that are stops: as many are done. */
const TOUCHED = 9;
const STOPPED = 10;
const URGENT = 12;
const REFUSED = 13;
const MOVED = 14;
const GOES_ON = 18;
const JOB = 8;

const stop = (title: string, state: PageState, ...text: readonly string[]): TourStop => ({ title, text, state });
const at = (tree: string, step: number, more: PageState = {}): PageState => ({ script: { kind: 'known', name: 'tour' }, machine: { kind: 'own' }, tree, position: { step, event: 0 }, pid: JOB, dimension: 'kind', ...more });

export const TOUR: readonly TourStop[] = [
  stop('A machine whose memory is in many places', { machine: { kind: 'preset', name: 'altix64' }, tree: '10', script: { kind: 'known', name: 'shell' }, position: { step: 0, event: 0 }, dimension: 'kind', node: 0 },
    'This is the size of machine the series was written for: 64 nodes, 256 processors, 32 million pages of memory. Every node reaches every page, but its own sooner: the numbers between nodes are distances, 10 is local.',
    'Each map is the memory of a node, page frame by page frame. Nearly all of it is free: the machine has just been booted.'),
  stop('A job is running', at('10', TOUCHED),
    'A smaller machine, so that each page can be seen: four nodes of 256 frames. A job has been started on nodes 0 and 1. It asked for its memory to be dealt out over both, page by page (interleave).',
    'It has written to memory of its own, and to a file; and it reads a table that it may not write.'),
  stop('Something more urgent arrives', at('10', STOPPED),
    'A job of higher priority can only run where this one is. So the batch scheduler suspends the one that is there: it sends SIGSTOP. A stopped process uses no processor, but its memory stays where it is.',
    'The overview asks for this: a process that runs while its pages are moved is sometimes killed. A stop further on shows it.'),
  stop('Both share the nodes', at('10', URGENT, { dimension: 'owner' }),
    'The urgent job takes its memory on node 0, beside the pages of the one that sleeps. Colours are now by owner.',
    'Later other nodes become free, and the scheduler wants the stopped job to go on there. Its memory has to come along, or every access would be a far one.'),
  stop('Not everybody may move it', at('10', REFUSED, { patch: 'sys_migrate_pages-permissions-check.patch' }),
    'The urgent job belongs to another user. It tries to move the stopped job, and is refused: -EPERM. Patch 9 brought this check: one must be of the same user, or privileged.',
    'Take patch 9 off, and the call goes through: anybody could have moved anybody\'s memory.'),
  stop('migrate_pages()', at('10', MOVED, { dimension: 'origin' }),
    'The scheduler itself may. One call names the process and, pair by pair, old nodes and new ones: from 0 to 2, from 1 to 3. It returns the number of pages it has moved: 32.',
    'Colours are by origin now: contents that came to be on nodes 0 and 1 lie on nodes 2 and 3. The addresses have not changed; the process will not notice.'),
  stop('What moves, and what does not', at('10', MOVED, { patch: 'sys_migrate_pages-migration-selection-rc3.patch' }),
    'Anonymous memory was moved, and the file that the job may write to. The read-only table has stayed: what is mapped from a file without permission to write is mostly a library, which others use too.',
    'Ask why: each page has the rule that decided about it, and the function and patch where it stands.'),
  stop('To say otherwise: mbind()', { ...at('10', MOVED + 1, { patch: 'add-mempolicy-control-rc3.patch' }), script: { kind: 'known', name: 'marked' } },
    'The table is this job\'s own, and should have come along. With patch 6 a program says so with mbind(), once for the file; from patch 7 on that is obeyed. Here it was done before the move, and 40 pages were moved instead of 32.'),
  stop('Policies move too', at('10', GOES_ON, { patch: 'sys_migrate_pages-mempolicy-migration-rc3.patch' }),
    'The job goes on and takes more memory. Where does it come from? Its policy said nodes 0 and 1. Patch 5 rewrites the policies as pages are moved, so it says 2 and 3 now, and that is where the new pages are.'),
  stop('The series, patch by patch', at('4', GOES_ON, { beside: '10', panel: 'compare' }),
    'Patch 4 alone: the system call in its first form, beside the whole series. It moves everything, the table too; it asks nobody for permission; and it knows nothing of policies: new pages come from the old nodes again.',
    'Both machines run the same steps side by side, and stop at the first that ends otherwise.'),
  stop('What is not solved', at('4', 0, { panel: 'races', race: 'killed-by-vm' }),
    'The first of the open questions that the overview lists: a process that was not stopped may be killed when its pages are moved. It takes a page fault at the wrong moment, while its page is between two places.',
    'The lanes show one such order of steps, and which two would have had to come the other way round. With SIGSTOP before the call nobody comes in between.'),
  stop('The whole sequence, by hand', { machine: { kind: 'preset', name: 'pmkit' }, tree: '10', script: { kind: 'known', name: 'overview' }, position: { step: 0, event: 0 }, dimension: 'owner', panel: 'console' },
    'The overview\'s story once more, on sixteen nodes and as a shell script: eight processes, a cpuset, a file system, shared memory. Let it run, or take it call by call.',
    'The console is yours afterwards: numactl, numastat, migratepages, /proc and /sys, strace and trace, and quilt to push and pop the patches. The address in your browser always leads back to where you are.'),
];
