/**
 * Who can be chosen to take the next step. A step goes from where an actor waits, or is in user mode, to where it waits next, or is
 * back in user mode; nothing comes in between, because kernel code only gives the CPU up at its sleeps and preemption points.
 */
import type { KernelPath, KernelThread, MaySleep, Page, Task } from '@pmkit/mm-core';
import type { ScenarioStep } from '@pmkit/series/scenario';
import type { World } from './world.js';

/** One thing that a task does: a system call, or an access to each of some pages. */
export interface Op {
  readonly step: ScenarioStep;
  /** null for a system call; called when the operation begins, since its address may be the result of an earlier one. */
  readonly access: (() => Access) | null;
  /** Begins a system call that is not in the step's text. */
  readonly enter?: () => MaySleep<number>;
}
/** Address in bytes, number of pages. */
export interface Access { readonly address: number; readonly pages: number }

/** A task with what it does. */
export interface TaskActor {
  readonly kind: 'task';
  readonly name: string;
  readonly task: Task;
  ops: readonly Op[];
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

/** A kernel thread, asleep until it is woken. */
export interface ThreadActor {
  readonly kind: 'thread';
  readonly name: string;
  readonly thread: KernelThread;
  readonly path: ThreadPath;
  /** Has taken a step since the race began. */
  ran: boolean;
}
/** A thread has one path for all its life; what is new when a race begins again is the function in it. */
export type ThreadPath = Omit<KernelPath, 'body'> & { body: KernelPath['body'] };

/** Simulated time: it moves to what is due next, the end of a request or of a timeout. */
export interface ClockActor { readonly kind: 'clock'; readonly name: 'clock' }

/**
 * What a fault does, ready to happen on one machine. What it remembers is here, where the recorder of the explorer sees it, and not in variables of
 * its functions.
 */
export interface Armed {
  /** Whether it could happen now. */
  can(): boolean;
  /** Happens; returns a way through the kernel when there is one to be gone, by `who`. */
  begin(world: World): MaySleep<unknown> | undefined;
  readonly who?: Task;
  /** A later step, which comes for certain. */
  end?(): void;
  /** Pages that it holds a reference to, one entry each. */
  readonly pages: Page[];
  /** Calls until it strikes; 0: it is not about to. */
  left: number;
}

/** Something that goes wrong: see faults/index.ts. */
export interface FaultActor {
  readonly kind: 'fault';
  readonly name: string;
  readonly fault: Armed;
  /** Times that it may happen, and has happened. */
  readonly times: number;
  fired: number;
  /** It has begun, and its end is to come. */
  open: boolean;
  path: KernelPath | null;
}

export type Actor = TaskActor | ThreadActor | ClockActor | FaultActor;
