/** What a frame is used for, as protocol.ts's KINDS. */
import type { AddressSpace } from '@pmkit/mm-core/include/linux/fs';
import { PAGE_MAPPING_ANON } from '@pmkit/mm-core/include/linux/mm_types';
import { PG_reserved, PG_swapcache } from '@pmkit/mm-core/include/linux/page-flags';
import type { Machine } from '@pmkit/mm-core';
import { CLASS_FREE, CLASS_RESERVED, KINDS } from '../../protocol.js';

export const kindNumber = (name: (typeof KINDS)[number]): number => KINDS.indexOf(name);

const ANONYMOUS = kindNumber('anonymous');
const TEXT = kindNumber('text');
const DATA_FILE = kindNumber('data file');
const LIBRARY = kindNumber('library');
const SHARED = kindNumber('shared memory');
const SWAP_CACHE = kindNumber('swap cache');
const PAGE_CACHE = kindNumber('page cache');
const METADATA = kindNumber('metadata');

/**
 * Metadata is what no process and no file has as its own: page tables and other pages of the kernel, and blocks of a file system. Page cache are pages of files that nobody maps. An ELF
 * program's file is text as far as its text goes, and data file behind that; a library is one thing.
 */
export function kindOf(m: Machine): (pfn: number) => number {
  const { flags, _count, _mapcount, mapping, index } = m.mem_map;
  const { mappings } = m;
  return pfn => {
    const bits = flags[pfn]!;
    if ((bits & PG_reserved) !== 0) return CLASS_RESERVED;
    if (_count[pfn] === 0) return CLASS_FREE;
    if ((bits & PG_swapcache) !== 0) return SWAP_CACHE;
    const owner = mapping[pfn]!;
    if (owner === 0) return METADATA;
    if ((owner & PAGE_MAPPING_ANON) !== 0) return ANONYMOUS;
    return fileKind(mappings[owner >>> 1] ?? null, _mapcount[pfn]!, index[pfn]!);
  };
}

function fileKind(space: AddressSpace | null, mapcount: number, index: number): number {
  const host = space?.host ?? null;
  if (host === null) return METADATA;
  if (host.shmem !== null) return SHARED;
  if (mapcount === 0) return PAGE_CACHE;
  if (host.program === undefined) return DATA_FILE;
  if (host.program.e_type === 'ET_DYN') return LIBRARY;
  return index < host.program.text ? TEXT : DATA_FILE;
}
