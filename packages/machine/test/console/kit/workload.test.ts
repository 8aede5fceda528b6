import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { residentPage, store } from '@pmkit/mm-core';
import { describe, expect, it } from 'vitest';
import type { Box, Process, Program } from '../../../src/console/index.js';
import { fork, live, waitFor } from '../../../src/console/launch.js';
import { program, expectSound, newBox } from '../helpers.js';
import { workload } from '../../../src/console/programs/kit/workload/index.js';
import { CaptureStream } from '../../../src/console/files/index.js';

/** Runs workload with the words of a line. */
async function work(line: string, box = newBox({ programs: [workload] })) {
  return { box, ...(await box.run(['workload', ...line.split(' ')])) };
}

/** A program that starts workload in the background, does something after so many ms, and waits for workload, or ends it. */
const beside = (line: string, act: (p: Process, pid: number) => Promise<void> | void, ends = true, output: CaptureStream | null = null): Program => program('beside', async p => {
  if (output !== null) p.fds.set(1, output);
  const child = p.forked(await fork(p.box, p));
  p.box.scheduler.start(child, () => live(child, c => c.exec(['workload', ...line.split(' ')])));
  await p.pause(25);
  await act(p, child.pid);
  if (ends) await p.sys('kill', child.pid, 15);
  return waitFor(p.box, p, child.pid);
});

/** Nodes of the pages of each mapping that the workload reports after 25 ms, by the process. */
async function watch(line: string): Promise<string[]> {
  let seen: string[] = [];
  const printed = new CaptureStream();
  const box = newBox({ programs: [workload, beside(`-r ${line}`, () => { seen = nodesOf(box, printed.text); }, true, printed)] });
  await box.run(['beside']);
  expectSound(box);
  return seen;
}

function nodesOf({ k: { m } }: Box, report: string): string[] {
  return [...report.matchAll(/^(\d+): (0x[0-9a-f]+)-\S+ (\d+) pages/gm)].map(([, pid, address, pages]) => {
    const frames = Array.from({ length: Number(pages) }, (_, i) => residentPage(m, m.tasks.get(Number(pid))!, Number(address) + i * m.PAGE_SIZE));
    return frames.map(page => (page === 0 ? '-' : page_to_nid(m, page))).join('');
  });
}

