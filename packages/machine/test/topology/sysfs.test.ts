import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../src/topology/index.js';
import { meminfo, scratch, sysfsTree, topologyError, twoNodes } from './helpers.js';

const NODES = 'sys/devices/system/node';
const MAKE_PIPE = 'mkfifo';

describe('a sysfs tree', () => {
  it('becomes a topology: memory, free memory, CPUs and distances', () => {
    const { format, topology } = loadTopology(sysfsTree(twoNodes));
    expect(format).toBe('sysfs tree');
    expect(topology.nodes).toEqual([
      { id: 0, memory: 2 ** 30, memFree: 2 ** 29, cpus: [0, 1] },
      { id: 1, memory: 2 ** 30, memFree: 2 ** 29, cpus: [2, 3] },
    ]);
    expect(topology.distances).toEqual([
      [10, 21],
      [21, 10],
    ]);
    expect(topology.pageSize).toBeUndefined();
  });

  it.each(['sys', 'sys/devices', 'sys/devices/system', NODES])('is found when the path leads to its %s', (inside) => {
    expect(loadTopology(path.join(sysfsTree(twoNodes), inside)).topology.nodes).toHaveLength(2);
  });

  it('may be reached through a link', () => {
    const link = path.join(scratch(), 'link');
    symlinkSync(sysfsTree(twoNodes), link);
    expect(loadTopology(link).topology.name).toBe('link');
  });

  it('may have a cpulist instead of a cpumap, holes, and nodes without memory or CPUs', () => {
    const root = sysfsTree({
      node0: { meminfo: meminfo(0, 0), distance: '10 20 20', cpulist: '0-3\n' },
      node3: { meminfo: meminfo(3, 65536), distance: '20 10 20', cpumap: '0' },
      node12: { meminfo: meminfo(12, 65536), distance: '20 20 10', cpulist: '\n' },
    });
    expect(loadTopology(root).topology.nodes.map(({ id, memory, cpus }) => [id, memory, cpus.length])).toEqual([
      [0, 0, 4],
      [3, 2 ** 26, 0],
      [12, 2 ** 26, 0],
    ]);
  });

  it('counts only nodes that are online, where it says which', () => {
    const one = { ...twoNodes, node0: { ...twoNodes['node0'], distance: '10\n' } };
    expect(loadTopology(sysfsTree(one, { online: '0\n' })).topology.nodes).toHaveLength(1);
    expect(topologyError(() => loadTopology(sysfsTree(twoNodes, { online: '0-2\n' }))).message).toMatch(/node2: node: found no such directory/);
    expect(topologyError(() => loadTopology(sysfsTree(twoNodes, { online: '0-300\n' })))).toMatchObject({ line: 1, found: 'number 300' });
  });

  const bad: readonly [string, string, string, string, object][] = [
    ['no MemTotal', 'node1', 'meminfo', '\nNode 1 MemFree: 1 kB\n', { field: 'MemTotal', found: 'no such line' }],
    ['MemTotal in words', 'node1', 'meminfo', '\nNode 1 MemTotal: much kB\n', { line: 2, field: 'MemTotal', found: '"much kB"' }],
    ['meminfo of another node', 'node1', 'meminfo', meminfo(0, 4096), { line: 2, field: 'Node', found: '"0"' }],
    ['MemTotal twice', 'node1', 'meminfo', meminfo(1, 4096) + meminfo(1, 4096), { line: 5, field: 'MemTotal' }],
    ['more memory than 2^53', 'node1', 'meminfo', meminfo(1, 9000000000000000, 0), { field: 'nodes[1].memory' }],
    ['a short row of distances', 'node1', 'distance', '21\n', { line: 1, field: 'distance', found: '1 entries', expected: '2, one for each node' }],
    ['a distance in letters', 'node1', 'distance', 'nan 10\n', { line: 1, field: 'entry 1', found: '"nan"' }],
    ['distances that disagree', 'node1', 'distance', '22 10\n', { line: 1, field: 'distances[1][0]', found: '22' }],
    ['a local distance of 12', 'node1', 'distance', '21 12\n', { line: 1, found: '12' }],
    ['a CPU of another node', 'node1', 'cpumap', '00000002\n', { field: 'nodes[1].cpus', found: 'CPU 1, which node 0 has too' }],
    ['a mask that is none', 'node1', 'cpumap', '0x3\n', { line: 1, field: 'CPUs', found: '"0x3"' }],
  ];
  it.each(bad)('with %s is refused at the file that says so', (_, node, name, text, error) => {
    const root = sysfsTree({ ...twoNodes, [node]: { ...twoNodes[node], [name]: text } });
    const thrown = topologyError(() => loadTopology(root));
    expect(thrown).toMatchObject(error);
    expect(thrown.file).toBe(path.join(root, NODES, node, name));
    expect(thrown.message).toContain(`${thrown.file}${thrown.line === undefined ? '' : `:${thrown.line}`}: ${thrown.field}: found `);
  });

  it('with bytes that are no text is refused', () => {
    const root = sysfsTree(twoNodes);
    writeFileSync(path.join(root, NODES, 'node1', 'cpumap'), Buffer.from([0xff, 0x0a]));
    expect(topologyError(() => loadTopology(root))).toMatchObject({ field: 'encoding' });
  });

  it.each(['meminfo', 'distance', 'cpumap'])('without %s is refused', (name) => {
    const root = sysfsTree(twoNodes);
    rmSync(path.join(root, NODES, 'node1', name));
    expect(topologyError(() => loadTopology(root)).file).toBe(path.join(root, NODES, 'node1', name));
  });

  it('with 257 nodes is refused', () => {
    expect(topologyError(() => loadTopology(sysfsTree({ ...twoNodes, node256: {} })))).toMatchObject({ found: 'node 256', expected: 'nodes 0 to 255' });
  });
});

