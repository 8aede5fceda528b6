/** Sets of CPUs and nodes in hexadecimal (bitmap_scnprintf() of lib/bitmap.c, 2.6.12): words of 32 bits, the highest first. */
import type { Machine } from '@pmkit/mm-core';
import type { NodeMask } from '@pmkit/mm-core/include/linux/nodemask';

/** CONFIG_NR_CPUS of sn2_defconfig (2.6.12): how long a cpumask_t is. */
const NR_CPUS = 512;

/** Bits of a CPU mask; more than 512 only on a machine that has CPUs with higher numbers, which no 2.6.12 could boot. */
export const cpuMaskBits = (m: Machine): number => Math.max(NR_CPUS, Math.ceil(((m.cpus.at(-1) ?? 0) + 1) / 32) * 32);

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** cpumask_scnprintf(): CPU numbers below cpuMaskBits(), in any order. */
export function cpuMask(m: Machine, cpus: Iterable<number>): string {
  const words = new Uint32Array(cpuMaskBits(m) / 32);
  for (const cpu of cpus) words[cpu >> 5]! |= 1 << (cpu & 31);
  return Array.from(words, word).reverse().join();
}

/** nodemask_scnprintf(): all of MAX_NUMNODES bits. */
export const nodeMask = (mask: NodeMask): string => Array.from(mask, word).reverse().join();
