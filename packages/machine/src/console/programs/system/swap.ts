/** mkswap, swapon and swapoff (util-linux). */
import { EINVAL } from '@pmkit/mm-core/include/linux/errno';
import type { BlockDevice } from '@pmkit/mm-core/include/linux/fs';
import { MAX_SWAP_OFFSET, SWP_USED } from '@pmkit/mm-core/include/linux/swap';
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition } from './define.js';
import { fsEntries } from './mount.js';

/** swapon(8): nothing could be done. */
const FAILURE = 255;
/** What an entry of the model can name. */
const MAX_PAGES = MAX_SWAP_OFFSET - 1;

/**
 * last_page of the headers that mkswap has written, in pages with the header's own. Modelled: disks have no bytes, so they are kept beside them; the header
 * of an area that is on, or was on when the machine came up, is known from the area.
 */
const headers = new WeakMap<BlockDevice, number>();

function headerOf({ box: { k } }: Process, bdev: BlockDevice): number | undefined {
  const area = k.m.swap_info.find(candidate => candidate?.bdev === bdev && (candidate.flags & SWP_USED) !== 0);
  if (area !== undefined && area !== null) headers.set(bdev, area.max);
  return headers.get(bdev);
}

const MKSWAP: Definition = {
  path: '/sbin/mkswap', summary: 'make a swap area', synopsis: ['mkswap DEVICE [KILOBYTES]'],
  description: 'Notes on a disk that it is a swap area of that size; without a size of a quarter of the machine\'s memory. swapon then switches it on.',
  options: [['-c, -f, -v1, -L LABEL, -p SIZE', 'accepted']],
  notes: ['Disks of the model have no size of their own and no bytes: the size is kept beside the disk.'],
  run: runMkswap,
};
export const mkswap = defineProgram(MKSWAP);

async function runMkswap(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'cfv:L:p:U:');
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(MKSWAP));
    return 0;
  }
  const [device, size] = parsed.operands;
  const { m } = p.box.k;
  if (device === undefined) return p.fail("error: Nowhere to set up swap on?");
  if (size !== undefined && !/^\d+$/.test(size)) return p.fail(`invalid block count argument: '${size}'`);
  const bdev = p.box.files.disk(p, device);
  if (typeof bdev === 'number') return p.fail(`cannot open ${device}: ${p.strerror(bdev)}`);
  if (await p.sys('geteuid') !== 0) return p.fail(`cannot open ${device}: Permission denied`);
  const taken = m.super_blocks.some(sb => sb.bdev === bdev) || m.swap_info.some(area => area?.bdev === bdev && (area.flags & SWP_USED) !== 0);
  if (taken) return p.fail(`${device} is mounted; will not make swapspace`);
  const pages = size === undefined ? Math.floor(m.totalram_pages / 4) : Math.floor((Number(size) * 1024) / m.PAGE_SIZE);
  if (pages < 10) return p.fail(`error: swap area needs to be at least ${(10 * m.PAGE_SIZE) / 1024} KiB`);
  if (pages > MAX_PAGES) p.err(`mkswap: warning: truncating swap area to ${(MAX_PAGES * m.PAGE_SIZE) / 1024} KiB\n`);
  const used = Math.min(pages, MAX_PAGES);
  headers.set(bdev, used);
  p.out(`Setting up swapspace version 1, size = ${((used - 1) * m.PAGE_SIZE) / 1024} kB\n`);
  return 0;
}

const SWAPON: Definition = {
  path: '/sbin/swapon', summary: 'switch swap areas on', synopsis: ['swapon [-p PRIORITY] DEVICE...', 'swapon -a', 'swapon -s | --show'],
  description: 'Switches on areas that mkswap has made. Those of a higher priority are filled first; without a priority each is below the one before.',
  options: [['-a, --all', 'those of /etc/fstab'], ['-p, --priority N', '0 to 32767'], ['-s, --summary', 'print /proc/swaps'], ['--show', 'a table'], ['-e, --ifexists', 'say nothing of devices that are not there']],
  run: runSwapon,
};
export const swapon = defineProgram(SWAPON);

