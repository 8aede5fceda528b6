/** Boots a kernel of any tree of the series. */
import { LinkError, linkErrors } from '@pmkit/linker';
import { createMachine, start, type MachineConfig } from '@pmkit/mm-core';
import { bootAt, hotplugAt, hotplugKernelAt, type AnyKernel } from '../levels.js';
import type { Tree } from './behaviour.js';

/** @throws {LinkError} when the tree does not build; no machine is made then. */
export function bootTree({ level, hotplug }: Tree, config: MachineConfig): AnyKernel {
  if (!hotplug) return bootAt(level, config);
  const errors = linkErrors(hotplugAt(level).definitions, { m: undefined });
  if (errors.length > 0) throw new LinkError(errors);
  return start(hotplugKernelAt(level, createMachine(config)));
}
