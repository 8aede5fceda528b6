/** numa_maps of an imported process, with the addresses that the real one has. */
import type { AnyKernel } from '@pmkit/series/levels';
import { numaMapsLine } from '../views/index.js';
import type { BuiltProcess } from './build.js';
import { hex } from './process.js';

/** A vma that the real process has not, if one ever came to be, keeps its simulated address. */
export function importedNumaMaps(k: AnyKernel, { task, realStart }: BuiltProcess): string {
  let text = '';
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    const line = numaMapsLine(k, task, vma);
    text += hex(realStart.get(vma.vm_start) ?? vma.vm_start) + line.slice(line.indexOf(' '));
  }
  return text;
}
