/** /proc/PID/smaps (show_smap() of fs/proc/task_mmu.c), as far as it says more than maps and numa_maps. */
import { decimal, fail, linesOf, MAX_VMAS, type Line, type Source } from './lines.js';
import { show } from '../topology/error.js';
import { mapsEntry } from './maps.js';

export interface SmapsEntry {
  readonly start: number;
  /** Bytes that are swapped out. */
  readonly swap: number;
  /** Bytes; null before 2.6.29. */
  readonly kernelPageSize: number | null;
  /** The two-letter words of VmFlags (3.8 and later); null where there are none. */
  readonly flags: ReadonlySet<string> | null;
}

interface Draft { start: number; swap: number; kernelPageSize: number | null; flags: ReadonlySet<string> | null }

/** @throws ImportError with line and field. */
export function parseSmaps(text: string, file = 'smaps'): SmapsEntry[] {
  const source = { file };
  const entries: Draft[] = [];
  for (const line of linesOf(source, text)) {
    const head = mapsEntry(source, line);
    const entry = entries.at(-1);
    if (head !== undefined) {
      if (entries.push({ start: head.start, swap: 0, kernelPageSize: null, flags: null }) > MAX_VMAS) fail(source, line, 'vmas', `more than ${MAX_VMAS}`, `at most ${MAX_VMAS}`);
    } else if (entry === undefined) fail(source, line, 'line', show(line.text), 'start-end rwxp offset device inode path');
    else readField(source, line, entry);
  }
  return entries;
}

function readField(source: Source, line: Line, entry: Draft): void {
  const match = /^([A-Za-z_-]+): *(.*?) *$/.exec(line.text);
  if (match === null) fail(source, line, 'line', show(line.text), 'Field: value');
  const [, key = '', value = ''] = match;
  if (key === 'VmFlags') {
    if (!/^([a-z0-9?]{2}( |$))*$/.test(value)) fail(source, line, key, show(value), 'words of two letters');
    entry.flags = new Set(value.split(' '));
  } else if (key === 'Swap' || key === 'KernelPageSize') {
    const bytes = decimal(source, line, key, /^(\d+) kB$/.exec(value)?.[1]) * 1024;
    if (key === 'Swap') entry.swap = bytes;
    else entry.kernelPageSize = bytes;
  }
}
