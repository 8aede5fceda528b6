/** Faults of swap and of disks. */
import { syscall, type Machine } from '@pmkit/mm-core';
import type { BlockDevice } from '@pmkit/mm-core/include/linux/fs';
import { SWP_USED } from '@pmkit/mm-core/include/linux/swap';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { refuse, type Arm, type Site } from './site.js';
import type { Armed } from '../world/actor.js';

const swapDevices = ({ m }: { readonly m: Machine }): BlockDevice[] => m.swap_info.filter(area => area !== null && (area.flags & SWP_USED) !== 0).map(area => area!.bdev);

/** swapoff() of every area before the race begins. */
export const noSwap: Arm = site => {
  const { k } = site;
  for (const bdev of swapDevices(k)) {
    const error = syscall(k, k.m.init_task, 'swapoff', bdev);
    if (error < 0) refuse(site, `swapoff() returned ${errnoName(error)}`);
  }
  return null;
};

/** From now on the devices do so; what is under way is not done yet. */
function from(site: Site, devices: readonly BlockDevice[], what: string, change: (bdev: BlockDevice) => void): Armed {
  if (devices.length === 0) refuse(site, `the machine has no ${what}`);
  return {
    pages: [], left: 0,
    can: () => true,
    begin: () => {
      devices.forEach(change);
      return undefined;
    },
  };
}

export const swapReadError: Arm = site => from(site, swapDevices(site.k), 'swap', bdev => { bdev.fail_reads = true; });
export const swapWriteError: Arm = site => from(site, swapDevices(site.k), 'swap', bdev => { bdev.fail_writes = true; });

export const diskError: Arm = site => {
  const [name] = site.fault.parameters;
  const { k } = site;
  const disks = [...k.m.bdevs.values()];
  const swap = new Set(swapDevices(k));
  const meant = disks.filter(bdev => (name === undefined ? !swap.has(bdev) : bdev.name === name));
  return from(site, meant, name === undefined ? 'disk' : `device ${name}, expected one of ${disks.map(bdev => bdev.name).join(', ')}`, bdev => {
    bdev.fail_reads = true;
    bdev.fail_writes = true;
  });
};

/** Enough for several requests to be under way at once. */
const SLOW_MS = 100;

export const slowDisk: Arm = site =>
  from(site, [...site.k.m.bdevs.values()], 'disk', bdev => { bdev.ms_per_page = Number(site.fault.parameters[0] ?? SLOW_MS); });
