/** From a description of a machine to a running kernel. */
import { link, Series } from '@pmkit/linker';
import { base, type K, type Kernel0 } from '../kernel-table.js';
import { createMachine, type Machine, type MachineConfig } from '../machine.js';

/** The base tree, nothing pushed on it yet. */
export const baseSeries = Series.of(base);

/** The linked base kernel over a machine: every symbol, and the machine as `m`. */
export type Kernel = Kernel0 & { readonly m: Machine };

/**
 * Boots the base kernel, 2.6.12-rc5-mhp1, on a new machine. Afterwards memory is free, the kernel threads sleep and the
 * swapper (pid 0) is the only task that can make others.
 *
 * @throws {RangeError} naming the field of the configuration that cannot be.
 */
export function boot(config: MachineConfig): Kernel {
  return start(link(baseSeries, { m: createMachine(config) }));
}

/** start_kernel() on a kernel of any level that is linked over a new machine; returns the same kernel, running. */
export function start<T extends K<'start_kernel'>>(kernel: T): T {
  kernel.start_kernel();
  return kernel;
}
