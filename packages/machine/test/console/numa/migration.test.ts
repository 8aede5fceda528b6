import { MAX_NR_ZONES } from '@pmkit/mm-core/include/linux/mmzone';
import { describe, expect, it } from 'vitest';
import { programs, type Box, type Process } from '../../../src/console/index.js';
import { expectSound, newBox, program } from '../helpers.js';

/** A process with 32 pages on each of nodes 0 to 2, which then runs `argv` with PID replaced; and where its pages are afterwards, node by node. */
async function migrated(argv: readonly string[], level = 10): Promise<{ readonly box: Box; readonly stderr: string; readonly exitCode: number; readonly nodes: number[] }> {
  let nodes: number[] = [];
  const job = async (p: Process): Promise<number> => {
    const at = await p.sys('mmap', 0, 96 * 16384, 3, 0x22, -1, 0);
    for (const node of [0, 1, 2]) {
      await p.sys('sched_setaffinity', 0, [2 * node]);
      await p.touch(at + node * 32 * 16384, 32, 'write');
    }
    const child = p.forked(p.box.k.m.tasks.get(await p.sys('fork'))!);
    const code = await child.exec(argv.map(word => (word === 'PID' ? `${p.pid}` : word)));
    nodes = [];
    for (let page = 0; page < 96; page += 32) {
      const node = { value: -1 };
      await p.sys('get_mempolicy', node, null, 0, at + page * 16384, 3);
      nodes.push(node.value);
    }
    return code;
  };
  const box = newBox({ level, programs: [...programs, program('job', job)] });
  const { stderr, exitCode } = await box.run(['job']);
  return { box, stderr, exitCode, nodes };
}

describe('migratepages', () => {
  it.each<[string, string, number[]]>([
    ['0', '3', [3, 1, 2]], ['0-2', '1-3', [1, 2, 3]], ['1-2', '0-1', [0, 0, 1]], ['all', '3', [3, 3, 3]], ['0-2', '3', [3, 3, 3]], ['0,1', '1', [1, 1, 2]], ['0', '0', [0, 1, 2]], ['!3', '+1-3', [1, 2, 3]],
  ])('from %s to %s, in steps where that overlaps', async (from, to, expected) => {
    const { box, ...result } = await migrated(['migratepages', 'PID', from, to]);
    expect(result).toEqual({ stderr: '', exitCode: 0, nodes: expected });
    expectSound(box);
  });
  it.each([0, 3])('needs the system call: not at level %d', async level => {
    const { stderr, exitCode, nodes } = await migrated(['migratepages', 'PID', '0', '3'], level);
    expect({ stderr, exitCode, nodes }).toEqual({ stderr: 'migrate_pages: Function not implemented\n', exitCode: 1, nodes: [0, 1, 2] });
  });
  it('says what is wrong with its arguments', async () => {
    const box = newBox();
    const run = async (...args: readonly string[]): Promise<[string, string, number]> => {
      const { stdout, stderr, exitCode } = await box.run(['migratepages', ...args]);
      return [stdout, stderr, exitCode];
    };
    expect(await run('999', '0', '1')).toEqual(['', 'migrate_pages: No such process\n', 1]);
    expect(await run('1', '7', '1')).toEqual(['<7> is invalid\n', 'libnuma: Warning: node argument 7 is out of range\n\n', 1]);
    expect((await run('1x', '0', '1'))[1]).toMatch(/^usage: migratepages pid from-nodes to-nodes\n/);
    expect((await run('1', '0'))[2]).toBe(1);
    expect((await run('--help'))[1]).toMatch(/^usage: /);
  });
});

describe('migspeed', () => {
  it('shows its memory before and after, and a speed that is the model\'s', async () => {
    const box = newBox();
    const { stdout, stderr, exitCode } = await box.run(['migspeed', '-v', '-p', '500', '0', '2']);
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout).toMatch(/^From: 0 \nTo: 2 \nAllocating 500 pages of 16384 bytes of memory\nDirtying memory\.\.\.\.\nStarting test\n\S+ bind:0 .*N0=500 .*\n\S+ bind:2 .*N2=500 .*\n7\.8 Mbyte migrated in 0\.01 secs\. 1525\.9 Mbytes\/second\n$/);
    expectSound(box);
  });
  it('cannot divide where nothing moves', async () => {
    expect((await newBox().run(['migspeed', '-p', '64', '1', '1'])).stdout).toMatch(/1\.0 Mbyte migrated in 0\.00 secs\. inf Mbytes\/second\n$/);
  });
  it('ends where the call is not there', async () => {
    expect(await newBox({ level: 2 }).run(['migspeed', '0', '1'])).toMatchObject({ stderr: 'memory move: Function not implemented\n', exitCode: 1 });
  });
});

describe('memhog', () => {
  it('prints a dot for every 10 MB, in every round', async () => {
    const box = newBox();
    expect(await box.run(['memhog', '-r2', '25m'])).toEqual({ stdout: '...\n...\n', stderr: '', exitCode: 0 });
    expectSound(box);
  });
  it('takes its memory as the policy says', async () => {
    let free: number[] = [];
    const watch = program('watch', async p => {
      const child = p.forked(p.box.k.m.tasks.get(await p.sys('fork'))!, ['memhog']);
      p.box.scheduler.start(child, async () => { await child.exec(['memhog', '-r200', '10m', 'membind', '3']).catch(() => 0); });
      await p.sleep(150);
      free = [1, 3].map(node => p.box.k.m.zones[node * MAX_NR_ZONES]!.free_pages);
      return 0;
    });
    await newBox({ programs: [...programs, watch] }).run(['watch']);
    expect(free[0]! - free[1]!).toBeGreaterThanOrEqual(640);
  });
  it('goes on when the kernel refuses the policy, and not when there is none of that name', async () => {
    const box = newBox();
    expect(await box.run(['memhog', '1m', 'preferred-many', '0'])).toEqual({ stdout: '.\n', stderr: 'mbind: Invalid argument\n', exitCode: 0 });
    expect((await box.run(['memhog', '1m', 'nonsense', '0'])).stdout).toMatch(/^memhog \[-fFILE\].*\n(.*\n)*Policies: preferred-many local interleave membind preferred default\n$/);
    expect(await box.run(['memhog', '1m', 'membind', '8'])).toEqual({ stdout: '<8> is invalid\n', stderr: 'libnuma: Warning: node argument 8 is out of range\n\n', exitCode: 1 });
  });
  it('maps a file with -f', async () => {
    const box = newBox();
    await box.run(['numactl', '--length=1m', '--file=/dev/shm/f', '-m', '0']);
    const inode = box.k.path_lookup('/dev/shm/f')!;
    expect(await box.run(['memhog', '-f/dev/shm/f', '1m', 'membind', '2'])).toEqual({ stdout: '.\n', stderr: '', exitCode: 0 });
    expect(inode.i_mapping.nrpages).toBe(64);
    expect((await box.run(['memhog', '-fnothere', '1m'])).stderr).toBe('nothere: No such file or directory\n');
  });
});

it('the helpers of the regression scripts print what those expect', async () => {
  const box = newBox();
  const out = async (name: string): Promise<string> => (await box.run([name])).stdout;
  expect([await out('pagesize'), await out('nodemap'), await out('tbitmap'), (await out('distance')).split('\n')[0]]).toEqual(['16384\n', '0:  0 1\n1:  2 3\n2:  4 5\n3:  6 7\n', 'Testing bitmap functions\nPassed\n', '000: 010 020 020 020 ']);
});
