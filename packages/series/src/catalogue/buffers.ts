/**
 * Memory of machines that come and go by the thousand. The page tables of a small machine are 8 MB that it hardly uses: to ask for them anew each time
 * takes longer than most scenarios, so a machine that is done with gives its buffers back, cleared where it has used them.
 */
import type { Machine } from '@pmkit/mm-core';

/** By size: powers of two, so that machines of any sizes use them. */
const free = new Map<number, ArrayBufferLike[]>();

/** Buffers for one machine. */
export class MachineBuffers {
  readonly #taken: ArrayBufferLike[] = [];

  /** As MachineConfig's `buffer`: so many bytes or more, all zero. */
  readonly allocate = (bytes: number): ArrayBufferLike => {
    const size = 2 ** Math.ceil(Math.log2(bytes));
    const buffer = free.get(size)?.pop() ?? new ArrayBuffer(size);
    this.#taken.push(buffer);
    return buffer;
  };

  /** Nobody uses the machine any more. */
  release(m: Machine): void {
    m.ptes.fill(0, 0, m.table_high * m.PTRS);
    for (const buffer of this.#taken.splice(0)) {
      if (buffer !== m.ptes.buffer) new Uint8Array(buffer).fill(0);
      const others = free.get(buffer.byteLength);
      if (others === undefined) free.set(buffer.byteLength, [buffer]);
      else others.push(buffer);
    }
  }
}