async function runSwapon(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'aep:sv', [none('all', 'a'), none('ifexists', 'e'), required('priority', 'p'), none('summary', 's'), optional('show'), none('verbose', 'v')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(SWAPON));
    return 0;
  }
  if (parsed.has('s', 'show') || (parsed.operands.length === 0 && !parsed.has('a'))) return showSwaps(p, !parsed.has('s'));
  const priority = parsed.value('p') ?? '-1';
  if (!/^-?\d+$/.test(priority)) return p.fail(`failed to parse priority: '${priority}'`);
  let exitCode = 0;
  const devices = parsed.has('a') ? await fstabAreas(p) : parsed.operands;
  for (const device of devices) exitCode = (await switchOn(p, device, Math.min(Number(priority), 32767), parsed.has('a') || parsed.has('e'))) || exitCode;
  return exitCode;
}

const fstabAreas = async (p: Process): Promise<string[]> => (await fsEntries(p, '/etc/fstab')).filter(({ type, options }) => type === 'swap' && !options.includes('noauto')).map(({ source }) => source);

async function switchOn(p: Process, device: string, priority: number, quiet: boolean): Promise<number> {
  const bdev = p.box.files.disk(p, device);
  if (typeof bdev === 'number') return quiet && !p.exists(device) ? 0 : p.fail(`cannot open ${device}: ${p.strerror(bdev)}`, FAILURE);
  const isOn = p.box.k.m.swap_info.some(area => area?.bdev === bdev && (area.flags & SWP_USED) !== 0);
  if (isOn && quiet) return 0;
  const pages = headerOf(p, bdev);
  if (pages === undefined) return p.fail(`${device}: read swap header failed`, FAILURE);
  const result = await p.sys('swapon', bdev, pages, priority);
  return result === 0 ? 0 : p.fail(`${device}: swapon failed: ${p.strerror(result)}`, FAILURE);
}

/** -s prints the file as it is; the table came later. */
async function showSwaps(p: Process, asTable: boolean): Promise<number> {
  const text = await readText(p, '/proc/swaps');
  if (typeof text === 'number') return p.fail(`/proc/swaps: ${p.strerror(text)}`);
  if (!asTable) {
    p.out(text);
    return 0;
  }
  const size = (kilobytes: string): string => {
    let [value, unit] = [Number(kilobytes) * 1024, 'B'];
    for (const next of ['K', 'M', 'G', 'T']) if (value >= 1024) [value, unit] = [value / 1024, next];
    return `${Number(value.toFixed(1))}${unit}`;
  };
  const rows = text.split('\n').slice(1).filter(row => row !== '').map(row => row.split(/\s+/)).map(([name = '', type = '', total = '', used = '', prio = '']) => [name, type, size(total), size(used), prio]);
  if (rows.length === 0) return 0;
  const all = [['NAME', 'TYPE', 'SIZE', 'USED', 'PRIO'], ...rows];
  const widths = all[0]!.map((_cell, column) => Math.max(...all.map(row => row[column]!.length)));
  p.out(all.map(row => `${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' ')}\n`).join(''));
  return 0;
}

const SWAPOFF: Definition = {
  path: '/sbin/swapoff', summary: 'switch swap areas off', synopsis: ['swapoff DEVICE...', 'swapoff -a'],
  description: 'Brings everything in an area back into memory and switches it off. It fails when memory would not do.', options: [['-a, --all', 'all that are on']],
  run: runSwapoff,
};
export const swapoff = defineProgram(SWAPOFF);

async function runSwapoff(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'av', [none('all', 'a'), none('verbose', 'v')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(SWAPOFF));
    return 0;
  }
  const swaps = await readText(p, '/proc/swaps');
  const devices = parsed.has('a') ? (typeof swaps === 'number' ? '' : swaps).split('\n').slice(1).filter(row => row !== '').map(row => row.split(/\s+/)[0]!) : parsed.operands;
  if (devices.length === 0 && !parsed.has('a')) return p.fail(`bad usage\nTry '${p.name} --help' for more information.`);
  let exitCode = 0;
  for (const device of devices) {
    const bdev = p.box.files.disk(p, device);
    if (typeof bdev !== 'number') headerOf(p, bdev);
    const result = typeof bdev === 'number' ? bdev : await p.sys('swapoff', bdev);
    // a path that is no area is -EINVAL to swapoff(2) as well
    if (result !== 0) exitCode = p.fail(`${device}: swapoff failed: ${p.strerror(typeof bdev === 'number' && p.exists(device) ? -EINVAL : result)}`, FAILURE);
  }
  return exitCode;
}
