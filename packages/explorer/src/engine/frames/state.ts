/** What the kernel does with a frame at the moment, as protocol.ts's STATES: the first that is so, from the right. */
import { PG_active, PG_dirty, PG_locked, PG_lru, PG_reserved, PG_writeback } from '@pmkit/mm-core/include/linux/page-flags';
import type { Machine } from '@pmkit/mm-core';
import { CLASS_FREE, CLASS_RESERVED, STATES } from '../../protocol.js';

export const stateNumber = (name: (typeof STATES)[number]): number => STATES.indexOf(name);

const INACTIVE = stateNumber('inactive');
const ACTIVE = stateNumber('active');
const WAITING = stateNumber('waiting for LRU');
const OFF_LRU = stateNumber('off LRU');
const DIRTY = stateNumber('dirty');
const WRITEBACK = stateNumber('writeback');
const LOCKED = stateNumber('locked');

export function stateOf(m: Machine): (pfn: number) => number {
  const { flags, _count } = m.mem_map;
  const waiting = inPagevecs(m);
  return pfn => {
    const bits = flags[pfn]!;
    if ((bits & PG_reserved) !== 0) return CLASS_RESERVED;
    if (_count[pfn] === 0) return CLASS_FREE;
    if ((bits & PG_locked) !== 0) return LOCKED;
    if ((bits & PG_writeback) !== 0) return WRITEBACK;
    if ((bits & PG_dirty) !== 0) return DIRTY;
    if ((bits & PG_lru) !== 0) return (bits & PG_active) === 0 ? INACTIVE : ACTIVE;
    return waiting.has(pfn) ? WAITING : OFF_LRU;
  };
}

/** Pages in the CPUs' pagevecs, on their way to an LRU list. */
function inPagevecs(m: Machine): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const vec of [...m.lru_add_pvecs, ...m.lru_add_active_pvecs]) for (let i = 0; i < (vec?.nr ?? 0); i++) pages.add(vec!.pages[i]!);
  return pages;
}
