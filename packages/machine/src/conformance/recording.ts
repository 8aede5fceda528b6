/**
 * Recordings of what a real kernel did: one JSON file a scenario, with the operations as text and, after each, its result and the pages of every
 * process by node. Read here as they are; what the words mean is in operation.ts (operations) and tokens.ts (pages).
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A vma as numa_maps of the recorded kernel showed it; counts are pages, a count that is not there is 0. */
export interface VmaRecord {
  /** `0+16`: offset and length in pages from the start of the region. */
  readonly at: string;
  /** `rw-p` */
  readonly perm: string;
  /** `default`, `bind:1`, `prefer:2`, `local`, `interleave:0-1`, with mode flags `interleave=static:0-1`. */
  readonly pol: string;
  readonly anon: number;
  readonly dirty: number;
  readonly mapped: number;
  readonly mapmax: number;
  /** Pages by node id. */
  readonly nodes: ReadonlyMap<number, number>;
}
export interface RegionRecord { readonly pages: readonly string[]; readonly vmas: readonly VmaRecord[] }

/** A process after an operation. */
export interface TaskRecord {
  /** Nodes it may get memory from, as a list; null when the recording does not say. */
  readonly mems: string | null;
  /** Null for a thread: numa_maps does not show its policy. */
  readonly policy: string | null;
  readonly thread: boolean;
  /** What the scenario has mapped, by name. A region whose pages vary from run to run is left out. */
  readonly regions: ReadonlyMap<string, RegionRecord>;
  /** What the program itself has: text, heap, stack, libraries; by name and permissions, `[heap]@0 rw-p`. */
  readonly other: ReadonlyMap<string, Omit<VmaRecord, 'at' | 'perm'>>;
}
/** Null: nothing was recorded after this operation. A process that is 'dead' was killed and is not collected. */
export type StateRecord = ReadonlyMap<string, TaskRecord | 'dead'> | null;

/** What an operation gave back, besides the state: `ret`, `err`, `status`, `mode`, `nodes`, `text`, … Fields that vary from run to run are left out. */
export type Fields = ReadonlyMap<string, string | number>;

export interface StepRecord {
  readonly op: string;
  readonly fields: Fields;
  /** What /proc/vmstat counted during the operation: pgmigrate_success, pgmigrate_fail, oom_kill, thp_… */
  readonly vm: ReadonlyMap<string, number>;
  readonly state: StateRecord;
}
export interface BootRecord {
  readonly kernel: string;
  /** By node id: frames of 4 KB, CPU numbers, SLIT distances to all nodes by position. */
  readonly nodes: readonly { readonly id: number; readonly pages: number; readonly cpus: readonly number[]; readonly distances: readonly number[] }[];
  /** The order in which a node's allocations try the nodes, by node id, as the recorded kernel printed it. */
  readonly fallback: ReadonlyMap<number, readonly number[]>;
}
export interface Recording { readonly file: string; readonly scenario: string; readonly title: string; readonly boot: BootRecord; readonly steps: readonly StepRecord[] }

/** What is wrong with a recording, and where. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads values out of parsed JSON and names the place of what is not as expected. */
class Reader {
  readonly #where: string;
  constructor(where: string) {
    this.#where = where;
  }
  at(place: string | number): Reader {
    return new Reader(`${this.#where}: ${place}`);
  }
  fail(expected: string, found: unknown): never {
    throw new RecordingError(`${this.#where}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 80)}`);
  }
  object(value: unknown): Json {
    return isObject(value) ? value : this.fail('an object', value);
  }
  array(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail('an array', value);
  }
  text(value: unknown): string {
    return typeof value === 'string' ? value : this.fail('a string', value);
  }
  count(value: unknown): number {
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : this.fail('a number', value);
  }
}

const NO_VOLATILE = (name: string): boolean => !name.startsWith('volatile') && !name.startsWith('vol_');

/** `0-2,5` of sysfs as numbers; empty for nothing. */
export function numbersOf(text: string): number[] | null {
  if (text.trim() === '') return [];
  const numbers: number[] = [];
  for (const part of text.trim().split(',')) {
    const range = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (range === null || Number(range[2] ?? range[1]) < Number(range[1])) return null;
    for (let n = Number(range[1]); n <= Number(range[2] ?? range[1]); n++) numbers.push(n);
  }
  return numbers;
}

/** `0 1*3 -*2`: what each page of a range is. */
export function expandPages(text: string): string[] | null {
  const pages: string[] = [];
  for (const run of text.split(' ').filter(word => word !== '')) {
    const match = /^([^*\s]+)(?:\*(\d{1,7}))?$/.exec(run);
    if (match === null) return null;
    for (let i = Number(match[2] ?? 1); i > 0; i--) pages.push(match[1]!);
  }
  return pages;
}

function countsOf(r: Reader, value: Json): Omit<VmaRecord, 'at' | 'perm'> {
  const count = (name: string): number => (value[name] === undefined ? 0 : r.at(name).count(value[name]));
  const nodes = new Map<number, number>();
  for (const [node, pages] of Object.entries(r.at('N').object(value['N'] ?? {}))) nodes.set(Number(node), r.at(`N${node}`).count(pages));
  return { pol: r.at('pol').text(value['pol']), anon: count('anon'), dirty: count('dirty'), mapped: count('mapped'), mapmax: Math.max(1, count('mapmax')), nodes };
}

