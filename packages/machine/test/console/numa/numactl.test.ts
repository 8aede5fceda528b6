import { describe, expect, it } from 'vitest';
import { machineConfig } from '../../../src/config.js';
import { programs } from '../../../src/console/index.js';
import { uniformTopology } from '../../../src/topology/index.js';
import { expectSound, newBox, program } from '../helpers.js';

const show = (lines: Readonly<Record<string, string>>): string => Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`).join('');
/** Not in PATH. */
const MYNODE = '/usr/lib/numactl/test/mynode';
const ALL = { physcpubind: '0 1 2 3 4 5 6 7 ', cpubind: '0 1 2 3 ', nodebind: '0 1 2 3 ', membind: '0 1 2 3 ', preferred: '' };

describe('numactl --hardware', () => {
  it('prints nodes, CPUs, memory and distances as the real one', async () => {
    const { stdout } = await newBox().run(['numactl', '-H']);
    const node = (id: number, cpus: string, free: number): string => `node ${id} cpus: ${cpus}\nnode ${id} size: 32 MB\nnode ${id} free: ${free} MB\n`;
    expect(stdout).toBe(`available: 4 nodes (0-3)\n${node(0, '0 1', 31)}${node(1, '2 3', 32)}${node(2, '4 5', 32)}${node(3, '6 7', 32)}node distances:\n`
      + 'node   0   1   2   3 \n  0:  10  20  20  20 \n  1:  20  10  20  20 \n  2:  20  20  10  20 \n  3:  20  20  20  10 \n');
  });
});

describe('numactl --show', () => {
  it('says what a program has that nobody has restricted', async () => {
    expect((await newBox().run(['numactl', '-s'])).stdout).toBe(show({ policy: 'default', 'preferred node': 'current', ...ALL }));
  });
  it.each<[string[], Record<string, string>]>([
    [['--membind=1,2'], { policy: 'bind', 'preferred node': '1', ...ALL, membind: '1 2 ', preferred: '1 2 ' }],
    [['-m', 'all'], { policy: 'bind', 'preferred node': '0', ...ALL, preferred: '0 1 2 3 ' }],
    [['-p', '3'], { policy: 'preferred', 'preferred node': '3', ...ALL, preferred: '3 ' }],
    [['--localalloc'], { policy: 'default', 'preferred node': 'current', ...ALL }],
    [['--interleave='], { policy: 'default', 'preferred node': 'current', ...ALL }],
    [['-N', '2'], { policy: 'default', 'preferred node': 'current', ...ALL, physcpubind: '4 5 ', cpubind: '2 ', nodebind: '2 ' }],
    [['-C', '+1,6-7'], { policy: 'default', 'preferred node': 'current', ...ALL, physcpubind: '1 6 7 ', cpubind: '0 3 ', nodebind: '0 3 ' }],
    [['--cpubind', '!0', '--membind', 'same'], { policy: 'bind', 'preferred node': '1', ...ALL, physcpubind: '2 3 4 5 6 7 ', cpubind: '1 2 3 ', nodebind: '1 2 3 ', membind: '1 2 3 ', preferred: '1 2 3 ' }],
  ])('under numactl %j', async (options, expected) => {
    const box = newBox();
    expect(await box.run(['numactl', ...options, 'numactl', '--show'])).toEqual({ stdout: show(expected), stderr: '', exitCode: 0 });
    expectSound(box);
  });
  it('says at which node interleaving goes on', async () => {
    const { stdout } = await newBox().run(['numactl', '-i', '1-2', 'numactl', '-s']);
    expect(stdout).toMatch(/^policy: interleave\npreferred node: [12] \(interleave next\)\ninterleavemask: 1 2 \ninterleavenode: [12]\nphyscpubind: /);
  });
});

describe('a program under numactl', () => {
  it('gets memory and CPU from where it was told', async () => {
    const box = newBox();
    expect((await box.run(['numactl', '-m', '3', MYNODE])).stdout).toBe('my node 3\n');
    expect((await box.run(['numactl', '-C', '5', MYNODE])).stdout).toBe('my node 2\n');
    expect((await box.run(['mynode'])).stdout).toBe('my node 0\n');
    expectSound(box);
  });
  it('gets its arguments, whatever they look like, and its exit code is numactl\'s', async () => {
    const box = newBox({ programs: [...programs, program('probe', p => { p.out(p.argv.join('|')); return 7; })] });
    expect(await box.run(['numactl', '-m', '1', 'probe', '-m', '9', '--', '--show'])).toEqual({ stdout: 'probe|-m|9|--|--show', stderr: '', exitCode: 7 });
  });
  it('that is not there cannot be executed', async () => {
    expect(await newBox().run(['numactl', '-m', '1', 'nobody'])).toEqual({ stdout: '\n', stderr: "numactl: execution of `nobody': No such file or directory\n", exitCode: 1 });
  });
});

