/** Sets of CPUs and nodes in hexadecimal (bitmap_scnprintf() of lib/bitmap.c, 2.6.12): words of 32 bits, the highest first. */
import { cpumask_bytes } from '@pmkit/mm-core/include/linux/threads';
import type { Machine } from '@pmkit/mm-core';
import type { NodeMask } from '@pmkit/mm-core/include/linux/nodemask';

/** NR_CPUS: bits of a cpumask_t. */
export const cpuMaskBits = (m: Machine): number => 8 * cpumask_bytes(m.cpus);

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** cpumask_scnprintf(): CPU numbers below cpuMaskBits(), in any order. */
export function cpuMask(m: Machine, cpus: Iterable<number>): string {
  const words = new Uint32Array(cpuMaskBits(m) / 32);
  for (const cpu of cpus) words[cpu >> 5]! |= 1 << (cpu & 31);
  return Array.from(words, word).reverse().join();
}

/** nodemask_scnprintf(): all of MAX_NUMNODES bits. */
export const nodeMask = (mask: NodeMask): string => Array.from(mask, word).reverse().join();
