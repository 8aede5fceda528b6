import { describe, expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { bash } from '../shell/helpers.js';
import { expectSound, newBox } from '../helpers.js';

const run = async (script: string, level = 10) => {
  const result = await bash(script, { box: newBox({ level, programs }) });
  expectSound(result.box);
  return result;
};

describe('the kit\'s programs in the shell', () => {
  it('a job is migrated while it runs, and loses nothing', async () => {
    const { stdout, stderr } = await run(`
      workload -v -n 6 -t 20 -N 1 anon:64p file:/tmp/result:8p shm:7:4p stack:16p &
      sleep 0.05
      grep -o 'N1=[0-9]*' /proc/$!/numa_maps | sort | uniq -c | wc -l
      migratepages $! 1 3; echo "migratepages: $?"
      grep -c 'N3=' /proc/$!/numa_maps
      wait $!; echo $?`);
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    expect(Number(lines[0])).toBeGreaterThan(2);
    expect(lines[1]).toBe('migratepages: 0');
    expect(Number(lines[2])).toBeGreaterThan(2);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^\d+: 552 pages verified, 0 differ$/), '0', '']);
  });

  it('strace shows what a program of the shell calls, by name, by path and of a script', async () => {
    const { stderr } = await run(`
      workload -S -N 1 anon:4p &
      sleep 0.05
      strace -e migrate_pages migratepages $! 1 3
      strace -e trace=exit_group /bin/cat /dev/null
      printf '#!/bin/bash\\nexit 4\\n' > /tmp/s; chmod +x /tmp/s
      strace -e exit_group /tmp/s`);
    expect(stderr).toMatch(/^migrate_pages\(\d+, 1, \{1\}, \{3\}\) +=[ ]\d+\n\+\+\+ exited with 0 \+\+\+\nexit_group\(0\) +=[ ]\?\n\+\+\+ exited with 0 \+\+\+\nexit_group\(4\) +=[ ]\?\n\+\+\+ exited with 4 \+\+\+\n$/);
  });

  it('strace -p looks at a job until it ends', async () => {
    const { stderr } = await run(`
      sleep 0.2 &
      strace -e none -p $! &
      wait`);
    expect(stderr).toMatch(/^strace: Process \d+ attached\n\+\+\+ exited with 0 \+\+\+\n$/);
  });

  it('trace writes where it is told', async () => {
    const { stdout } = await run('trace -g sys_getpid -o /tmp/t syscall getpid > /dev/null; grep -c "sys_getpid(); /\\* mm-core \\*/" /tmp/t; trace -c -g sys_mmap true 2>&1 | tail -1');
    expect(stdout).toMatch(/^1\n# \d+ calls of \d+ functions\n$/);
  });

  it('a push reboots: the script ends with the machine, and what was written is there', async () => {
    const box = newBox({ level: 3, programs });
    const first = await bash('echo before > /root/note; quilt push -q; echo not reached', { box }).catch((error: unknown) => ({ stdout: String(error) }));
    expect(first.stdout).not.toContain('not reached');
    expect(box.tree.level).toBe(4);
    expect((await bash('cat /root/note; quilt top; uname -r', { box })).stdout).toMatch(/^before\nadd-sys_migrate_pages-rc3\.patch\n2\.6\.12-rc5-mhp1\S*\n$/);
    expectSound(box);
  });

  it('a live push goes on in the same script', async () => {
    expect((await run('syscall migrate_pages self 1 "{1}" "{2}"; quilt push --live -q && syscall migrate_pages self 1 "{1}" "{2}"', 3)).stdout).toMatch(
      /^= -1 ENOSYS \(Function not implemented\)\nApplying patch add-sys_migrate_pages-rc3\.patch\nNow at patch add-sys_migrate_pages-rc3\.patch\n= \d+\n$/);
  });
});
