/** What tests of the views start from: a small machine with a job, and texts taken apart. */
import { Lab, type BootOptions, type Mapping } from '@pmkit/series/catalogue';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import { page_zone } from '@pmkit/mm-core/include/linux/mm';
import type { ScanControl } from '@pmkit/mm-core/include/linux/misc';
import { PROC_PID_FILES } from '../../src/views/index.js';

export interface Scene { readonly lab: Lab; readonly k: AnyKernel; readonly job: Task }

/** A job on node 1 of the catalogue's small machine: four nodes of 256 pages of 16 KB, two CPUs each. */
export function scene(level = 9, options: BootOptions = {}): Scene {
  const lab = new Lab({ level, hotplug: false });
  const k = lab.boot(options);
  return { lab, k, job: lab.job() };
}

export type PidFile = keyof typeof PROC_PID_FILES;
export const read = (k: AnyKernel, task: Task, file: PidFile): string => PROC_PID_FILES[file].text(k, task);

/** The lines of a text, each of which must be ended. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error(`expected an end of line at the end, found ${JSON.stringify(text.slice(-20))}`);
  return text.slice(0, -1).split('\n');
}

/** The line of numa_maps that begins with a mapping's address. */
export function numaLine(k: AnyKernel, { task, address }: Mapping): string {
  const start = `${address.toString(16).padStart(8, '0')} `;
  const line = linesOf(read(k, task, 'numa_maps')).find(candidate => candidate.startsWith(start));
  if (line === undefined) throw new Error(`no line of numa_maps begins with ${start}`);
  return line.slice(start.length);
}

/** `Name:   value` lines by name. Node meminfo: the prefix `Node 1 ` is part of the name. */
export function fields(text: string): Map<string, string> {
  return new Map(linesOf(text).filter(line => line !== '').map(line => {
    const at = line.indexOf(':');
    return [line.slice(0, at), line.slice(at + 1).trim()];
  }));
}
/** The number of a field in kB. */
export function kiloBytes(text: string, name: string): number {
  const match = /^(\d+) kB$/.exec(fields(text).get(name) ?? '');
  if (match === null) throw new Error(`no field ${name} in kB`);
  return Number(match[1]);
}

/** Reclaim looks at the pages of a node in need, again and again, until the mapping's are in swap. */
export function swapOut({ lab, k }: Scene, mapping: Mapping): void {
  lab.enter(mapping.task, 'lru_add_drain');
  const zone = page_zone(k.m, lab.frame(mapping));
  for (let round = 0; round < 6; round++) {
    const sc: ScanControl = {
      nr_to_scan: 32, nr_scanned: 0, nr_reclaimed: 0, nr_mapped: k.m.page_state.nr_mapped, nr_to_reclaim: 32, priority: 0, gfp_mask: GFP_KERNEL, may_writepage: true,
    };
    zone.prev_priority = 0;
    for (const step of ['refill_inactive_zone', 'shrink_cache']) lab.enter(lab.batchd, step, zone, sc);
    lab.enter(lab.batchd, 'msleep', 100);
  }
}

/** A node mask of 256 bits and its maxnode, as mbind() and set_mempolicy() take them. */
export function mask(...nodes: number[]): Uint32Array {
  const words = new Uint32Array(8);
  for (const node of nodes) words[node >> 5]! |= 1 << (node & 31);
  return words;
}
export const MAXNODE = 257;
export const PREFERRED = 1;
export const BIND = 2;
export const INTERLEAVE = 3;
