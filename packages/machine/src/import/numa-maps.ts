/**
 * /proc/PID/numa_maps: as show_numa_map() prints it since 2.6.16, with the policies of 2.6.26 (`bind:0-1`) or of before (`bind=0-1`), and as
 * 2.6.14 and 2.6.15 did (`MaxRef= Pages= Mapped= Anon=`).
 */
import { MAX_NODES } from '../topology/check.js';
import { parseList } from '../topology/lists.js';
import { show } from '../topology/error.js';
import { decimal, fail, linesOf, MAX_VMAS, pageAddress, unescapePath, type Line, type Source } from './lines.js';

export interface ParsedPolicy {
  /** As the kernel spells it: `default`, `local`, `prefer`, `prefer (many)`, `bind`, `interleave`, `weighted interleave`. */
  readonly mode: string;
  /** Mode flags behind `=`: `static`, `relative`. */
  readonly flags: string;
  readonly nodes: readonly number[];
}

export interface NumaMapsEntry {
  readonly line: number;
  readonly start: number;
  readonly policy: ParsedPolicy;
  readonly file: string | null;
  readonly heap: boolean;
  readonly stack: boolean;
  /** A hugetlbfs mapping: counts are of pages of `kernelpagesize` bytes. */
  readonly huge: boolean;
  /** Pages; 0 where the line does not have the field. */
  readonly anon: number;
  readonly dirty: number;
  readonly swapcache: number;
  /** 1 where the line does not say. */
  readonly mapmax: number;
  /** Node id and pages, by ascending node. */
  readonly nodes: readonly (readonly [node: number, pages: number])[];
  /** Bytes; null where the line does not say (before 3.18, and where nothing is in memory). */
  readonly kernelpagesize: number | null;
}

const HEAD = /^([0-9a-f]+) (prefer \(many\)|weighted interleave|[a-z]+)(?:=([^: ]*))?(?::(\S*))?(?: |$)/;
const MODES: ReadonlySet<string> = new Set(['default', 'local', 'prefer', 'prefer (many)', 'bind', 'interleave', 'weighted interleave']);
/** Words with a number that say nothing that could be given to a simulated process: counts of a moment, and sums of what else is there. */
const PASSED_OVER: ReadonlySet<string> = new Set(['mapped', 'active', 'writeback', 'Pages', 'Mapped']);

interface Counts { anon: number; dirty: number; swapcache: number; mapmax: number; pageSize: number | null }

/** @throws ImportError with line and field. */
export function parseNumaMaps(text: string, file = 'numa_maps'): NumaMapsEntry[] {
  const source = { file };
  const entries: NumaMapsEntry[] = [];
  for (const line of linesOf(source, text)) {
    const entry = parseLine(source, line);
    const last = entries.at(-1);
    if (last !== undefined && entry.start <= last.start) fail(source, line, 'start', entry.start.toString(16), `an address above ${last.start.toString(16)}`);
    if (entries.push(entry) > MAX_VMAS) fail(source, line, 'vmas', `more than ${MAX_VMAS}`, `at most ${MAX_VMAS}`);
  }
  return entries;
}

function parseLine(source: Source, line: Line): NumaMapsEntry {
  const head = HEAD.exec(line.text);
  if (head === null) fail(source, line, 'line', show(line.text), 'address policy field=… N0=…');
  const start = pageAddress(source, line, 'start', head[1]);
  const policy = policyOf(source, line, head[2] ?? '', head[3] ?? '', head[4] ?? '');
  const counts: Counts = { anon: 0, dirty: 0, swapcache: 0, mapmax: 1, pageSize: null };
  const nodes = new Map<number, number>();
  const flags = new Set<string>();
  let mapped: string | null = null;
  for (const word of line.text.slice(head[0].length).split(' ')) {
    if (word === '') continue;
    if (word.startsWith('file=')) mapped = unescapePath(word.slice(5));
    else if (word === 'heap' || word === 'stack' || word === 'huge') flags.add(word);
    else readCount(source, line, word, counts, nodes);
  }
  const pages = [...nodes.values()].reduce((sum, count) => sum + count, 0);
  if (counts.anon > pages) fail(source, line, 'anon', `${counts.anon} pages`, `at most ${pages}, the pages on all nodes`);
  return {
    line: line.number, start, policy, file: mapped, heap: flags.has('heap'), stack: flags.has('stack'), huge: flags.has('huge'),
    anon: counts.anon, dirty: counts.dirty, swapcache: counts.swapcache, mapmax: counts.mapmax, kernelpagesize: counts.pageSize,
    nodes: [...nodes].sort(([a], [b]) => a - b),
  };
}

function policyOf(source: Source, line: Line, mode: string, flags: string, list: string): ParsedPolicy {
  if (!MODES.has(mode)) fail(source, line, 'policy', show(mode), [...MODES].join(', '));
  // before 2.6.26 there were no mode flags, and the nodes stood behind the =
  const old = list === '' && /^[\d,-]+$/.test(flags);
  const parsed = parseList(old ? flags : list, MAX_NODES);
  if (!('numbers' in parsed)) fail(source, line, 'policy', parsed.found, parsed.expected);
  const needs = mode !== 'default' && mode !== 'local' && mode !== 'prefer';
  if (needs && parsed.numbers.length === 0) fail(source, line, 'policy', `${mode} without nodes`, `${mode}:0-…`);
  return { mode, flags: old ? '' : flags, nodes: parsed.numbers };
}

function readCount(source: Source, line: Line, word: string, counts: Counts, nodes: Map<number, number>): void {
  const [key = '', value, more] = word.split('=');
  if (value === undefined || more !== undefined) fail(source, line, 'field', show(word), 'field=number');
  const count = decimal(source, line, key, value);
  const node = /^N(\d{1,9})$/.exec(key)?.[1];
  if (node !== undefined) {
    if (Number(node) >= MAX_NODES) fail(source, line, key, `node ${node}`, `nodes 0 to ${MAX_NODES - 1}`);
    if (nodes.has(Number(node))) fail(source, line, key, 'a second count', 'one');
    if (count > 0) nodes.set(Number(node), count);
  } else if (key === 'anon' || key === 'Anon') counts.anon = count;
  else if (key === 'dirty') counts.dirty = count;
  else if (key === 'swapcache') counts.swapcache = count;
  else if (key === 'mapmax' || key === 'MaxRef') counts.mapmax = Math.max(1, count);
  else if (key === 'kernelpagesize_kB') counts.pageSize = count * 1024;
  else if (!PASSED_OVER.has(key)) fail(source, line, 'field', show(word), 'a field of numa_maps');
}
