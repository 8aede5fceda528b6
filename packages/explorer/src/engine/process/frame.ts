/** One frame in words. */
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { PAGE_MAPPING_ANON } from '@pmkit/mm-core/include/linux/mm_types';
import { PAGE_FLAG_NAMES } from '@pmkit/mm-core/include/linux/page-flags';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine } from '@pmkit/mm-core';
import { eachPteRun } from '@pmkit/machine/views';
import { CLASS_FREE, KINDS, STATES, type FrameDetail } from '../../protocol.js';
import { Misuse } from '../errors.js';
import type { FrameMaps } from '../frames/frame-maps.js';

/** More mappings of a frame are not told. */
const MAX_MAPPINGS = 64;

/** @throws {Misuse} for a frame that the machine does not have. */
export function frameDetail(m: Machine, maps: FrameMaps, generation: number, pfn: number): FrameDetail {
  const data = m.node_data.find(each => each !== undefined && pfn >= each.node_start_pfn && pfn < each.node_start_pfn + each.node_present_pages);
  if (!Number.isInteger(pfn) || data === undefined) throw new Misuse(`the machine has no frame ${pfn}`);
  const { flags, _count, _mapcount } = m.mem_map;
  const classOf = (dimension: 'kind' | 'state'): number => maps.counts(generation, dimension, pfn, 1).counts.findIndex(count => count === 1);
  const kind = classOf('kind');
  const isFree = kind === CLASS_FREE;
  return {
    pfn, node: data.node_id, kind: KINDS[kind]!, state: STATES[classOf('state')]!,
    flags: isFree ? [] : PAGE_FLAG_NAMES.filter((_, bit) => (flags[pfn]! & (1 << bit)) !== 0).map(name => `PG_${name}`),
    count: _count[pfn]!, mapcount: isFree ? 0 : _mapcount[pfn]!, holds: isFree ? '' : holds(m, pfn), origin: maps.origins?.nodeOf(m, pfn) ?? null,
    mappedBy: isFree ? [] : mappersOf(m, pfn),
  };
}

function holds(m: Machine, pfn: number): string {
  const { mapping, index } = m.mem_map;
  const owner = mapping[pfn]!;
  const table = m.table_page.indexOf(pfn, 1);
  if (owner === 0) return table > 0 && table < m.table_high && !m.table_free.includes(table) ? 'a page table' : 'memory of the kernel';
  if ((owner & PAGE_MAPPING_ANON) !== 0) return 'anonymous memory';
  const host = m.mappings[owner >>> 1]?.host ?? null;
  return host === null ? `block ${index[pfn]!} of a file system` : `page ${index[pfn]!} of ${host.path}`;
}

function mappersOf(m: Machine, pfn: number): FrameDetail['mappedBy'] {
  const found: { readonly pid: number; readonly comm: string; readonly address: number }[] = [];
  for (const { pid, comm, mm } of m.tasks.values()) {
    for (let vma = mm?.mmap ?? null; vma !== null && found.length < MAX_MAPPINGS; vma = vma.vm_next) {
      eachPteRun(m, vma, (first, end, start) => {
        for (let i = first; i < end && found.length < MAX_MAPPINGS; i++) {
          const pte = m.ptes[i]! as Pte;
          if (pte_present(pte) && pte_page(pte) === pfn) found.push({ pid, comm, address: start + (i - first) * m.PAGE_SIZE });
        }
      });
    }
  }
  return found;
}
