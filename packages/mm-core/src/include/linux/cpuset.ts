/** struct cpuset (kernel/cpuset.c of 2.6.12). */
import type { NodeMask } from './nodemask.js';

export const CS_CPU_EXCLUSIVE = 0;
export const CS_MEM_EXCLUSIVE = 1;
export const CS_REMOVED = 2;
export const CS_NOTIFY_ON_RELEASE = 3;

export interface Cpuset {
  readonly name: string;
  flags: number;
  cpus_allowed: Set<number>;
  mems_allowed: NodeMask;
  /** Tasks attached. */
  count: number;
  readonly parent: Cpuset | null;
  readonly children: Map<string, Cpuset>;
  /** Value of cpuset_mems_generation when mems_allowed last changed. */
  mems_generation: number;
}
