/** From what the files of /proc say to a process that can be built. */
import { PAGE_SIZES } from '../topology/check.js';
import { ImportError } from './error.js';
import { MAX_MAPPED_PAGES, MAX_RESIDENT_PAGES, MAX_SHARERS } from './limits.js';
import type { MapsEntry } from './maps.js';
import type { NumaMapsEntry } from './numa-maps.js';
import { isSharedMemory, Objects } from './objects.js';
import { processPolicy, samePolicy, translatePolicy } from './policies.js';
import { hex, pagesOf, type ImportedPolicy, type ImportedProcess, type ImportedVma } from './process.js';
import type { SmapsEntry } from './smaps.js';
import type { ParsedStatus } from './status.js';
import type { TopologyInput } from '../topology/check.js';

/** What was read of a process. */
export interface ParsedProcess {
  readonly maps: readonly MapsEntry[];
  readonly numaMaps: readonly NumaMapsEntry[];
  /** Null where there is no such file. */
  readonly smaps: readonly SmapsEntry[] | null;
  readonly status: ParsedStatus;
  readonly machine: TopologyInput | null;
  /** Directory of the files, for errors. */
  readonly directory: string;
}

/** What a vma with nothing in memory is cut to when the address space is larger than that: allocators reserve terabytes. */
const CUT_PAGES = 256;

interface Joined { readonly map: MapsEntry; readonly numa: NumaMapsEntry | null; readonly smaps: SmapsEntry | null; readonly object: number | null }

/**
 * @throws ImportError when the files contradict each other or are beyond what the kit takes.
 */
export function planImport(parsed: ParsedProcess): ImportedProcess {
  if (parsed.maps.length === 0) {
    throw new ImportError({ file: `${parsed.directory}/maps`, field: 'vmas', found: 'none', expected: 'memory, which kernel threads and zombies have not' });
  }
  const notes: string[] = [];
  const pageSize = pageSizeOf(parsed);
  const joined = join(parsed, notes);
  const policy = processPolicy(joined.rows.filter(({ numa }) => numa !== null).map(({ numa, object }) => ({
    entry: numa!, ofSharedMemory: object !== null && isSharedMemory(joined.objects.list[object]!),
  })));
  const vmas = fit(parsed, joined.rows.map((row) => vmaOf(parsed, row, joined.objects, policy, pageSize, notes)), pageSize, notes);
  const { status, smaps } = parsed;
  if (smaps === null && status.locked > 0) notes.push(`${status.locked / 1024} kB are mlocked, and without smaps nobody knows which: nothing is locked`);
  const mapmax = vmas.reduce((most, vma) => Math.max(most, vma.mapmax), 1);
  if (mapmax > MAX_SHARERS + 1) notes.push(`pages are mapped up to ${mapmax} times: ${MAX_SHARERS} other processes map them at most`);
  if (status.threads > 1) notes.push(`${status.threads} threads: only their memory is imported`);
  return {
    schema: 'pmkit-process/1', comm: status.name.slice(0, 15), pid: status.pid, uid: [status.uid[0], status.uid[1], status.uid[2]],
    gid: [status.gid[0], status.gid[1], status.gid[2]], pageSize, policy,
    cpus: confinement(status.cpusAllowed, parsed.machine?.nodes.flatMap(({ cpus }) => cpus)), mems: confinement(status.memsAllowed, parsed.machine?.nodes.map(({ id }) => id)), objects: joined.objects.sized(vmas, pageSize),
    vmas, machine: parsed.machine, notes,
  };
}

/** What is allowed; null where that is all that the machine has. */
function confinement(allowed: readonly number[] | null, all: readonly number[] | undefined): readonly number[] | null {
  return allowed !== null && all?.every((number) => allowed.includes(number)) === true ? null : allowed;
}

/**
 * The size of a base page: the smallest that numa_maps or smaps names; where neither says, the largest of ia64's that divides all ends of
 * vmas.
 */
function pageSizeOf({ numaMaps, smaps, maps, directory }: ParsedProcess): number {
  let smallest = Infinity;
  for (const { kernelpagesize } of numaMaps) smallest = Math.min(smallest, kernelpagesize ?? Infinity);
  for (const { kernelPageSize } of smaps ?? []) smallest = Math.min(smallest, kernelPageSize ?? Infinity);
  if (smallest === Infinity) smallest = PAGE_SIZES.findLast((size) => maps.every(({ start, end }) => start % size === 0 && end % size === 0)) ?? 4096;
  if (PAGE_SIZES.includes(smallest)) return smallest;
  throw new ImportError({ file: directory, field: 'page size', found: `${smallest} bytes`, expected: PAGE_SIZES.join(', ') });
}

/** Puts the lines of the files together by address. What numa_maps does not have is the kernel's own, or came or went between two reads. */
function join({ maps, numaMaps, smaps }: ParsedProcess, notes: string[]): { rows: Joined[]; objects: Objects } {
  const objects = new Objects();
  const rows: Joined[] = [];
  const byStart = new Map(numaMaps.map((entry) => [entry.start, entry]));
  const smapsByStart = new Map((smaps ?? []).map((entry) => [entry.start, entry]));
  for (const map of maps) {
    // the gate area: not in the address space, and shown in maps only
    if (map.name === '[vsyscall]' || (map.name === '[vdso]' && !byStart.has(map.start))) continue;
    const numa = byStart.get(map.start) ?? null;
    byStart.delete(map.start);
    if (numa === null) notes.push(`${hex(map.start)} is in maps and not in numa_maps: imported without pages`);
    rows.push({ map, numa, smaps: smapsByStart.get(map.start) ?? null, object: objects.add(map) });
  }
  for (const { start } of byStart.values()) notes.push(`${hex(start)} is in numa_maps and not in maps: left out`);
  return { rows, objects };
}

