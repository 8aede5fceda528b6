import { Bash } from 'just-bash';
import { describe, expect, it } from 'vitest';
import { BashFs } from '../../src/console/files/index.js';
import type { Box } from '../../src/console/index.js';
import { expectSound, newBox } from './helpers.js';

/** just-bash on a machine, all of it in the login shell's process. It has echo and printf as files, where bash has them itself. */
function bashOn(box: Box): (script: string) => Promise<string> {
  const bash = new Bash({ fs: new BashFs(box, () => box.login), cwd: '/root', env: { HOME: '/root', PATH: '/usr/bin:/bin' } });
  return async script => {
    for (const name of ['echo', 'printf', 'true', 'false']) await box.login.writeFile(`/bin/${name}`, '', { mode: 0o777 });
    const { stdout, stderr, exitCode } = await bash.exec(script);
    return `${stdout}${stderr}${exitCode === 0 ? '' : `exit ${exitCode}\n`}`;
  };
}

describe('bash on the files of the machine', () => {
  it('writes, appends and reads files', async () => {
    const box = newBox();
    const bash = bashOn(box);
    expect(await bash('echo one > /tmp/a; echo two >> /tmp/a; cat /tmp/a; wc -c < /tmp/a')).toBe('one\ntwo\n8\n');
    expect(box.k.m.super_blocks[0]!.s_names.get('/tmp/a')!.i_size).toBe(8);
    expectSound(box);
  });

  it('copies, moves, links, finds and removes', async () => {
    const box = newBox();
    const bash = bashOn(box);
    expect(await bash('mkdir -p d/e && echo x > d/e/f && cp -r d g && mv g/e/f g/top && ln -s top g/link && cat g/link && find g | sort')).toBe('x\ng\ng/e\ng/link\ng/top\n');
    expect(await bash('rm -r d g; ls; test -e d || echo gone')).toBe('gone\n');
    expectSound(box);
  });

  it('moves a tree to another file system as it is', async () => {
    const box = newBox();
    const bash = bashOn(box);
    expect(await bash('mkdir -p /tmp/d/e && echo x > /tmp/d/e/f && chmod 640 /tmp/d/e/f && ln -s e /tmp/d/l && touch -d 2001-02-03 /tmp/d/e/f && mv /tmp/d /dev/shm && cat /dev/shm/d/l/f')).toBe('x\n');
    expect(box.login.stat('/dev/shm/d/e/f')).toMatchObject({ mode: 0o640, mtime: new Date(2001, 1, 3).getTime() });
    expect(box.login.exists('/tmp/d')).toBe(false);
    expect(await bash('cp -r /dev/shm/d /dev/shm/d/e/g')).toMatch(/into itself/);
    await expect(new BashFs(box, () => box.login).cp('/dev/shm/d', '/dev/shm/d/e/../x', { recursive: true })).rejects.toThrow(/EINVAL/);
    expectSound(box);
  });

  it('globs', async () => {
    expect(await bashOn(newBox())('cd /tmp; touch a1 a2 b1; echo a*; echo /sys/devices/system/node/node*')).toBe(
      'a1 a2\n/sys/devices/system/node/node0 /sys/devices/system/node/node1 /sys/devices/system/node/node2 /sys/devices/system/node/node3\n');
  });

  it('reads /proc and /sys', async () => {
    const box = newBox();
    const bash = bashOn(box);
    expect(await bash('grep -c . /proc/self/status > /dev/null; grep ^Pid: /proc/self/status; cat /sys/devices/system/node/online')).toBe(`Pid:\t${box.login.pid}\n0-3\n`);
    expect(await bash('readlink /proc/self; readlink /proc/self/exe; cat /proc/self/cmdline')).toBe(`${box.login.pid}\n/bin/bash\n-bash\0`);
  });

  it('makes cpusets, and hears what the kernel says of bad values', async () => {
    const box = newBox();
    const bash = bashOn(box);
    expect(await bash('cd /dev/cpuset; mkdir x; echo 1 > x/mems; echo 2-3 > x/cpus; echo $$ > /dev/null; cat x/mems x/cpus; ls x')).toBe(
      '1\n2-3\ncpu_exclusive\ncpus\nmem_exclusive\nmems\nnotify_on_release\ntasks\n');
    expect(await bash('echo 0 > /dev/cpuset/x/tasks; cat /proc/self/cpuset')).toBe('/x\n');
    await expect(bash('echo 99999 > /dev/cpuset/x/mems')).rejects.toThrow(/ERANGE.*write/);
    expectSound(box);
  });
});
