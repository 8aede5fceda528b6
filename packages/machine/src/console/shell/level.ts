/**
 * What is one process's of a shell: of the shell itself, and of each subshell that it is in. A `( … )` and a `$( … )` in the foreground is a task of its own, forked
 * and waited for, while the interpreter of the shell goes on in its name: just-bash keeps variables, options and working directory apart, the rest is here.
 */
import type { KernelPath } from '@pmkit/mm-core';
import type { CaptureStream, Stream } from '../files/index.js';
import type { Process } from '../process.js';
import type { FunctionDef } from './ast.js';
import { Jobs } from './jobs.js';
import { Traps } from './traps.js';

/** Descriptors as they were before a redirection. */
export interface Scope {
  readonly saved: Map<number, Stream | undefined>;
  /** Processes that read what is written to `>(…)`. */
  readonly readers: number[];
  /** `$?` before it. */
  readonly status: number;
}

export interface Level {
  readonly process: Process;
  readonly jobs: Jobs;
  readonly traps: Traps;
  readonly functions: Map<string, FunctionDef>;
  /** Redirections that are under way, the innermost last. */
  readonly scopes: Scope[];
  /** Where the output of a `$( … )` goes. */
  readonly output: CaptureStream | null;
  /** `$?` when it began. */
  readonly status: number;
  /** wait4() of the level below, and its result. */
  readonly waiting: { readonly path: KernelPath; readonly status: { value: number } } | null;
}

export const newLevel = (process: Process, functions: ReadonlyMap<string, FunctionDef>, rest: Partial<Pick<Level, 'jobs' | 'output' | 'status' | 'waiting'>> = {}): Level =>
  ({ process, jobs: new Jobs(), output: null, status: 0, waiting: null, traps: new Traps(), functions: new Map(functions), scopes: [], ...rest });

/** Points a descriptor elsewhere, or closes it (undefined), for as long as the innermost redirection lasts. */
export function pointTo({ process: { fds }, scopes }: Level, fd: number, stream: Stream | undefined): void {
  const saved = scopes.at(-1)?.saved;
  if (saved !== undefined && !saved.has(fd)) {
    saved.set(fd, fds.get(fd));
    saved.get(fd)?.hold();
  }
  if (stream === undefined) fds.delete(fd);
  else fds.set(fd, stream);
}

/** All of them, when a line was given up. */
export async function restoreAll(level: Level): Promise<void> {
  while (level.scopes.length > 0) await restore(level);
}

/** The end of the innermost redirection: descriptors are what they were. */
export async function restore({ process, scopes }: Level): Promise<readonly number[]> {
  const scope = scopes.pop();
  if (scope === undefined) return [];
  await process.flush();
  const closed = new Set<Stream>();
  for (const [fd, before] of [...scope.saved].reverse()) {
    const now = process.fds.get(fd);
    if (now !== undefined) closed.add(now);
    if (before === undefined) process.fds.delete(fd);
    else {
      process.fds.set(fd, before);
      before.release();
    }
  }
  for (const stream of closed) if (!process.fds.has(stream) && !scopes.some(({ saved }) => [...saved.values()].includes(stream))) await stream.close(process);
  return scope.readers;
}
