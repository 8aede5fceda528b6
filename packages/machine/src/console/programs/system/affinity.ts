/** CPUs of a task, by system call: what nproc and taskset share. */
import type { Process } from '../../process.js';

/** Bytes of the mask handed to the kernel: for 4096 CPUs, more than it ever wants. */
const MASK_BYTES = 512;

/** sched_getaffinity(): CPU numbers, ascending, or a negative errno. */
export async function getaffinity(p: Process, pid: number): Promise<readonly number[] | number> {
  const mask = new Uint32Array(MASK_BYTES / 4);
  const result = await p.sys('sched_getaffinity', pid, MASK_BYTES, mask);
  if (result < 0) return result;
  const cpus: number[] = [];
  for (let cpu = 0; cpu < MASK_BYTES * 8; cpu++) if ((mask[cpu >> 5]! & (1 << (cpu & 31))) !== 0) cpus.push(cpu);
  return cpus;
}
