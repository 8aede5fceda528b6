import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import * as block from '../src/drivers/block/model.js';
import { nextIoDue } from '../src/sim/run.js';
import type { BlockDevice } from '../src/include/linux/fs.js';
import { createMachine, type Machine } from '../src/machine.js';

let m: Machine;
let k: { m: Machine } & typeof block;
let disk: BlockDevice;
let done: string[];
const note = (name: string) => (error: number, token: number): void => {
  done.push(`${name} ${error} ${token} at ${m.now}`);
};
const letTimePass = (until: number): number => {
  m.now = until;
  return k.complete_pending_io(until);
};
beforeEach(() => {
  m = createMachine({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });
  k = { m, ...block };
  disk = k.add_disk('sda', 8, 0, 5);
  done = [];
});

describe('block devices', () => {
  it('are found by name and refuse a negative time a page', () => {
    expect(m.bdevs.get('sda')).toBe(disk);
    expect(() => k.add_disk('sdb', 8, 16, -1)).toThrow(/ms_per_page >= 0, found -1/);
  });

  it('keep what was written last, and read a block nobody has written as what the caller says is there', () => {
    k.submit_page_io(disk, 3, true, 42, note('write'));
    k.submit_page_io(disk, 3, false, 7, note('read'));
    k.submit_page_io(disk, 4, false, 7, note('other'));
    expect(done).toEqual([]);
    letTimePass(15);
    expect(done).toEqual(['write 0 42 at 15', 'read 0 42 at 15', 'other 0 7 at 15']);
    expect(disk.data.get(3)).toBe(42);
  });

  it('serve one request after the other, two devices at the same time', () => {
    const other = k.add_disk('sdb', 8, 16, 5);
    k.submit_page_io(disk, 1, true, 1, note('first'));
    k.submit_page_io(disk, 2, true, 2, note('second'));
    k.submit_page_io(other, 1, true, 3, note('elsewhere'));
    expect(nextIoDue(m)).toBe(5);
    expect(letTimePass(5)).toBe(2);
    expect(done).toEqual(['first 0 1 at 5', 'elsewhere 0 3 at 5']);
    expect(nextIoDue(m)).toBe(10);
    expect(letTimePass(9)).toBe(0);
    expect(letTimePass(10)).toBe(1);
    expect(nextIoDue(m)).toBe(Infinity);
  });

  it('start the clock of a request when it is submitted to an idle device', () => {
    m.now = 100;
    k.submit_page_io(disk, 1, true, 1, note('late'));
    expect(nextIoDue(m)).toBe(105);
  });

  it('fail with -EIO while told to, and a failed write leaves the old contents', () => {
    k.submit_page_io(disk, 1, true, 5, note('good'));
    letTimePass(5);
    disk.fail_writes = true;
    disk.fail_reads = true;
    k.submit_page_io(disk, 1, true, 6, note('bad'));
    k.submit_page_io(disk, 1, false, 0, note('bad read'));
    letTimePass(20);
    expect(done.slice(1)).toEqual(['bad -5 0 at 20', 'bad read -5 0 at 20']);
    expect(disk.data.get(1)).toBe(5);
  });

  it('count pages on the device and 512-byte sectors in the machine', () => {
    k.submit_page_io(disk, 1, true, 5, note('w'));
    k.submit_page_io(disk, 1, false, 0, note('r'));
    expect([disk.writes, disk.reads, m.page_state.pgpgout, m.page_state.pgpgin]).toEqual([1, 1, 32, 32]);
  });

  it('complete in the order of time, and of submission where the time is the same', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2)), { maxLength: 60 }), requests => {
      const machine = createMachine({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });
      const kernel = { m: machine, ...block };
      const disks = [0, 1, 2, 3].map(n => kernel.add_disk(`sd${n}`, 8, n, n));
      const order: [number, number][] = [];
      requests.forEach(([at, step], seq) => {
        machine.now += step;
        kernel.submit_page_io(disks[at]!, seq, true, 1, () => order.push([machine.now, seq]));
      });
      while (nextIoDue(machine) < Infinity) {
        machine.now = Math.max(machine.now, nextIoDue(machine));
        kernel.complete_pending_io(machine.now);
      }
      expect(order).toHaveLength(requests.length);
      for (let i = 1; i < order.length; i++) expect(order[i]![0]).toBeGreaterThanOrEqual(order[i - 1]![0]);
      disks.forEach((_, device) => {
        const own = order.map(([, seq]) => seq).filter(seq => requests[seq]![0] === device);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      });
    }));
  });
});
