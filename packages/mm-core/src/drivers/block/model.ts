/**
 * The block layer and its devices, modelled and not simulated (drivers/block/ll_rw_blk.c of 2.6.12 is what it stands for).
 *
 * The unit of I/O is one page; contents are tokens. A device serves one request after the other in the order they came,
 * `ms_per_page` each; elevators, merging, plugging and congestion are left out. A request is under way until the driver of
 * the simulation lets time reach its end; complete_pending_io() then runs what the interrupt handler would run. So a
 * completion is called with no task to blame: it must not sleep.
 */
import { EIO } from '../../include/linux/errno.js';
import type { BlockDevice } from '../../include/linux/fs.js';
import type { PendingIo } from '../../machine.js';
import type { K } from '../../kernel-table.js';

/**
 * Registers a disk under /dev/`name`: the kit's own under a name of 2.6.12. `ms_per_page` may be 0: a request is then done as soon as
 * everybody waits.
 */
export function add_disk(this: K, name: string, major: number, minor: number, ms_per_page: number): BlockDevice {
  if (!(ms_per_page >= 0)) throw new RangeError(`add_disk(${name}): expected ms_per_page >= 0, found ${ms_per_page}`);
  const bdev: BlockDevice = { name, dev: [major, minor], data: new Map(), ms_per_page, fail_reads: false, fail_writes: false, reads: 0, writes: 0, busy_until: 0 };
  this.m.bdevs.set(name, bdev);
  return bdev;
}

/**
 * Starts the transfer of one page; the kit's own, where 2.6.12 has submit_bio(). `complete` is called once, later, with 0 or -EIO and the
 * token read (or written).
 * @param block position on the device in pages
 * @param token a write: the contents; a read: what a block reads as that nobody has written yet
 */
export function submit_page_io(this: K, bdev: BlockDevice, block: number, write: boolean, token: number, complete: (error: number, token: number) => void): void {
  const { m } = this;
  /* submit_bio() counts 512-byte sectors; /proc/vmstat shows half of it as kilobytes. */
  const sectors = m.PAGE_SIZE / 512;
  if (write) {
    m.page_state.pgpgout += sectors;
    bdev.writes++;
  } else {
    m.page_state.pgpgin += sectors;
    bdev.reads++;
  }
  const due = Math.max(bdev.busy_until, m.now) + bdev.ms_per_page;
  bdev.busy_until = due;
  enqueue(m.pending_io, {
    due, seq: m.io_seq++, bdev, write,
    complete(): void {
      if (write ? bdev.fail_writes : bdev.fail_reads) complete(-EIO, 0);
      else if (write) {
        bdev.data.set(block, token);
        complete(0, token);
      } else complete(0, bdev.data.get(block) ?? token);
    },
  });
}

/** The kit's own: completes, in order, every request that is done by the time `until`; returns how many. The driver moves m.now. */
export function complete_pending_io(this: K, until: number): number {
  const queue = this.m.pending_io;
  let completed = 0;
  while (queue.length > 0 && queue[0]!.due <= until) {
    dequeue(queue).complete();
    completed++;
  }
  return completed;
}

/* m.pending_io is a binary heap: the request that is done first, and of equals the oldest, is at position 0. */

const before = (a: PendingIo, b: PendingIo): boolean => a.due < b.due || (a.due === b.due && a.seq < b.seq);

function enqueue(queue: PendingIo[], io: PendingIo): void {
  let at = queue.length;
  queue.push(io);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(io, queue[parent]!)) break;
    queue[at] = queue[parent]!;
    at = parent;
  }
  queue[at] = io;
}

function dequeue(queue: PendingIo[]): PendingIo {
  const first = queue[0]!;
  const last = queue.pop()!;
  const { length } = queue;
  if (length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && before(queue[child + 1]!, queue[child]!)) child++;
    if (!before(queue[child]!, last)) break;
    queue[at] = queue[child]!;
    at = child;
  }
  queue[at] = last;
  return first;
}
