/** include/linux/threads.h and cpumask.h: how many CPUs a kernel is built for. */

/** CONFIG_NR_CPUS of sn2_defconfig of 2.6.12. */
export const NR_CPUS = 512;

/** sizeof(cpumask_t) in bytes, whole longs. A simulated machine whose CPU numbers go higher has a kernel built for more. */
export const cpumask_bytes = (cpus: readonly number[]): number => Math.max(NR_CPUS / 8, Math.ceil(((cpus.at(-1) ?? 0) + 1) / 64) * 8);