function vmaOf(parsed: ParsedProcess, row: Joined, objects: Objects, ofProcess: ImportedPolicy, pageSize: number, notes: string[]): ImportedVma {
  const { map, numa, smaps, object } = row;
  const flags = smaps?.flags ?? null;
  const own = numa === null ? ofProcess : translatePolicy(numa.policy).policy;
  const lost = numa === null ? null : translatePolicy(numa.policy).lost;
  const at = hex(map.start);
  if (lost !== null) notes.push(`${at}: 2.6.12 does not know ${lost}`);
  if ((smaps?.swap ?? 0) > 0) notes.push(`${at}: ${smaps!.swap / 1024} kB are swapped out and are not imported`);
  const factor = numa?.huge === true ? (numa.kernelpagesize ?? pageSize) / pageSize : 1;
  if (factor > 1) notes.push(`${at}: huge pages of ${(numa?.kernelpagesize ?? 0) / 1024} kB become ${factor} pages each`);
  const shared = object !== null && isSharedMemory(objects.list[object]!);
  const vma: ImportedVma = {
    start: map.start, end: map.end, permissions: permissionsOf(map), object, offset: object === null ? 0 : map.offset / pageSize,
    kind: numa?.heap === true || map.name === '[heap]' ? 'heap' : numa?.stack === true || map.name === '[stack]' || flags?.has('gd') === true ? 'stack' : null,
    locked: flags?.has('lo') ?? false, io: flags?.has('io') ?? false, writable: map.shared && (map.write || (flags?.has('mw') ?? false)),
    policy: !shared && samePolicy(own, ofProcess) ? null : own,
    nodes: (numa?.nodes ?? []).map(([node, pages]) => [node, pages * factor] as const),
    anon: object === null ? pagesOf({ nodes: numa?.nodes ?? [] }) * factor : (numa?.anon ?? 0) * factor, dirty: (numa?.dirty ?? 0) * factor, mapmax: numa?.mapmax ?? 1,
  };
  checkVma(parsed, row, vma, pageSize);
  return vma;
}

const permissionsOf = ({ read, write, execute, shared }: MapsEntry): string => `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}${shared ? 's' : 'p'}`;

function checkVma({ directory }: ParsedProcess, { map, numa }: Joined, vma: ImportedVma, pageSize: number): void {
  if (map.start % pageSize !== 0 || map.end % pageSize !== 0 || vma.offset % 1 !== 0) {
    throw new ImportError({ file: `${directory}/maps`, line: map.line, field: 'start, end and offset', found: `${hex(map.start)}-${hex(map.end)} ${hex(map.offset)}`, expected: `multiples of the page size ${pageSize}` });
  }
  const size = (map.end - map.start) / pageSize;
  const pages = pagesOf(vma);
  const fault = { file: `${directory}/numa_maps`, line: numa?.line };
  if (pages > size) throw new ImportError({ ...fault, field: 'pages', found: `${pages}`, expected: `at most ${size}, as maps has it for ${hex(map.start)}` });
  if (map.shared && vma.anon > 0) throw new ImportError({ ...fault, field: 'anon', found: `${vma.anon} pages`, expected: 'none in a shared mapping' });
}

/** Keeps the whole within what the kit takes. */
function fit({ directory }: ParsedProcess, vmas: readonly ImportedVma[], pageSize: number, notes: string[]): readonly ImportedVma[] {
  const resident = vmas.reduce((sum, vma) => sum + pagesOf(vma), 0);
  if (resident > MAX_RESIDENT_PAGES) throw new ImportError({ file: directory, field: 'pages in memory', found: `${resident}`, expected: `at most ${MAX_RESIDENT_PAGES}` });
  const sizeOf = ({ start, end }: ImportedVma): number => (end - start) / pageSize;
  const mapped = (list: readonly ImportedVma[]): number => list.reduce((sum, vma) => sum + sizeOf(vma), 0);
  if (mapped(vmas) <= MAX_MAPPED_PAGES) return vmas;
  let cut = 0;
  const fitted = vmas.map((vma) => {
    if (pagesOf(vma) > 0 || sizeOf(vma) <= CUT_PAGES) return vma;
    cut += sizeOf(vma) - CUT_PAGES;
    return { ...vma, end: vma.start + CUT_PAGES * pageSize };
  });
  if (mapped(fitted) > MAX_MAPPED_PAGES) {
    throw new ImportError({ file: directory, field: 'mapped pages', found: `${mapped(vmas)}`, expected: `at most ${MAX_MAPPED_PAGES} besides vmas with nothing in memory` });
  }
  notes.push(`the address space has ${mapped(vmas)} pages: vmas with nothing in memory are cut to ${CUT_PAGES} pages, ${cut} in all`);
  return fitted;
}
