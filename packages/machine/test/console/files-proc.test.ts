import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BashFs, type Files } from '../../src/console/files/index.js';
import { fork } from '../../src/console/launch.js';
import type { Box, Process } from '../../src/console/index.js';
import { PROC_FILES, PROC_PID_FILES } from '../../src/views/index.js';
import { expectSound, newBox, outcomeOf } from './helpers.js';

let box: Box;
let root: Process;
let files: Files;

beforeEach(() => {
  box = newBox();
  root = box.login;
  ({ files } = box);
});

const outcome = async (action: () => unknown): Promise<string> => {
  let result: unknown;
  const ended = await outcomeOf(async () => { result = await action(); }, error => `${error.code} ${error.operation}`);
  return ended === 'done' ? String(result) : ended;
};
async function user(uid: number): Promise<Process> {
  const p = root.forked(await fork(box, root));
  await p.sys('setresuid', uid, uid, uid);
  await p.sys('prctl', PR_SET_DUMPABLE, 1); // as after execve(), which such a process mostly does
  return p;
}

/** include/linux/prctl.h */
const PR_SET_DUMPABLE = 4;

describe('/proc', () => {
  it('gives the files of a process that is not dumpable to root, but not its directory', async () => {
    const p = await user(1000);
    const owners = (): number[] => ['', '/maps', '/fd', '/fd/0', '/oom_adj', '/task', `/task/${p.pid}`, `/task/${p.pid}/maps`].map(name => files.lstat(root, `/proc/${p.pid}${name}`).uid);
    expect(owners()).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000]);
    await p.sys('prctl', PR_SET_DUMPABLE, 0);
    expect(owners()).toEqual([1000, 0, 0, 0, 0, 0, 1000, 0]);
    expect([await outcome(() => files.list(p, '/proc/self/fd')), await outcome(() => p.readFile('/proc/self/environ')), await outcome(() => files.readlink(p, '/proc/self/cwd'))]).toEqual(['EACCES scandir', 'EACCES open', 'EACCES readlink']);
    await root.sys('kill', p.pid, 9);
  });

  it('has a directory for each process, and a link to that of who looks', async () => {
    const child = root.forked(await fork(box, root), ['sleep', '10']);
    const pids = files.list(child, '/proc').filter(name => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
    expect(pids).toEqual([...box.k.m.tasks.keys()].filter(pid => pid !== 0));
    expect(files.readlink(child, '/proc/self')).toBe(String(child.pid));
    expect(await child.readFile('/proc/self/cmdline')).toBe('sleep\x0010\0');
    expect(await child.readFile('/proc/self/environ')).toContain('HOME=/root\0');
    expect([files.readlink(child, '/proc/self/exe'), files.readlink(child, '/proc/self/cwd'), files.readlink(child, '/proc/self/root')]).toEqual(['/bin/bash', '/root', '/']);
    expect(await child.readFile(`/proc/${root.pid}/comm`)).toBe('bash\n');
  });

  it('says what the views of the kernel say, at the moment of reading', async () => {
    for (const [name, view] of Object.entries(PROC_PID_FILES)) expect(await root.readFile(`/proc/self/${name}`)).toBe(view.text(box.k, root.task));
    for (const [name, view] of Object.entries(PROC_FILES)) expect(await root.readFile(`/proc/${name}`)).toBe(view.text(box.k));
    const before = await root.readFile('/proc/self/statm');
    await root.sys('brk', 0x6000_0000_0010_0000);
    await root.sys('mmap', 0, 1 << 20, 3, 0x22, -1, 0);
    expect(await root.readFile('/proc/self/statm')).not.toBe(before);
  });

  it('shows a kernel thread as without memory, arguments and program', async () => {
    const { pid } = [...box.k.m.tasks.values()].find(({ comm }) => comm.startsWith('kswapd'))!;
    expect([await root.readFile(`/proc/${pid}/maps`), await root.readFile(`/proc/${pid}/cmdline`), await outcome(() => files.readlink(root, `/proc/${pid}/exe`))]).toEqual(['', '', 'ENOENT readlink']);
  });

  it('shows a process that has ended until it is waited for', async () => {
    const child = root.forked(await fork(box, root), ['x']);
    await box.scheduler.syscall(child, 'exit_group', [0]);
    expect(await root.readFile(`/proc/${child.pid}/stat`)).toContain(' Z ');
    expect([await root.readFile(`/proc/${child.pid}/maps`), await root.readFile(`/proc/${child.pid}/cmdline`)]).toEqual(['', '']);
    await root.sys('wait4', child.pid, { value: 0 }, 0);
    expect(root.exists(`/proc/${child.pid}`)).toBe(false);
  });

  it('has the open files of a process, for its owner to see', async () => {
    const p = await user(1000);
    const fd = await p.sys('open', '/tmp/x', 0o102, 0o600);
    expect(files.readlink(p, `/proc/self/fd/${fd}`)).toBe('/tmp/x');
    expect(await outcome(() => files.list(p, `/proc/${root.pid}/fd`))).toBe('EACCES scandir');
    expect(await outcome(() => files.readlink(p, `/proc/${root.pid}/cwd`))).toBe('EACCES readlink');
    expect(await outcome(() => p.readFile(`/proc/${root.pid}/environ`))).toBe('EACCES open');
    expect(await outcome(() => p.readFile('/proc/kmsg'))).toBe('EACCES open');
    expect(await p.readFile(`/proc/${root.pid}/maps`)).toContain('/bin/bash');
  });

  it('takes settings from root', async () => {
    await root.writeFile('/proc/sys/vm/swappiness', '7\n');
    expect([box.k.m.swappiness, await root.readFile('/proc/sys/vm/swappiness')]).toEqual([7, '7\n']);
    expect(await outcome(() => root.writeFile('/proc/sys/vm/swappiness', '700\n'))).toBe('EINVAL write');
    const p = await user(1000);
    expect(await outcome(() => p.writeFile('/proc/sys/vm/swappiness', '1\n'))).toBe('EACCES open');
  });

  it('tells the OOM killer what to think of a process', async () => {
    expect([await root.readFile('/proc/self/oom_adj'), Number(await root.readFile('/proc/self/oom_score')) > 0]).toEqual(['0\n', true]);
    await root.writeFile('/proc/self/oom_adj', '-17\n');
    expect([await root.readFile('/proc/self/oom_adj'), root.task.oomkilladj]).toEqual(['-17\n', -17]);
    expect(await outcome(() => root.writeFile('/proc/self/oom_adj', '16\n'))).toBe('EINVAL write');
    expect(await outcome(() => root.writeFile('/proc/self/oom_adj', 'x\n'))).toBe('EIO write');
    const p = await user(1000);
    expect(await outcome(() => p.writeFile('/proc/self/oom_adj', '1\n'))).toBe('EPERM write');
  });

  it('takes nothing else', async () => {
    expect(await outcome(() => root.writeFile('/proc/meminfo', 'x'))).toBe('EIO write');
    expect(await outcome(() => root.writeFile('/proc/vmstat', 'x'))).toBe('EINVAL write');
    expect(await outcome(() => root.writeFile('/proc/self/maps', 'x'))).toBe('EINVAL write');
    expect(await outcome(() => root.writeFile('/proc/new', 'x'))).toBe('ENOENT open');
    expect(await outcome(() => files.mkdir(root, '/proc/new'))).toBe('EPERM mkdir');
    expect(await outcome(() => files.unlink(root, '/proc/meminfo'))).toBe('EPERM unlink');
    expect(await outcome(() => files.chmod(root, '/proc/meminfo', 0o777))).toBe('EPERM chmod');
    expectSound(box);
  });
});

