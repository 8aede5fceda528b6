/** /proc/PID/maps (show_map_vma() of fs/proc/task_mmu.c), and the head lines of smaps, which are the same. */
import { decimal, fail, linesOf, MAX_VMAS, pageAddress, unescapePath, type Line, type Source } from './lines.js';
import { show } from '../topology/error.js';

export interface MapsEntry {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Bytes; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** VM_MAYSHARE: MAP_SHARED. */
  readonly shared: boolean;
  /** Bytes into the file; means nothing for memory without one. */
  readonly offset: number;
  /** `fe:00`. */
  readonly device: string;
  /** 0 for memory without a file. */
  readonly inode: number;
  /** Path, `[heap]` and its like, or ''. */
  readonly name: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([sp]) ([0-9a-f]{1,16}) ([0-9a-f]+:[0-9a-f]+) (\d+)(?: +(.*?))? *$/;

/** One line as maps has it; undefined when it is none at all. @throws ImportError for one that says what cannot be. */
export function mapsEntry(source: Source, line: Line): MapsEntry | undefined {
  const match = LINE.exec(line.text);
  if (match === null) return undefined;
  const [, first, last, read, write, execute, share, offset, device, inode, name] = match;
  const start = pageAddress(source, line, 'start', first);
  const end = pageAddress(source, line, 'end', last);
  if (end <= start) fail(source, line, 'end', show(last), `an address above ${first}`);
  return {
    line: line.number, start, end, read: read === 'r', write: write === 'w', execute: execute === 'x', shared: share === 's',
    offset: Number.parseInt(offset ?? '0', 16), device: device ?? '', inode: decimal(source, line, 'inode', inode), name: unescapePath(name ?? ''),
  };
}

/**
 * All vmas, ascending.
 * @throws ImportError for a line that is none of maps, vmas that overlap or are out of order, and more than 65536 of them.
 */
export function parseMaps(text: string, file = 'maps'): MapsEntry[] {
  const source = { file };
  const entries: MapsEntry[] = [];
  let last = 0;
  for (const line of linesOf(source, text)) {
    const entry = mapsEntry(source, line) ?? fail(source, line, 'line', show(line.text), 'start-end rwxp offset device inode path');
    if (entry.start < last) fail(source, line, 'start', entry.start.toString(16), `an address from ${last.toString(16)} on, the end of the vma before`);
    last = entry.end;
    if (entries.push(entry) > MAX_VMAS) fail(source, line, 'vmas', `more than ${MAX_VMAS}`, `at most ${MAX_VMAS}`);
  }
  return entries;
}
