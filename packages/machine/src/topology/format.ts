/** What `numactl --hardware` of numactl 2.0 prints, for a topology. */
import { formatList } from '@pmkit/mm-core/model/number-list';
import type { Topology } from './topology.js';

/**
 * The text, every line ended. `free` gives the free bytes of a node by its position where a machine is running; without it
 * the numbers of the topology stand, and memory nobody has taken yet is free.
 */
export function formatHardware(topology: Topology, free?: (position: number) => number): string {
  const { nodes, distances } = topology;
  const ids = nodes.map(({ id }) => id);
  const lines = [`available: ${ids.length} nodes (${formatList(ids)})`];
  for (const [at, { id, memory, memFree = memory, cpus }] of nodes.entries()) {
    lines.push(`node ${id} cpus:${cpus.map((cpu) => ` ${cpu}`).join('')}`);
    lines.push(`node ${id} size: ${megabytes(memory)} MB`);
    lines.push(`node ${id} free: ${megabytes(free?.(at) ?? memFree)} MB`);
  }
  lines.push('node distances:');
  // numactl prints with "% 3d ": a space where a sign would stand, and one behind each number.
  lines.push(`node ${ids.map(column).join('')}`);
  for (const [at, id] of ids.entries()) {
    lines.push(`${number(id)}: ${(distances[at] ?? []).map(column).join('')}`);
  }
  return `${lines.join('\n')}\n`;
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}

function number(value: number): string {
  return ` ${value}`.padStart(3);
}

function column(value: number): string {
  return `${number(value)} `;
}