describe('/sys', () => {
  it('has the nodes and CPUs', async () => {
    expect(root.readDir('/sys/devices/system/node')).toEqual(['has_cpu', 'has_memory', 'has_normal_memory', 'node0', 'node1', 'node2', 'node3', 'online', 'possible']);
    expect(root.readDir('/sys/devices/system/node/node1')).toEqual(['cpu2', 'cpu3', 'cpulist', 'cpumap', 'distance', 'meminfo', 'numastat']);
    expect(await root.readFile('/sys/devices/system/node/node1/distance')).toBe('20 10 20 20\n');
    expect(files.realpath(root, '/sys/devices/system/node/node1/cpu3')).toBe('/sys/devices/system/cpu/cpu3');
    expect(await root.readFile('/sys/devices/system/cpu/online')).toBe('0-7\n');
  });

  it('cannot be written to', async () => {
    expect(await outcome(() => root.writeFile('/sys/devices/system/node/online', '0'))).toBe('EACCES open');
    expect(await outcome(() => root.writeFile('/sys/new', 'x'))).toBe('EACCES open');
  });
});

it('a view is made once for each time it is read', async () => {
  const text = vi.spyOn(PROC_PID_FILES.smaps, 'text');
  await root.readFile('/proc/self/smaps');
  await new BashFs(box, () => root).readFile('/proc/self/smaps');
  root.stat('/proc/self/smaps');
  root.readDir('/proc/self');
  expect(text).toHaveBeenCalledTimes(2);
  text.mockRestore();
});
