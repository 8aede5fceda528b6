/**
 * Who watches the functions of the running kernel. The rows of its table are replaced while somebody does (linker, trace.ts); several who watch at a time share
 * one replacement, since rows must be put back in the order opposite to that in which they were taken, and watchers end when they like.
 */
import { traceGraph, type TraceEvent } from '@pmkit/linker';
import type { AnyKernel } from '@pmkit/series/levels';

interface Watcher { readonly sink: (event: TraceEvent) => void; readonly select: (name: string) => boolean }

export class KernelTrace {
  readonly #kernel: () => AnyKernel;
  readonly #watchers = new Set<Watcher>();
  #stop: (() => void) | null = null;

  constructor(kernel: () => AnyKernel) {
    this.#kernel = kernel;
  }

  /**
   * Reports calls of the functions that `select` accepts, until the returned function is called. Events of functions that were entered before are
   * reported too, so that an end may come without a beginning. `sink` must not throw.
   */
  watch(sink: Watcher['sink'], select: Watcher['select'] = () => true): () => void {
    const watcher = { sink, select };
    this.#replace(() => { this.#watchers.add(watcher); });
    return () => { this.#replace(() => { this.#watchers.delete(watcher); }); };
  }

  /** Exchanges code of the kernel: the rows are its own meanwhile. */
  exchange(action: () => void): void {
    this.#replace(action);
  }

  /** The machine is gone, and nobody watches any more. */
  forget(): void {
    this.#replace(() => { this.#watchers.clear(); });
  }

  #replace(action: () => void): void {
    this.#stop?.();
    this.#stop = null;
    try {
      action();
    } finally {
      if (this.#watchers.size > 0) this.#stop = traceGraph(this.#kernel(), event => { this.#report(event); }, name => this.#wants(name));
    }
  }
  #wants(name: string): boolean {
    for (const { select } of this.#watchers) if (select(name)) return true;
    return false;
  }
  #report(event: TraceEvent): void {
    for (const { sink, select } of this.#watchers) if (select(event.name)) sink(event);
  }
}