describe('numactl refuses', () => {
  it.each<[string[], string, string]>([
    [['-m', '9', 'x'], '<9> is invalid\n', 'libnuma: Warning: node argument 9 is out of range\n\n'],
    [['-C', '8', 'x'], '<8> is invalid\n', 'libnuma: Warning: cpu argument 8 is out of range\n\n'],
    [['-i', '0', '-m', '1', 'x'], '\n', 'numactl: Conflicting policies'],
    [['-m', 'same', 'x'], '\n', 'numactl: same needs previous node specification'],
    [['-m', '1', '--all', 'x'], '\n', 'numactl: --all/-a option must be before all cpu/node specifications'],
    [['--length=1m', 'x'], '\n', 'numactl: shm related option --length for process'],
    [['--touch'], '\n', 'numactl: --touch must be after shared memory specification'],
    [['-p', '0,1', 'x'], '', ''],
    [['--nothing'], '', "numactl: unrecognized option '--nothing'\n"],
    [[], '', ''],
  ])('%j with its own words and the usage', async (args, stdout, stderr) => {
    const result = await newBox().run(['numactl', ...args]);
    expect({ ...result, stderr: result.stderr.slice(0, result.stderr.indexOf('usage: ')) }).toEqual({ stdout, stderr, exitCode: 1 });
  });
  it('what the kernel refuses, with its reason', async () => {
    expect(await newBox().run(['numactl', '-m', '', 'x'])).toEqual({ stdout: '', stderr: 'set_mempolicy: Invalid argument\nsetting membind: Invalid argument\n', exitCode: 1 });
    expect((await newBox().run(['numactl', '-P', '1', 'x'])).stderr).toBe('numactl: preferred-many requested without kernel support');
  });
  it('devices in lists, which this sysfs does not know', async () => {
    const result = await newBox().run(['node-parse', 'file:/root', 'pci:0:0.0', '0']);
    expect(result).toEqual({ stdout: "Failed to convert `file:/root'\nFailed to convert `pci:0:0.0'\nresult: 0 \n", stderr: 'libnuma: Warning: Cannot enumerate block devices in sysfs\n', exitCode: 1 });
  });
});

it('a kernel without cpusets does not say how long its masks are, and numactl finds out', async () => {
  const box = newBox({ machine: { ...machineConfig(uniformTopology({ nodes: 4, pagesPerNode: 2048 })), config: { CONFIG_CPUSETS: false } } });
  expect((await box.run(['numactl', '-m', '2-3', 'numactl', '-s'])).stdout).toContain('membind: 2 3 \n');
});

describe('in a cpuset', () => {
  it('all and + count within it, and --all does not', async () => {
    const enter = program('enter', async p => {
      await p.sys('sched_setaffinity', 0, [2, 3]);
      return p.exec(['numactl', ...p.argv.slice(1)]);
    });
    const box = newBox({ programs: [...programs, enter] });
    expect((await box.run(['enter', '-C', '+1', 'numactl', '-s'])).stdout).toContain('physcpubind: 3 \n');
    expect((await box.run(['enter', '-C', '5', 'numactl', '-s'])).exitCode).toBe(1);
    expect((await box.run(['enter', '--all', '-C', '5', 'numactl', '-s'])).stdout).toContain('physcpubind: 5 \n');
    expectSound(box);
  });
});
