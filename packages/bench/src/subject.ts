/** What a benchmark is. One module of subjects/ has one, or a few that differ in one thing. */
import type { KernelKind } from './kernels.js';

/** What a measurement is of. */
export interface Environment {
  readonly kernel: KernelKind;
  /** Level of the series. */
  readonly level: number;
  readonly size: number;
}

/** A benchmark that is ready to run: memory is allocated, the machine is booted. */
export interface Prepared {
  /** What must be done before each operation and is not its cost. */
  before?(): void;
  /** @returns units of work done. */
  operation(): number | Promise<number>;
  /** The same before each run of the roofline. */
  beforeRoofline?(): void;
  /** The least traffic of memory that one operation needs: its loads and stores of typed arrays, without the logic. */
  roofline?(): void;
  /** Bytes of memory for each frame of the machine, once the operation has been done. */
  bytes?(): Bytes;
}
/** Bytes a frame: of address space that buffers have, and of memory that the process has more than before the machine. */
export interface Bytes { readonly reserved: number; readonly resident: number }

/** What a figure should be. `rate` in units a second, `ms` of an operation, `percent` of the roofline, `bytes` resident a frame, `rss` of the process in bytes. */
export interface Goal { readonly of: 'rate' | 'ms' | 'percent' | 'bytes' | 'rss'; readonly limit: number }

export interface SubjectText {
  readonly name: string;
  /** What is measured, for a reader. */
  readonly title: string;
  /** What one unit of work is. */
  readonly unit: string;
  /** Whether units a second say more than the time of the operation. */
  readonly shown: 'rate' | 'time';
  /** Whether the kernel that runs it is chosen: else the operation is a program, or the same for all kernels. */
  readonly kernels: boolean;
  /** It is there for a curve, and has no figure of its own. */
  readonly onlyInCurves?: boolean;
  /** What `size` counts, and how large it is. */
  readonly size: { readonly of: string; readonly full: number; readonly quick: number };
  /** The first time is what counts: nothing is warmed up, and each sample is from a process of its own. */
  readonly cold?: boolean;
  /** Measured once more among machines of all other levels that do the same in turn, from this level up. */
  readonly amongLevelsFrom?: number;
  /** Samples at most; default 25. */
  readonly samples?: number;
  /** Bytes of memory that must be free for it; default: does not matter. */
  readonly memory?: (size: number) => number;
  readonly goals?: readonly Goal[];
  /** The loads and stores of the roofline, for a reader. */
  readonly roofline?: string;
  /** What only this needs, and takes long to load, it imports here. */
  prepare(environment: Environment): Prepared | Promise<Prepared>;
}

export interface Subject extends SubjectText {
  /** URL of the module that has it in its `subjects`: a process that measures loads no others. */
  readonly module: string;
}

/** The `subjects` of a module. */
export const subjectsOf = (module: string, texts: readonly SubjectText[]): readonly Subject[] => texts.map(text => ({ ...text, module }));
