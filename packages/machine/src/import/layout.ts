/**
 * Where the vmas of a real process go in an ia64 address space. With 4 KB pages only the lowest 64 GB of each region of 2^61 bytes can be
 * mapped (RGN_MAP_LIMIT), which no program of x86_64 with its addresses of 47 bits keeps to.
 *
 * A process whose vmas all fit where they are keeps its addresses. Any other is laid out anew from region 1 up, in the same order: distances
 * between vmas stay as they are up to a limit, which is the largest power of two pages with which everything finds room; what does not
 * fit in the rest of a region begins the next. So neighbours stay neighbours, and nothing else about an address matters to 2.6.12.
 */
import { PGDIR_SIZE, RGN_BASE, RGN_MAP_LIMIT, rgn_index } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { TASK_SIZE, TASK_UNMAPPED_BASE } from '@pmkit/mm-core/include/asm-ia64/processor';
import type { Machine } from '@pmkit/mm-core';
import { ImportError } from './error.js';
import { hex } from './process.js';

interface Range { readonly start: number; readonly end: number }

/** Simulated start addresses, in the order of the vmas, which is ascending. @throws ImportError when they cannot all be placed. */
export function layOut(m: Machine, vmas: readonly Range[]): number[] {
  if (vmas.every((vma) => fitsAsItIs(m, vma))) return vmas.map(({ start }) => start);
  for (let gap = PGDIR_SIZE(m) / m.PAGE_SIZE; gap >= 1; gap /= 2) {
    const places = placeWith(m, vmas, gap * m.PAGE_SIZE);
    if (places !== undefined) return places;
  }
  const [first] = vmas;
  const found = `${vmas.length} vmas from ${hex(first?.start ?? 0)} to ${hex(vmas.at(-1)?.end ?? 0)}`;
  throw new ImportError({ file: 'maps', field: 'address space', found, expected: `what fits in 4 regions of ${RGN_MAP_LIMIT(m)} bytes` });
}

function fitsAsItIs(m: Machine, { start, end }: Range): boolean {
  // page 0 of region 0 is the NaT page
  if (start === 0 || end > TASK_SIZE) return false;
  const base = RGN_BASE(rgn_index(start));
  return end - base <= RGN_MAP_LIMIT(m);
}

function placeWith(m: Machine, vmas: readonly Range[], gap: number): number[] | undefined {
  const limit = RGN_MAP_LIMIT(m);
  const places: number[] = [];
  let base = TASK_UNMAPPED_BASE;
  let at = base;
  let last: Range | undefined;
  for (const vma of vmas) {
    const size = vma.end - vma.start;
    if (last !== undefined) at += Math.min(vma.start - last.end, gap);
    if (at + size - base > limit) {
      base += RGN_BASE(1);
      at = base;
      if (base + size > TASK_SIZE || size > limit) return undefined;
    }
    places.push(at);
    at += size;
    last = vma;
  }
  return places;
}
