/**
 * Devices in place of node numbers (affinity.c of numactl 2.0.16): `file:PATH`, `netdev:DEV`, `ip:HOST`, `block:DEV`, `pci:ADDRESS` mean
 * the node that the device hangs on, which sysfs says in a file numa_node. 2.6.12 has no such file (2.6.15 brought it), nor a
 * directory /sys/class/block; so these are always refused here, with the words that libnuma has for it.
 */
import type { Process } from '../../../process.js';
import { statFile } from './host.js';

/** @param device with its prefix. @returns what libnuma warns of. */
export async function deviceWarning(p: Process, device: string): Promise<string> {
  const kind = device.slice(0, device.indexOf(':'));
  const name = device.slice(kind.length + 1).trimStart();
  if (kind === 'file') {
    return typeof (await statFile(p, name)) === 'number' ? `Cannot stat file ${name}` : 'Cannot enumerate block devices in sysfs';
  }
  if (kind === 'ip') return `Cannot resolve ${name}: Name or service not known`;
  if (kind === 'pci') return PCI.test(name) ? `Cannot read node mask for  device \`${name}'` : `Cannot parse PCI device \`${name}'`;
  if (/[/.]/.test(name)) return `Illegal characters in \`${name}' specification`;
  return `Cannot read node mask for ${kind === 'netdev' ? 'net' : 'block'} device \`${name}'`;
}
/** `[seg:]bus:dev[.func]`, hexadecimal; what follows is not looked at. */
const PCI = /^\s*[\da-f]+:[\da-f]+/i;