describe('workload', () => {
  it.each(['anon:64k', 'shared:64k', 'heap:4p', 'stack:9p', 'guard:1m', 'file:/tmp/x:4p', 'file:/tmp/x:4p:private:read:write=half', 'text:/lib/tls/libc-2.3.4.so', 'shm:0x6a:4p', 'shm:private:4p', 'anon:4p:lock:ro'])(
    'makes %s and ends', async word => {
      const { box, stdout, stderr, exitCode } = await work(word);
      expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: '', exitCode: 0 });
      expectSound(box);
    });

  it('tells the mappings in their order', async () => {
    const { stdout, box } = await work('-r anon:16p stack:4p');
    const pid = box.login.pid + 1;
    expect(stdout.split('\n').map(line => line.replace(/0x[0-9a-f]{16}/g, 'ADDRESS'))).toEqual([
      `${pid}: ADDRESS-ADDRESS 16 pages anon:16p`, `${pid}: ADDRESS-ADDRESS 4 pages stack:4p`, '',
    ]);
  });

  it('touches what it is told, where it is told', async () => {
    const seen = await watch('-n forever -N 2 anon:7p anon:7p:bind=3:write=half anon:7p:interleave=0,1 anon:7p:write=every/3 anon:7p:untouched stack:4p:write=first/3');
    // page 0 of a stack is the topmost one; below it the stack has not grown
    expect(seen).toEqual(['2222222', '333----', expect.stringMatching(/^(01){3}0$|^(10){3}1$/), '2--2--2', '-------', '-222']);
  });

  it('random pages are the same for the same seed', async () => {
    const [first] = await watch('-S anon:37p:write=random/9/5');
    expect(first).toContain('0');
    expect(await watch('-S anon:37p:write=random/9/5')).toEqual([first]);
    expect(await watch('-S anon:37p:write=random/9/6')).not.toEqual([first]);
  });

  it('finds everything as it left it', async () => {
    const { stdout, exitCode, box } = await work('-v -n 3 anon:8p file:/tmp/a:4p shm:7:2p stack:6p');
    expect({ stdout, exitCode }).toEqual({ stdout: `${box.login.pid + 1}: 60 pages verified, 0 differ\n`, exitCode: 0 });
  });

  it('finds what somebody else has written into its memory', async () => {
    const box = newBox({ programs: [workload, beside('-v -n 2 -t 100 file:/tmp/a:4p', async p => {
      const fd = await p.sys('open', '/tmp/a', 2, 0);
      const address = await p.sys('mmap', 0, 4 * 16384, 3, 1, fd, 0);
      store(box.k, p.task, address + 16384);
    }, false)] });
    const { stdout, exitCode } = await box.run(['beside']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^\d+: file:\/tmp\/a:4p: page 1 differs: expected token \d+, found \d+\n\d+: 8 pages verified, 1 differ\n$/);
  });

  it('finds everything as it left it after a migration in the middle', async () => {
    const box = newBox({ programs: [workload, beside('-v -n 3 -t 20 -N 1 anon:16p file:/tmp/b:4p:private', async (p, pid) => {
      expect(await p.sys(1279, pid, 1, Uint32Array.of(1), Uint32Array.of(3))).toBeGreaterThan(15);
    }, false)] });
    const { stdout, exitCode } = await box.run(['beside']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+: 60 pages verified, 0 differ\n$/)]);
    expectSound(box);
  });

  it('processes map by themselves and take the nodes in turn', async () => {
    expect(await watch('-n forever -p 4 -N 1,3 anon:5p shm:5:8p:write=share')).toEqual(['11111', '11------', '33333', '--33----', '11111', '----11--', '33333', '------33']);
  });

  it('children share what was mapped before they were forked', async () => {
    const { stdout, exitCode, box } = await work('-v -n 2 -f 2 anon:4p shared:3p:write=share');
    expect(exitCode).toBe(0);
    expect(stdout.match(/ 0 differ/g)).toHaveLength(3);
    expectSound(box);
  });

  it('threads touch the memory of their process, which outlives them', async () => {
    const { exitCode, stdout, stderr, box } = await work('-v -n 3 -T 2 anon:9p:write=share');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+: 27 pages verified, 0 differ\n$/);
    expectSound(box);
  });

  it('marks a file for migration from patch 6 on, and says that an older kernel will not', async () => {
    expect((await work('file:/tmp/m:4p:migrate')).exitCode).toBe(0);
    const old = await work('file:/tmp/m:4p:migrate', newBox({ level: 5, programs: [workload] }));
    expect([old.exitCode, old.stderr]).toEqual([1, 'workload: file:/tmp/m:4p:migrate: mbind: Invalid argument\n']);
  });

  it('dies when its stack grows beyond the limit', async () => {
    expect((await work('stack:64m')).exitCode).toBe(139);
  });

  it.each([
    ['anon', "anon: expected a size such as 64k, 16m, 1g or 8p (pages), found ''"], ['disk:4k', "disk:4k: expected one of anon, shared, heap, stack, guard, file, text, shm, found 'disk'"],
    ['anon:4k:bind=x', 'anon:4k:bind=x: nodes: expected a list such as 0-3,8, found "x"'], ['file:x:4k', "file:x:4k: expected a path with a / in it, found 'x'"],
    ['anon:4k:ro:write', 'anon:4k:ro:write: what is read-only cannot be written'], ['anon:0', "anon:0: expected a size from one byte to 1024g, found '0'"],
    ['guard:4k:read', 'guard:4k:read: a guard cannot be touched'], ['anon:4k:shared', 'anon:4k:shared: private and shared are attributes of a file, not of anon'],
    ['anon:4k:write=some', "anon:4k:write=some: expected all, half, share, first/N, every/N or random/N[/SEED], found 'some'"],
    ['-n 0 anon:4k', "rounds: expected a number from 1 to 67108864, found '0'"], ['-P sideways anon:4k', "policy: expected bind=NODES, interleave=NODES, prefer=NODE or default, found 'sideways'"],
  ])('refuses %s', async (line, message) => {
    const { exitCode, stderr } = await work(line);
    expect([exitCode, stderr]).toEqual([2, `workload: ${message}\nTry 'man workload' for what a MAPPING is.\n`]);
  });

  it('says which call failed for which mapping', async () => {
    expect((await work('file:/nowhere:4p:ro text:/bin/none')).stderr).toBe('workload: text:/bin/none: open /bin/none: No such file or directory\n');
    expect((await work('file:/tmp/no/such:4p')).stderr).toBe('workload: file:/tmp/no/such:4p: open /tmp/no/such: No such file or directory\n');
    expect((await work('file:/root/mine:4p', newBox({ programs: [workload], uid: 1000 }))).stderr).toBe('workload: file:/root/mine:4p: open /root/mine: Permission denied\n');
    expect((await work('file:/dev/null:4p')).exitCode).toBe(1);
    expect((await work('-N 9 anon:4k')).stderr).toBe('workload: set up: node 9 has no CPU\n');
    expect((await work('anon:4k:bind=9')).stderr).toBe('workload: anon:4k:bind=9: mbind: Invalid argument\n');
  });
});
