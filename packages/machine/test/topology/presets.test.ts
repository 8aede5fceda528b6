import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { altix2, altix64, altix8, formatHardware, loadTopology, presets, uniformTopology, type Topology } from '../../src/topology/index.js';
import { scratch, sysfsTree, twoNodes } from './helpers.js';

// Trees of real machines, kept beside the repository and not in it. Without them these tests are skipped.
const archives = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../../../shared/data/topologies');

describe.skipIf(!existsSync(archives))('a preset equals the machine it was read off (skipped without its files)', () => {
  const machines: readonly [string, Topology, string][] = [
    ['altix64', altix64, '256ia64-64n2s2c'],
    ['altix8', altix8, '16ia64-8n2s'],
    ['altix2', altix2, '8ia64-2n2s2c'],
  ];
  it.each(machines)('%s, entry by entry', (_, preset, name) => {
    const directory = scratch();
    execFileSync('tar', ['-xjf', path.join(archives, `${name}.tar.bz2`), '-C', directory]);
    const { topology } = loadTopology(path.join(directory, name));
    expect(preset.nodes.length).toBe(topology.nodes.length);
    expect(preset.cpus).toEqual(topology.cpus);
    for (const [at, node] of topology.nodes.entries()) {
      expect(preset.nodes[at]).toEqual({ id: node.id, memory: node.memory, cpus: node.cpus });
      for (const [to, distance] of (topology.distances[at] ?? []).entries()) {
        expect(preset.distances[at]?.[to], `distance ${at} to ${to}`).toBe(distance);
      }
    }
  });
});

describe('the presets', () => {
  it('are the three machines', () => {
    expect(Object.keys(presets)).toEqual(['altix2', 'altix8', 'altix64']);
    expect(Object.values(presets).map(({ nodes, cpus }) => [nodes.length, cpus.length])).toEqual([
      [2, 8],
      [8, 16],
      [64, 256],
    ]);
  });

  it('have the memory and the count of each distance of the real Altix', () => {
    const kilobytes = altix64.nodes.reduce((sum, { memory }) => sum + memory / 1024, 0);
    expect(kilobytes).toBe(8077312 * 54 + 8077296 * 8 + 8064400 + 8054560);
    const counts = new Map<number, number>();
    for (const distance of altix64.distances.flat()) counts.set(distance, (counts.get(distance) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ 10: 64, 22: 192, 26: 512, 30: 1792, 34: 1536 });
  });

  it('are whole pages of 16 KB', () => {
    for (const { pageSize, nodes } of Object.values(presets)) {
      expect(pageSize).toBe(16384);
      expect(nodes.every(({ memory }) => memory % 16384 === 0)).toBe(true);
    }
  });
});

describe('formatHardware', () => {
  it('prints what numactl --hardware prints', () => {
    expect(formatHardware(loadTopology(sysfsTree(twoNodes)).topology)).toBe(
      [
        'available: 2 nodes (0-1)',
        'node 0 cpus: 0 1',
        'node 0 size: 1024 MB',
        'node 0 free: 512 MB',
        'node 1 cpus: 2 3',
        'node 1 size: 1024 MB',
        'node 1 free: 512 MB',
        'node distances:',
        'node   0   1 ',
        '  0:  10  21 ',
        '  1:  21  10 ',
        '',
      ].join('\n'),
    );
  });

  it('takes the free memory of a running machine, and says 1 nodes as numactl does', () => {
    const text = formatHardware(uniformTopology({ nodes: 1, pagesPerNode: 256, distance: 20 }), () => 3 * 2 ** 20);
    expect(text).toContain('available: 1 nodes (0)\n');
    expect(text).toContain('node 0 size: 4 MB\nnode 0 free: 3 MB\n');
  });

  it('keeps to the columns of numactl at three digits', () => {
    const wide = uniformTopology({ nodes: 101, pagesPerNode: 64, cpusPerNode: 1, distance: 254 });
    const lines = formatHardware(wide).split('\n');
    // As printf("% 3d ") has it: a blank for the sign, so a hundred is one column wider.
    expect(lines.at(-3)).toBe(` 99: ${' 254 '.repeat(99)} 10  254 `);
    expect(lines.at(-2)).toBe(` 100: ${' 254 '.repeat(100)} 10 `);
  });
});
