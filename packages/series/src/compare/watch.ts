/** Watches one migrate_pages() call from outside: which functions decided about which page, and how. */
import { definitionsOf, traceGraph, type TraceEvent } from '@pmkit/linker';
import { page_mapped } from '@pmkit/mm-core/include/linux/mm';
import type { Machine, Page, Task, Vma } from '@pmkit/mm-core';

/** What happened to one vma during the call. */
export interface VmaWatch {
  readonly vma: Vma;
  /** migrate_vma()'s result; null while it runs, and when it never returned. */
  result: number | null;
  /** The address that follow_page() was asked for last; -1 when it never was. */
  reached: number;
  /** By page of the vma: what follow_page() found there, 0 for nothing; the complement (~) of a page whose mapcount was 0. */
  readonly followed: Int32Array;
  /** By page of the vma: 1 when steal_page_from_lru() got it, -1 when it did not, 0 when it was not called. */
  readonly stolen: Int8Array;
  /** Page → what the last try gave: the new page, or -errno. */
  readonly tried: Map<number, number>;
}

export interface CallWatch {
  /** Whether the kernel has the system call. */
  entered: boolean;
  /** The last function of DECIDERS that the system call called before it looked at the first vma, with its result. */
  lastCheck: { readonly name: string; readonly result: unknown } | null;
  readonly vmas: VmaWatch[];
}

/** Functions whose answer makes the system call go on or return. */
const DECIDERS = new Set(['kmalloc', 'find_task_by_pid', 'capable', 'cpuset_mems_allowed', 'migrate_process_policy', 'migrate_vma_policy']);
const WATCHED = new Set([...DECIDERS, 'sys_migrate_pages', 'migrate_vma', 'follow_page', 'steal_page_from_lru', 'migrate_onepage']);

interface Frame { readonly name: string; readonly args: readonly unknown[] }

/** Watches a call that `caller` is about to make, until `stop`. The kernel's rows are as before afterwards. */
export function beginWatch(kernel: { readonly m: Machine }, caller: Task): { readonly watch: CallWatch; readonly stop: () => void } {
  const { m } = kernel;
  const watch: CallWatch = { entered: false, lastCheck: null, vmas: [] };
  const stack: Frame[] = [];
  const sink = (event: TraceEvent): void => {
    // others may run while the caller sleeps
    if (m.current !== caller) return;
    if (event.kind === 'enter') {
      stack.push(event);
      entered(m, watch, event.name, event.args);
    } else {
      const frame = stack.pop();
      if (frame !== undefined && !event.error) left(m, watch, frame, event.result, stack.at(-1)?.name);
    }
  };
  const definitions = definitionsOf(kernel);
  return { watch, stop: traceGraph(kernel, sink, name => WATCHED.has(name) && definitions.has(name)) };
}

function entered({ PAGE_SIZE }: Machine, watch: CallWatch, name: string, args: readonly unknown[]): void {
  if (name === 'sys_migrate_pages') watch.entered = true;
  if (name !== 'migrate_vma') return;
  const vma = args[2] as Vma;
  const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
  watch.vmas.push({ vma, result: null, reached: -1, followed: new Int32Array(pages), stolen: new Int8Array(pages), tried: new Map() });
}

function left(m: Machine, watch: CallWatch, { name, args }: Frame, result: unknown, caller: string | undefined): void {
  if (DECIDERS.has(name)) {
    if (caller === 'sys_migrate_pages') watch.lastCheck = { name, result };
    return;
  }
  const at = watch.vmas.at(-1);
  if (at === undefined) return;
  if (name === 'migrate_vma') at.result = result as number;
  else if (name === 'follow_page' && caller === 'migrate_vma') {
    const page = result as Page;
    at.reached = args[1] as number;
    if (page !== 0) at.followed[(at.reached - at.vma.vm_start) / m.PAGE_SIZE] = page_mapped(m.mem_map, page) ? page : ~page;
  }
  else if (name === 'steal_page_from_lru' && caller === 'migrate_vma') at.stolen[(at.reached - at.vma.vm_start) / m.PAGE_SIZE] = result === 0 ? -1 : 1;
  else if (name === 'migrate_onepage') at.tried.set(args[0] as number, result as number);
}
