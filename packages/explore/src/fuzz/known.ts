/**
 * The defects that a program may run into, by what is seen of them: of the series, each an entry of the catalogue (kind `defect`) with its citation there, and of
 * 2.6.12 itself, cited here. What is in no row is a report.
 */
import { EAGAIN, ENOSPC } from '@pmkit/mm-core/include/linux/errno';

/** What a program did, as far as a defect needs it. */
export interface Circumstances {
  /** The highest patch that is applied. */
  readonly level: number;
  /** What migrate_pages() returned. */
  readonly migrations: readonly number[];
  /** Others ran during a migrate_pages() call. */
  readonly atOnce: boolean;
  readonly forked: boolean;
  /** set_mempolicy() or mbind() has taken INTERLEAVE or BIND without a mask. */
  readonly emptyMask: boolean;
  /** shmat() has mapped something that no page table of its region covers. */
  readonly beyondRegion: boolean;
  /** A task that the OOM killer has chosen is asleep in the kernel. */
  readonly victimWaits: boolean;
  /** A set_mempolicy() call with a negative mode has succeeded. */
  readonly negativeMode: boolean;
}

/** A defect that is not the series' but of 2.6.12 itself. */
export interface BaseDefect { readonly id: string; readonly sentence: string; readonly source: string }

export const BASE_DEFECTS: readonly BaseDefect[] = [
  {
    id: 'set-mempolicy-negative-mode',
    sentence: 'set_mempolicy() checks only the upper bound of its signed mode: a negative one becomes a policy that the next allocation falls over.',
    source: '2.6.12 mm/mempolicy.c, sys_set_mempolicy() and zonelist_policy(); CVE-2005-3053, corrected in August 2005',
  },
  {
    id: 'empty-mask-of-policy',
    sentence: 'A policy without a mask is not checked: INTERLEAVE over no nodes is a BUG() at the next allocation, and BIND to none finds no memory.',
    source: '2.6.12 mm/mempolicy.c, get_nodes(): it returns before mpol_check_policy(); CVE-2005-3358, corrected in 2.6.15',
  },
  {
    id: 'shmat-beyond-region',
    sentence: 'shmat() takes an address behind what the page tables of an ia64 region cover; its ptes are those of another address then.',
    source: '2.6.12 ipc/shm.c, do_shmat(): it calls do_mmap() without the check that arch/ia64/kernel/sys_ia64.c has for mmap(); CVE-2006-4538, corrected by arch_mmap_check()',
  },
  {
    id: 'oom-victim-waits',
    sentence: 'The victim of the OOM killer waits for a lock that somebody holds who waits for memory: nobody else is killed while it lives, and both wait for ever.',
    source: '2.6.12 mm/oom_kill.c, select_bad_process(), and mm/page_alloc.c, __alloc_pages(), which tries again and again; mended by the OOM reaper of 4.6',
  },
  {
    id: 'fork-copies-counters-unlocked',
    sentence: 'fork() copies total_vm and its like before it takes mmap_sem: when another thread maps or unmaps in between, those of the child are wrong for ever.',
    source: '2.6.12 kernel/fork.c, copy_mm() and dup_mmap(); mainline copies them inside mmap_sem since 2014',
  },
];

interface KnownDefect {
  readonly id: string;
  readonly failure: RegExp;
  readonly when: (seen: Circumstances) => boolean;
}

const migrated = ({ migrations }: Circumstances): boolean => migrations.length > 0;
const returned = (errno: number) => ({ migrations }: Circumstances): boolean => migrations.includes(-errno);

const KNOWN: readonly KnownDefect[] = [
  { id: 'page-under-reclaim-bug', failure: /^kernel BUG at mm\/mmigrate\.c:migrate_vma\(\)!$/, when: migrated },
  { id: 'busy-page-keeps-reference', failure: /^page N: page_count is N, expected N \(.*\)$/, when: returned(EAGAIN) },
  { id: 'no-swap-loses-pages', failure: /^page N: (?:page_count is N, expected N \(.*\)|lost on a list whose owner is gone, expected on the LRU)$/, when: returned(ENOSPC) },
  { id: 'task-not-held', failure: /^\w+\(\) is given the task_struct of \w+, which is freed$/, when: seen => seen.level >= 4 && seen.level < 8 && migrated(seen) },
  { id: 'unsigned-interleave-empty-vma', failure: /^kernel BUG at mm\/mempolicy\.c:offset_il_node\(\)!$/, when: seen => seen.level >= 5 && migrated(seen) },
  { id: 'unsigned-il-next', failure: /^kernel BUG at mm\/mempolicy\.c:interleave_nodes\(\)!$/, when: seen => seen.level >= 5 && migrated(seen) },
  { id: 'running-target-killed', failure: /^VM: killing process \w+$/, when: seen => seen.atOnce && migrated(seen) },
  {
    id: 'empty-mask-of-policy', when: seen => seen.emptyMask,
    failure: /^(?:kernel BUG at mm\/mempolicy\.c:(?:offset_il_node|interleave_nodes)\(\)!|VM: killing process \w+)$/,
  },
  { id: 'shmat-beyond-region', failure: /./, when: seen => seen.beyondRegion },
  { id: 'oom-victim-waits', failure: /^does not come to an end$/, when: seen => seen.victimWaits },
  { id: 'fork-copies-counters-unlocked', failure: /^mm N: (?:total|shared|exec|stack)_vm is N, expected /, when: seen => seen.atOnce && seen.forked },
  { id: 'set-mempolicy-negative-mode', failure: /^kernel BUG at mm\/mempolicy\.c:zonelist_policy\(\)!$/, when: seen => seen.negativeMode },
];

/** The id of the defect that a failure is a case of, in the catalogue or in BASE_DEFECTS; undefined when there is none. */
export const knownDefect = (failure: string, seen: Circumstances): string | undefined =>
  KNOWN.find(({ failure: pattern, when }) => pattern.test(failure) && when(seen))?.id;

/** Ids of all that may be met. */
export const KNOWN_DEFECTS: readonly string[] = KNOWN.map(({ id }) => id);