describe('a hostile sysfs tree', () => {
  it('cannot lead out of itself by a link to a file', () => {
    const root = sysfsTree(twoNodes);
    const file = path.join(root, NODES, 'node1', 'meminfo');
    rmSync(file);
    symlinkSync('/etc/passwd', file);
    expect(topologyError(() => loadTopology(root))).toMatchObject({ file, found: 'a symbolic link', expected: expect.stringContaining('regular file') as string });
  });

  it('cannot lead out of itself by a link to a directory', () => {
    const root = sysfsTree(twoNodes);
    const node = path.join(root, NODES, 'node1');
    const elsewhere = path.join(scratch(), 'node1');
    renameSync(node, elsewhere);
    symlinkSync(elsewhere, node);
    expect(topologyError(() => loadTopology(root))).toMatchObject({ file: node });

    const shell = scratch();
    symlinkSync(path.join(root, 'sys'), path.join(shell, 'sys'));
    expect(topologyError(() => loadTopology(shell)).found).toMatch(/without sys\/devices\/system\/node/);
  });

  it.skipIf(process.platform === 'win32')('cannot hold us up with a pipe, or be endless', () => {
    const root = sysfsTree(twoNodes);
    const file = path.join(root, NODES, 'node1', 'cpumap');
    rmSync(file);
    execFileSync(MAKE_PIPE, [file]);
    expect(topologyError(() => loadTopology(root))).toMatchObject({ file, found: 'a pipe' });
    rmSync(file);
    writeFileSync(file, '0'.repeat(100_000));
    expect(topologyError(() => loadTopology(root))).toMatchObject({ file, field: 'size' });
    rmSync(file);
    mkdirSync(file);
    expect(topologyError(() => loadTopology(root))).toMatchObject({ file, found: 'a directory' });
    expect(topologyError(() => loadTopology('/dev/zero')).found).toBe('a device');
  });
});
