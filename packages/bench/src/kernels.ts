/** The kernels that can be measured: the only place that knows what there are. */
import { loadFlat } from '@pmkit/series/flat';

/** What makes the machines of a level that a process boots run on a kernel of a kind. */
const loaders = {
  /** The linked table, which observers hook. */
  table: () => Promise.resolve(),
  /** What the build prints of a level: direct calls, no generators. */
  flat: loadFlat,
} as const satisfies Readonly<Record<string, (level: number) => Promise<void>>>;

export type KernelKind = keyof typeof loaders;

/** The table comes first: figures of others stand beside it. */
export const kernelKinds = Object.keys(loaders) as readonly KernelKind[];

/** To be called before the first machine of a level is booted in a process. @throws {RangeError} when there is no such level. */
export const useKernel = (kind: KernelKind, level: number): Promise<void> => loaders[kind](level);
