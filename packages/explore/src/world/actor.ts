/**
 * Who can be chosen to take the next step. A step goes from where an actor waits, or is in user mode, to where it waits next, or is
 * back in user mode; nothing comes in between, because kernel code only gives the CPU up at its sleeps and preemption points.
 */
import type { KernelPath, KernelThread, Task } from '@pmkit/mm-core';
import type { ScenarioStep } from '@pmkit/series/scenario';

/** One thing that a task does: a system call, or an access to each of some pages. */
export interface Op {
  readonly step: ScenarioStep;
  /** null for a system call; called when the operation begins, since its address may be the result of an earlier one. */
  readonly access: (() => Access) | null;
}
/** Address in bytes, number of pages. */
export interface Access { readonly address: number; readonly pages: number }

/** A task with what it does. */
export interface TaskActor {
  readonly kind: 'task';
  readonly name: string;
  readonly task: Task;
  readonly ops: readonly Op[];
  /** Index of the operation that it is at, and pages that it has accessed in it. */
  next: number;
  done: number;
  /** Its way through the kernel; null in user mode. */
  path: KernelPath | null;
  /** What each operation returned. */
  readonly results: number[];
  /** Last content token that it has written: each actor counts its own, so that who was first does not show in them. */
  token: number;
  /** What it must find in its private memory, by address. */
  readonly contents: Map<number, number>;
}

/** A kernel thread. */
export interface ThreadActor { readonly kind: 'thread'; readonly name: string; readonly thread: KernelThread }

/** Simulated time: it moves to what is due next, the end of a request or of a timeout. */
export interface ClockActor { readonly kind: 'clock'; readonly name: 'clock' }

export type Actor = TaskActor | ThreadActor | ClockActor;
