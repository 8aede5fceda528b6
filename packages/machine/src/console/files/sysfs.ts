/** /sys: the nodes and CPUs of the machine (drivers/base/node.c and cpu.c of 2.6.12). What else a real /sys has is left out. */
import { EACCES } from '@pmkit/mm-core/include/linux/errno';
import { formatList } from '@pmkit/mm-core/model/number-list';
import type { AnyKernel } from '@pmkit/series/levels';
import { NODE_FILES, NODE_LISTS, type View } from '../../views/index.js';
import type { Process } from '../process.js';
import type { Directory, SpecialFile } from './node.js';
import { viewFile, VirtualDirectory, VirtualLink, type Device } from './virtual.js';

const DEVICE: Device = [0, 0];

/** CPUs that are online, possible, present: the same here, as there is no CPU hotplug. */
const cpuList: View = { summary: 'the CPUs of the machine', since: '2.6.26', text: ({ m }) => `${formatList(m.cpus)}\n` };

/** check_perm() of fs/sysfs/file.c: an attribute that cannot be stored is not opened for writing, by root either. */
function attribute<S>(k: AnyKernel, view: View<S>, subject: S, path: string): SpecialFile {
  return viewFile(k, view, subject, DEVICE, path, {
    size: k.m.PAGE_SIZE, openError: (_p: Process, write: boolean) => (write ? -EACCES : 0),
  });
}

export function sysRoot(k: AnyKernel): Directory {
  const { m } = k;
  const root = new VirtualDirectory(DEVICE, '', { mode: 0o755 });
  const system = root.directory('devices', 0o755).directory('system', 0o755);
  const cpus = system.directory('cpu', 0o755);
  for (const name of ['online', 'possible', 'present']) cpus.add(name, attribute(k, cpuList, undefined, `${cpus.path}/${name}`));
  for (const cpu of m.cpus) cpus.directory(`cpu${cpu}`, 0o755);
  const nodes = system.directory('node', 0o755);
  nodes.addViews(NODE_LISTS, (view, path) => attribute(k, view, undefined, path));
  for (const node of m.node_ids) {
    const directory = nodes.directory(`node${node}`, 0o755);
    for (const [name, view] of Object.entries<View<number>>(NODE_FILES)) directory.add(name, attribute(k, view, node, `${directory.path}/${name}`));
  }
  for (const cpu of m.cpus) {
    const node = nodes.directory(`node${m.cpu_to_node[cpu]!}`);
    node.add(`cpu${cpu}`, new VirtualLink(DEVICE, `${node.path}/cpu${cpu}`, () => `../../cpu/cpu${cpu}`));
  }
  return root;
}
