/** What libnuma reads of a machine from /sys/devices/system and /proc/self/status. */
import { ENOENT } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../../process.js';
import { strtoul } from '../../../strtoul.js';
import { readNames, readText } from './host.js';

const NODES = '/sys/devices/system/node';

/** Ids of the nodes, ascending; null when sysfs has none. A name is `node` and whatever strtoul() makes of the rest. */
export async function configuredNodes(p: Process): Promise<readonly number[] | null> {
  const names = await readNames(p, NODES);
  if (typeof names === 'number') return null;
  return numbersOf(names, /^node(\d+)$/);
}

/** sysconf(_SC_NPROCESSORS_CONF): how many CPUs the system has. */
export async function configuredCpus(p: Process): Promise<number> {
  const names = await readNames(p, '/sys/devices/system/cpu');
  return typeof names === 'number' ? 0 : numbersOf(names, /^cpu(\d+)$/).length;
}

function numbersOf(names: readonly string[], pattern: RegExp): number[] {
  return names.map(name => pattern.exec(name)).filter(match => match !== null).map(([, digits]) => Number(digits)).sort((a, b) => a - b);
}

/** Bytes of a node; -1 for what its meminfo does not say. `found` is how many of the two it does. */
interface NodeSize { readonly size: number; readonly free: number; readonly found: number }

/** numa_node_size64(); null when the node has no meminfo. */
export async function nodeSize(p: Process, node: number): Promise<NodeSize | null> {
  const text = await readText(p, `${NODES}/node${node}/meminfo`);
  if (typeof text === 'number') return null;
  const kilobytes = (name: string): number => Number(new RegExp(`${name}.*?(\\d+)\\s*kB`, 'i').exec(text)?.[1] ?? -1);
  const [size, free] = [kilobytes('MemTotal'), kilobytes('MemFree')];
  return { size: size < 0 ? -1 : size * 1024, free: free < 0 ? -1 : free * 1024, found: Number(size >= 0) + Number(free >= 0) };
}

/** Text of a node's cpumap, or a negative errno. */
export async function cpumap(p: Process, node: number): Promise<string | number> {
  const text = await readText(p, `${NODES}/node${node}/cpumap`);
  return text === '' ? -ENOENT : text;
}

/** Distances from a node to those of `nodes`, in that order; 0 where nothing is said. */
export async function distances(p: Process, node: number, nodes: readonly number[]): Promise<readonly number[]> {
  const text = await readText(p, `${NODES}/node${node}/distance`);
  let at = 0;
  return nodes.map(() => {
    const { value, end } = strtoul(typeof text === 'number' ? '' : text, at);
    at = end;
    return Number(value);
  });
}

/** Texts behind `Cpus_allowed:` and `Mems_allowed:` in /proc/self/status, '' where they are missing. */
export async function allowedMasks(p: Process): Promise<{ readonly cpus: string; readonly mems: string }> {
  const status = await readText(p, '/proc/self/status');
  const field = (name: string): string => new RegExp(`^${name}:\t(.*)$`, 'm').exec(typeof status === 'number' ? '' : status)?.[1] ?? '';
  return { cpus: field('Cpus_allowed'), mems: field('Mems_allowed') };
}
