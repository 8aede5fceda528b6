import { describe, expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { Table } from '../../../src/console/programs/numa/numastat/table.js';
import { expectSound, newBox, program } from '../helpers.js';

/** Columns of a line of a table, by white space. */
const fields = (text: string, row: string): string[] => text.split('\n').find(line => line.startsWith(row))!.split(/\s+/).slice(1);

describe('numastat', () => {
  it('without options prints what the perl script printed', async () => {
    const { stdout } = await newBox().run(['numastat']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('                           node0           node1           node2           node3');
    expect(lines.slice(1, -1).map(line => line.slice(0, 16).trim())).toEqual(['numa_hit', 'numa_miss', 'numa_foreign', 'interleave_hit', 'local_node', 'other_node']);
    for (const line of lines.slice(1, -1)) expect(line).toMatch(/^\w+ +(\d+ *){4}$/);
    for (const line of lines.slice(0, -1)) expect(line).toHaveLength(80);
  });
  it('counts what memhog takes', async () => {
    const box = newBox();
    const hits = async (): Promise<number[]> => fields((await box.run(['numastat'])).stdout, 'numa_hit').map(Number);
    const before = await hits();
    await box.run(['numactl', '--membind=2', 'memhog', '10m']);
    const after = await hits();
    expect(after[2]! - before[2]!).toBeGreaterThanOrEqual(640);
    expect(after[3]! - before[3]!).toBeLessThan(640);
  });
  it('-n shows the same in MB, with a total', async () => {
    const { stdout } = await newBox().run(['numastat', '-n']);
    expect(stdout.split('\n').slice(0, 4)).toEqual(['', 'Per-node numastat info (in MBs):',
      '                          Node 0          Node 1          Node 2          Node 3           Total',
      '                 --------------- --------------- --------------- --------------- ---------------']);
    const [a, b, c, d, total] = fields(stdout, 'Numa_Hit').map(Number);
    expect(Math.abs(a! + b! + c! + d! - total!)).toBeLessThan(0.03);
  });
  it('-m shows meminfo, -c narrow, -z without zeros', async () => {
    const { stdout } = await newBox().run(['numastat', '-mcz']);
    expect(stdout).toMatch(/^\nPer-node system memory usage \(in MBs\):\n +Node 0 Node 1 Node 2 Node 3 Total\n +------ ------ ------ ------ -----\nMemTotal +32 +32 +32 +32 +128\n/);
    expect(stdout).not.toContain('HighTotal');
  });
  it('-s sorts by the total or a node', async () => {
    const box = newBox();
    const order = async (option: string, column: number): Promise<number[]> => {
      const { stdout } = await box.run(['numastat', '-m', option]);
      return stdout.split('\n').slice(4, -1).map(line => Number(line.split(/\s+/)[column]));
    };
    for (const values of [await order('-s', 5), await order('-s1', 2)]) expect(values).toEqual([...values].sort((a, b) => b - a));
  });
  it('folds at NUMASTAT_WIDTH', async () => {
    const box = newBox({ programs: [...programs, program('narrow', p => { p.env.set('NUMASTAT_WIDTH', '50'); return p.exec(['numastat']); })] });
    const sections = (await box.run(['narrow'])).stdout.split('\n\n').map(text => text.split('\n')[0]!.trim().split(/\s+/));
    expect(sections).toEqual([['node0', 'node1'], ['node2', 'node3']]);
  });
  it('says what it wants', async () => {
    expect(await newBox().run(['numastat', '-V'])).toEqual({ stdout: 'numastat version: 20130723: Oct  4 2022\n', stderr: '', exitCode: 0 });
    const { stderr, exitCode } = await newBox().run(['numastat', '--help']);
    expect([stderr.split('\n')[0], exitCode]).toEqual(['Usage: numastat [-c] [-m] [-n] [-p <PID>|<pattern>] [-s[<node>]] [-v] [-V] [-z] [ <PID>|<pattern>... ]', 1]);
  });
});

describe('numastat -p', () => {
  /** Runs numastat beside a process that has 4 MB on node 1 and 2 MB of heap on node 2. */
  async function beside(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string; readonly pid: number }> {
    let pid = 0;
    const box = newBox({ programs: [...programs, program('bigone', async p => {
      pid = p.pid;
      const at = await p.sys('mmap', 0, 4 << 20, 3, 0x22, -1, 0);
      await p.sys('sched_setaffinity', 0, [2]);
      await p.touch(at, 256, 'write');
      const brk = await p.sys('brk', 0);
      await p.sys('brk', brk + (2 << 20));
      await p.sys('sched_setaffinity', 0, [4]);
      await p.touch(Math.ceil(brk / 16384) * 16384, 127, 'write');
      const result = await runNumastat(args.map(arg => (arg === 'PID' ? `${pid}` : arg)));
      p.out(result.stdout);
      p.err(result.stderr);
      return 0;
      async function runNumastat(words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
        const child = p.forked(p.box.k.m.tasks.get(await p.sys('fork'))!, ['numastat', ...words]);
        const out = { stdout: '', stderr: '' };
        child.out = data => { out.stdout += typeof data === 'string' ? data : new TextDecoder().decode(data); };
        child.err = text => { out.stderr += text; };
        await child.exec(['numastat', ...words]);
        return out;
      }
    })] });
    const { stdout, stderr } = await box.run(['bigone']);
    return { stdout, stderr, pid };
  }

  it('shows where the memory of one process is, by kind', async () => {
    const { stdout, pid } = await beside('-p', 'PID');
    expect(stdout).toMatch(new RegExp(`^\nPer-node process memory usage \\(in MBs\\) for PID ${pid} \\(bigone\\)\n`));
    expect(fields(stdout, 'Heap')).toEqual(['0.00', '0.00', '1.98', '0.00', '1.98']);
    expect(Number(fields(stdout, 'Private')[1])).toBeGreaterThanOrEqual(4);
    expect(stdout.split('\n').slice(-3)[0]).toBe(`----------------  ${'--------------- '.repeat(5).trimEnd()}`);
  });
  it('finds processes by name, not itself, and gives several a line each', async () => {
    const { stdout } = await beside('big', 'init', 'nosuchthing');
    expect(stdout).toMatch(/^Found no processes containing pattern: "nosuchthing"\n\nPer-node process memory usage \(in MBs\)\nPID +Node 0/);
    expect(stdout).toMatch(/^\d+ \(bigone\) +/m);
    expect(stdout).not.toMatch(/\(numastat\)/);
  });
  it('goes on where there is no such process', async () => {
    expect((await beside('-p', '999')).stderr).toBe("Can't read /proc/999/numa_maps: No such file or directory\n");
  });
});

it('a table without data says so', () => {
  const table = new Table(1, 2, 2);
  expect(table.print(100, true)).toBe('Table has no data.\n');
  table.zero();
  expect([table.print(100, false), table.print(100, true).split('\n').length]).toEqual(['Table has no non-zero data.\n', 4]);
});

it('leaves the machine sound', async () => {
  const box = newBox();
  await box.run(['numastat', '-mnp', '1', 'bash']);
  expectSound(box);
});
