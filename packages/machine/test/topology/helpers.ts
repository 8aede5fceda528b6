import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { TopologyError } from '../../src/topology/index.js';

export function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-topology-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface TreeNode {
  readonly meminfo?: string;
  readonly distance?: string;
  readonly cpumap?: string;
  readonly cpulist?: string;
}

/** Two nodes of 1 GB and two CPUs each, 21 apart, as an old kernel shows them. */
export const twoNodes: Readonly<Record<string, TreeNode>> = {
  node0: { meminfo: meminfo(0, 1048576), distance: '10 21\n', cpumap: '00000000,00000003\n' },
  node1: { meminfo: meminfo(1, 1048576), distance: '21 10\n', cpumap: '00000000,0000000c\n' },
};

export function meminfo(id: number, total: number, free = Math.floor(total / 2)): string {
  return `\nNode ${id} MemTotal:     ${String(total).padStart(8)} kB\nNode ${id} MemFree:      ${String(free).padStart(8)} kB\n`;
}

export function sysfsTree(nodes: Readonly<Record<string, TreeNode>>, more: Readonly<Record<string, string>> = {}): string {
  const root = scratch();
  const place = path.join(root, 'sys/devices/system/node');
  mkdirSync(place, { recursive: true });
  for (const [node, files] of Object.entries(nodes)) {
    mkdirSync(path.join(place, node));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(place, node, name), text as string);
  }
  for (const [name, text] of Object.entries(more)) writeFileSync(path.join(place, name), text);
  return root;
}

export function xmlFile(text: string, name = 'machine.xml'): string {
  const file = path.join(scratch(), name);
  writeFileSync(file, text);
  return file;
}

/** The error of `action`; a test that wants one must fail when there is none or another. */
export function topologyError(action: () => unknown): TopologyError {
  try {
    action();
  } catch (error) {
    if (error instanceof TopologyError) return error;
    throw error;
  }
  throw new Error('expected a TopologyError, but nothing was thrown');
}
