/** /sys/devices/system/node (drivers/base/node.c of 2.6.12, and what later kernels put beside it). */
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { PerCpuPageset } from '@pmkit/mm-core/include/linux/mmzone';
import type { Machine } from '@pmkit/mm-core';
import { cpuMask } from './masks.js';
import { nodeMeminfo } from './meminfo.js';
import type { View, Views } from './view.js';

const cpusOf = (m: Machine, nid: number): number[] => m.cpus.filter(cpu => m.cpu_to_node[cpu] === nid);

const NUMASTAT = ['numa_hit', 'numa_miss', 'numa_foreign', 'interleave_hit', 'local_node', 'other_node'] as const satisfies readonly (keyof PerCpuPageset)[];

const numastat: View<number> = {
  summary: 'pages allocated here as intended, elsewhere intended, intended for here; by interleaving; by CPUs of the node and by others',
  text({ m }, nid) {
    const sums = NUMASTAT.map(() => 0);
    for (const { pageset } of m.node_data[nid]!.node_zones) {
      for (const cpu of m.cpus) NUMASTAT.forEach((name, i) => (sums[i]! += pageset[cpu]?.[name] ?? 0));
    }
    return NUMASTAT.map((name, i) => `${name} ${sums[i]!}\n`).join('');
  },
};

/** node_read_distance(): to each online node. 2.6.12 puts no blank in front of node 0, so one that is not the first begins with one. */
const distance: View<number> = {
  summary: 'distances to all nodes; 10 is local',
  text: ({ m }, nid) => `${m.node_ids.map(to => `${to === 0 ? '' : ' '}${m.node_distance[nid * MAX_NUMNODES + to]!}`).join('')}\n`,
};

/** By name below nodeN. */
export const NODE_FILES = {
  cpulist: { summary: 'the CPUs of the node as a list', since: '2.6.26', text: ({ m }, nid) => `${formatList(cpusOf(m, nid))}\n` },
  cpumap: { summary: 'the CPUs of the node as a mask', text: ({ m }, nid) => `${cpuMask(m, cpusOf(m, nid))}\n` },
  distance,
  meminfo: nodeMeminfo,
  numastat,
} as const satisfies Views<number>;

const list = (summary: string, ids: (m: Machine) => readonly number[]): View => ({ summary, since: '2.6.24', text: ({ m }) => `${formatList(ids(m))}\n` });
const withMemory = (m: Machine): number[] => m.node_ids.filter(id => m.node_data[id]!.node_present_pages > 0);

/** By name below /sys/devices/system/node. The node states came with memoryless nodes (2.6.24); has_memory is the name since 3.8. */
export const NODE_LISTS = {
  has_cpu: list('nodes that have CPUs', m => m.node_ids.filter(id => cpusOf(m, id).length > 0)),
  has_memory: { ...list('nodes that have memory', withMemory), since: '3.8' },
  has_normal_memory: list('nodes that have memory below ZONE_HIGHMEM, which is all memory here', withMemory),
  online: list('nodes that are there', m => nodeList(m.node_online_map)),
  possible: list('nodes that could be there', m => m.node_ids),
} as const satisfies Views;