function regionOf(r: Reader, value: Json): RegionRecord {
  const text = r.at('pg').text(value['pg']);
  const vmas = r.at('vmas').array(value['vmas']).map((entry, i) => {
    const vma = r.at(`vma ${i}`).object(entry);
    return { at: r.at('at').text(vma['at']), perm: r.at('perm').text(vma['perm']), ...countsOf(r.at(`vma ${i}`), vma) };
  });
  return { pages: expandPages(text) ?? r.fail('runs of pages such as 1*4', text), vmas };
}

function taskOf(r: Reader, value: unknown): TaskRecord | 'dead' {
  if (value === 'dead') return 'dead';
  const task = r.object(value);
  const regions = new Map<string, RegionRecord>();
  for (const [name, region] of Object.entries(r.at('r').object(task['r'] ?? {}))) {
    const entry = r.at(name).object(region);
    if (entry['vol'] === undefined) regions.set(name, regionOf(r.at(name), entry));
  }
  const other = new Map<string, Omit<VmaRecord, 'at' | 'perm'>>();
  for (const [name, vma] of Object.entries(r.at('other').object(task['other'] ?? {}))) other.set(name, countsOf(r.at(name), r.at(name).object(vma)));
  return {
    mems: typeof task['mems'] === 'string' ? task['mems'] : null, policy: typeof task['taskpol'] === 'string' ? task['taskpol'] : null,
    thread: task['thread'] !== undefined, regions, other,
  };
}

function stepOf(r: Reader, value: unknown): StepRecord {
  const step = r.object(value);
  const fields = new Map<string, string | number>();
  for (const [name, field] of Object.entries(step)) {
    if (['i', 'op', 'state', 'vm'].includes(name) || !NO_VOLATILE(name)) continue;
    fields.set(name, typeof field === 'number' || typeof field === 'string' ? field : JSON.stringify(field));
  }
  const vm = new Map(Object.entries(r.at('vm').object(step['vm'] ?? {})).map(([name, count]) => [name, r.at(name).count(count)]));
  const recorded = step['state'];
  const state = recorded === undefined ? null : new Map(Object.entries(r.at('state').object(recorded)).map(([name, task]) => [name, taskOf(r.at(name), task)]));
  return { op: r.at('op').text(step['op']), fields, vm, state };
}

/** The frames that sysfs' zoneinfo counts, by node: `0:DMA=3998 0:DMA32=45056`. */
function bootOf(r: Reader, value: Json): BootRecord {
  const zones = new Map<number, number>();
  for (const zone of r.at('zones').text(value['zones']).split(' ')) {
    const match = /^(\d+):[A-Za-z0-9]+=(\d+)$/.exec(zone) ?? r.at('zones').fail('zones such as 0:DMA32=45056', zone);
    zones.set(Number(match[1]), (zones.get(Number(match[1])) ?? 0) + Number(match[2]));
  }
  const nodes = Object.entries(r.at('nodes').object(value['nodes'])).map(([id, entry]) => {
    const node = r.at(`node ${id}`).object(entry);
    const cpus = numbersOf(r.at('cpus').text(node['cpus'])) ?? r.at('cpus').fail('a list such as 0-3', node['cpus']);
    return { id: Number(id), pages: zones.get(Number(id)) ?? 0, cpus, distances: r.at('distance').text(node['distance']).split(/\s+/).map(Number) };
  });
  const fallback = new Map<number, readonly number[]>();
  for (const line of r.at('dmesg').array(value['dmesg'] ?? [])) {
    const match = /^Fallback order for Node (\d+): ([\d ]+)$/.exec(r.at('dmesg').text(line));
    if (match !== null) fallback.set(Number(match[1]), match[2]!.trim().split(/\s+/).map(Number));
  }
  return { kernel: r.at('kernel').text(value['kernel']), fallback, nodes: nodes.sort((a, b) => a.id - b.id) };
}

/**
 * Reads a recording from its JSON text.
 * @param file for messages
 * @throws {RecordingError} naming file, place, and what was found and expected.
 */
export function parseRecording(file: string, text: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError(`${file}: not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const r = new Reader(file);
  const top = r.object(value);
  const steps = r.at('results').array(top['results']).map((step, i) => stepOf(r.at(`operation ${i}`), step));
  const boot = bootOf(r.at('boot'), r.at('boot').object(top['boot']));
  return { file, scenario: r.at('scenario').text(top['scenario']), title: r.at('title').text(top['title']), boot, steps };
}

/** The texts of the recordings of a directory (`*.json`), by name. @throws {RecordingError} when it cannot be read, or has none. */
export function recordingFiles(directory: string): { readonly file: string; readonly text: string }[] {
  let files: string[];
  try {
    files = readdirSync(directory).filter(name => name.endsWith('.json')).sort();
  } catch (error) {
    throw new RecordingError(`${directory}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (files.length === 0) throw new RecordingError(`${directory}: expected recordings (*.json), found none`);
  return files.map(file => ({ file, text: readFileSync(path.join(directory, file), 'utf8') }));
}
