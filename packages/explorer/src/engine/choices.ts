/** Which machine, which tree: words of the page as things of the kit. */
import type { MachineConfig } from '@pmkit/mm-core';
import { machineConfig, presets, uniformTopology, type Topology } from '@pmkit/machine';
import { TOP_LEVEL } from '@pmkit/series/levels';
import type { Tree } from '@pmkit/series/catalogue';
import type { MachineChoice, PresetSummary } from '../protocol.js';
import { Misuse } from './errors.js';

/** The machine that `pmkit run` takes when it is not told of one. */
const usual = (): Topology => uniformTopology({ nodes: 16, pagesPerNode: 8192, name: 'pmkit' });

const topologies = (): readonly Topology[] => [usual(), ...Object.values(presets)];

export const presetSummaries = (): PresetSummary[] => topologies().map(topology => {
  const { nodes, pageSize = 16384 } = machineConfig(topology);
  const frames = nodes.reduce((sum, { pages }) => sum + pages, 0);
  return { name: topology.name, nodes: nodes.length, frames, bytes: frames * pageSize };
});

const MAX_NODES = 256;
const MAX_FRAMES = 1 << 26;

/** @returns null for the script's own machine. @throws {Misuse} for a preset that there is not, or a size that cannot be. */
export function machineOf(choice: MachineChoice): MachineConfig | null {
  switch (choice.kind) {
    case 'own': return null;
    case 'preset': {
      const topology = topologies().find(({ name }) => name === choice.name);
      if (topology === undefined) throw new Misuse(`machine: expected one of ${topologies().map(({ name }) => name).join(', ')}, found '${choice.name}'`);
      return machineConfig(topology);
    }
    case 'uniform': {
      const { nodes, pagesPerNode } = choice;
      if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) throw new Misuse(`machine: expected 1 to ${MAX_NODES} nodes, found ${nodes}`);
      if (!Number.isInteger(pagesPerNode) || pagesPerNode < 64 || nodes * pagesPerNode > MAX_FRAMES) throw new Misuse(`machine: expected 64 pages on a node at least and ${MAX_FRAMES} on all together at most, found ${pagesPerNode} on each of ${nodes}`);
      return machineConfig(uniformTopology({ nodes, pagesPerNode, name: `${nodes}x${pagesPerNode}` }));
    }
  }
}

/** @throws {Misuse} for what is no tree. */
export function treeOf(name: string): Tree {
  const [, level, hotplug] = /^(\d{1,2})(\+hotplug)?$/.exec(name) ?? [];
  if (level === undefined || Number(level) > TOP_LEVEL) throw new Misuse(`level: expected 0 to ${TOP_LEVEL}, with +hotplug or without, found '${name}'`);
  return { level: Number(level), hotplug: hotplug !== undefined };
}
