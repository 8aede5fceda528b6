import { describe, expect, it } from 'vitest';
import { printk } from '@pmkit/mm-core/include/linux/kernel';
import { output, script, systemBox } from './helpers.js';
import { expectSound } from '../helpers.js';

describe('free', () => {
  it('is what /proc/meminfo says, in the columns of procps 3.2', async () => {
    const box = systemBox();
    const [heading, memory, buffers, swap] = (await output('free', box)).split('\n');
    expect(heading).toBe('             total       used       free     shared    buffers     cached');
    const [total, used, free, shared, , cached] = memory!.slice(5).trim().split(/ +/).map(Number);
    expect([total, used! + free!, shared]).toEqual([131_040, 131_040, 0]);
    expect(buffers).toBe(`-/+ buffers/cache: ${String(used! - cached!).padStart(10)} ${String(free! + cached!).padStart(10)}`);
    expect(swap).toBe('Swap:        16384          0      16384');
  });
  it('counts in other units, and sums up', async () => {
    const text = await output('free -m -t -o');
    expect(text).toMatch(/^ +total.*\nMem: +127 .*\nSwap: +16 +0 +16\nTotal: +143 +\d +14\d\n$/);
    expect(await output('free -b -o | tail -1')).toBe('Swap:     16777216          0   16777216\n');
  });
  it('again and again takes simulated time', async () => {
    const box = systemBox();
    const { now } = box.k.m;
    expect((await output('free -s 10 -c 3', box)).match(/^Mem:/gm)).toHaveLength(3);
    expect(box.k.m.now - now).toBeGreaterThanOrEqual(20_000);
  });
});

describe('vmstat', () => {
  it('shows one line, or one every so often', async () => {
    const once = (await output('vmstat')).split('\n');
    expect(once.slice(0, 2)).toEqual(['procs -----------memory---------- ---swap-- -----io---- --system-- ----cpu----', ' r  b   swpd   free   buff  cache   si   so    bi    bo   in    cs us sy id wa']);
    expect(once[2]).toMatch(/^ 1 {2}0 {6}0 1\d{5} +0 +\d+ +0 +0 +\d+ +0 +0 +0 {2}0 {2}0 100 {2}0$/);
    expect((await output('vmstat 2 3')).split('\n')).toHaveLength(6);
  });
  it('tells what was written to the disk meanwhile', async () => {
    const text = await output('vmstat 10 2 & dd if=/dev/zero of=/tmp/f bs=16k count=64 status=none; sync; wait');
    const bo = Number(text.trimEnd().split('\n').at(-1)!.trim().split(/ +/)[9]);
    expect(bo).toBeGreaterThanOrEqual(Math.round((64 * 16) / 10));
  });
  it('-s lists the counters', async () => {
    expect(await output('vmstat -s | head -1')).toBe('       131040  total memory\n');
  });
});

describe('dmesg', () => {
  const logged = () => {
    const box = systemBox();
    box.k.m.log.length = 0;
    printk(box.k.m, 4, 'a warning');
    printk(box.k.m, 6, 'some news');
    return box;
  };
  it('prints the log without levels, with them, or only some of them', async () => {
    const box = logged();
    expect(await output('dmesg; dmesg -r; dmesg -l warn; dmesg -s 5', box)).toBe('a warning\nsome news\n<4>a warning\n<6>some news\na warning\nnews\n');
  });
  it('-c clears it afterwards, -C at once', async () => {
    const box = logged();
    expect(await output('dmesg -c; dmesg', box)).toBe('a warning\nsome news\n');
    printk(box.k.m, 6, 'more');
    expect(await output('dmesg -C; dmesg; dmesg -n 3', box)).toBe('');
  });
  it('lets everybody read, and root clear', async () => {
    const box = logged();
    expect(await script('su user1000 -c "dmesg; dmesg -c; dmesg -n 1"', box)).toMatchObject({
      stdout: 'a warning\nsome news\n', stderr: 'dmesg: read kernel buffer failed: Operation not permitted\ndmesg: klogctl failed: Operation not permitted\n', exitCode: 1,
    });
  });
});

describe('swap areas', () => {
  it('go off and on, as /proc/swaps and the kernel see it', async () => {
    const box = systemBox();
    const one = 'Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n/dev/sdb1                               partition\t16384\t0\t';
    expect(await output('swapon -s; swapoff /dev/sdb1; swapon -a; swapon -a; swapon -s', box)).toBe(`${one}0\n${one}-1\n`);
    expect(await output('swapoff -a; swapon -s', box)).not.toContain('/dev/sdb1');
    expect(box.k.m.total_swap_pages).toBe(0);
    expectSound(box);
  });
  it('are made by mkswap, and have a priority', async () => {
    expect(await output('mkswap /dev/sdd1 8192; swapon -p 7 /dev/sdd1; swapon --show')).toBe('Setting up swapspace version 1, size = 8176 kB\nNAME      TYPE      SIZE USED PRIO\n/dev/sdb1 partition  16M   0B    0\n/dev/sdd1 partition   8M   0B    7\n');
  });
  it.each([
    ['swapon /dev/sdc1', 'swapon: /dev/sdc1: read swap header failed', 255], ['swapon /dev/sdb1', 'swapon: /dev/sdb1: swapon failed: Device or resource busy', 255], ['swapon /dev/nothing', 'swapon: cannot open /dev/nothing: No such file or directory', 255],
    ['swapon /etc/passwd', 'swapon: cannot open /etc/passwd: Block device required', 255], ['swapoff /dev/sdc1', 'swapoff: /dev/sdc1: swapoff failed: Invalid argument', 255], ['mkswap /dev/sda', 'mkswap: /dev/sda is mounted; will not make swapspace', 1],
    ['su user1000 -c "swapoff /dev/sdb1"', 'swapoff: /dev/sdb1: swapoff failed: Operation not permitted', 255], ['mkswap /dev/sdc1 10', 'mkswap: error: swap area needs to be at least 160 KiB', 1],
  ])('%s fails', async (command, text, code) => {
    expect(await script(command)).toMatchObject({ stdout: '', stderr: `${text}\n`, exitCode: code });
  });
});
