/** The drivers behind device nodes: drivers/char/mem.c and random.c (2.6.12), the terminal, and disks as far as they are modelled. */
import { EINVAL, ENOSPC, ENXIO } from '@pmkit/mm-core/include/linux/errno';
import { printk } from '@pmkit/mm-core/include/linux/kernel';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Process } from '../process.js';
import type { Drivers } from './disk.js';
import type { SpecialFile } from './node.js';

type Driver = ReturnType<Drivers>;

/** Device numbers of Documentation/devices.txt, by name below /dev. */
export const CHARACTER_DEVICES: readonly (readonly [name: string, mode: number, major: number, minor: number])[] = [
  ['null', 0o666, 1, 3], ['zero', 0o666, 1, 5], ['full', 0o666, 1, 7], ['random', 0o444, 1, 8], ['urandom', 0o444, 1, 9], ['kmsg', 0o600, 1, 11],
  ['tty', 0o666, 5, 0], ['console', 0o600, 5, 1],
];
/** Disks: the root file system is on sda, swap on sdb1; the others are blank. */
export const DISKS: readonly (readonly [name: string, major: number, minor: number])[] = [
  ['sda', 8, 0], ['sdb', 8, 16], ['sdb1', 8, 17], ['sdc', 8, 32], ['sdc1', 8, 33], ['sdd', 8, 48], ['sdd1', 8, 49],
];

const decoder = new TextDecoder();
const swallow = (_p: Process, data: Uint8Array): number => data.length;
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const terminal: Driver = {
  stream: p => p.box.terminal,
  write: (p, data) => {
    p.box.terminal.put(data);
    return data.length;
  },
};

/** A generator of its own for each machine: the same machine reads the same "random" bytes (xorshift32; modelled). */
function randomBytes(): NonNullable<SpecialFile['bytes']> {
  let state = 0x2005_0622;
  return count => {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[i] = state >>> 24;
    }
    return bytes;
  };
}

/** kmsg_write(): what is written is a line of the kernel's log, with `<level>` in front if it has one. */
function logLine(k: AnyKernel, data: Uint8Array): number {
  const [, level = '4', text] = /^(?:<([0-7])>)?([^]*?)\n*$/.exec(decoder.decode(data))!;
  printk(k.m, Number(level), text!);
  return data.length;
}

/** The drivers of a machine. Nodes of devices that do not exist can be made, but not opened. Disks have no bytes: they read as empty. */
export function driversOf(k: AnyKernel): Drivers {
  const random: Driver = { bytes: randomBytes(), write: swallow };
  const character: Readonly<Record<string, Driver>> = {
    '1:3': { text: () => '', write: swallow },
    '1:5': { bytes: zeros, write: swallow },
    '1:7': { bytes: zeros, write: () => -ENOSPC },
    '1:8': random,
    '1:9': random,
    '1:11': { text: () => -EINVAL, write: (_p, data) => logLine(k, data) },
    '5:0': terminal,
    '5:1': terminal,
  };
  const missing: Driver = { openError: () => -ENXIO };
  const disk: Driver = { text: () => '', write: () => -ENOSPC };
  return (type, [major, minor]) => {
    if (type === 'character') return character[`${major}:${minor}`] ?? missing;
    return DISKS.some(([, diskMajor, diskMinor]) => diskMajor === major && diskMinor === minor) ? disk : missing;
  };
}
