import { describe, expect, it } from 'vitest';
import type { Process } from '../../../src/console/index.js';
import { fork, live, runChild, waitFor } from '../../../src/console/launch.js';
import { strace } from '../../../src/console/programs/kit/strace/index.js';
import { syscall } from '../../../src/console/programs/kit/syscall.js';
import { expectSound, newBox, program } from '../helpers.js';

/** Traces a program whose main() is the test's. */
async function traced(run: (p: Process) => Promise<number> | number, options: readonly string[] = []) {
  const box = newBox({ programs: [strace, syscall, program('prog', run)] });
  const result = await box.run(['strace', ...options, 'prog']);
  expectSound(box);
  expect(box.scheduler.observers.size).toBe(0);
  return { box, ...result, lines: result.stderr.split('\n').slice(0, -1) };
}
const EXEC = `execve("/usr/bin/prog")${' '.repeat(17)}= 0`;

describe('strace', () => {
  it('prints each call with its result in column 40, and the end', async () => {
    const { lines, exitCode, box } = await traced(async p => {
      await p.sys('kill', 999, 19);
      await p.sys('getpid');
      return 3;
    });
    expect(lines).toEqual([
      EXEC, `kill(999, SIGSTOP)${' '.repeat(22)}= -1 ESRCH (No such process)`, `getpid()${' '.repeat(32)}= ${box.login.pid + 2}`, `exit_group(3)${' '.repeat(27)}= ?`, '+++ exited with 3 +++',
    ]);
    expect(exitCode).toBe(3);
  });

  it('prints the calls of the series with their arguments', async () => {
    const { lines } = await traced(async p => {
      const a = await p.sys('mmap', 0, 65536, 3, 2, -1, 0);
      await p.sys('migrate_pages', p.pid, 4, Uint32Array.of(5, 6, 7, 8), Uint32Array.of(1, 2, 3, 4));
      await p.sys('mbind', a, 65536, 2, Uint32Array.of(6, 0, 0, 0, 0, 0, 0, 0), 257, 5);
      return 0;
    }, ['-e', 'trace=migrate_pages,mbind']);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^migrate_pages\(\d+, 4, \{5, 6, 7, 8\}, \{1, 2, 3, 4\}\) = -1 EINVAL \(Invalid argument\)$/);
    expect(lines[1]).toMatch(/^mbind\(NULL|0x[0-9a-f]+, 65536, MPOL_BIND, \[0x00000000000006, 0{16}, 0{16}, 0{16}\], 257, MPOL_MF_STRICT\|MPOL_MF_DO_MMIGRATE\) = -1 EINVAL/);
  });

  it('follows children with -f, and says whose line it is', async () => {
    const { lines, box } = await traced(async p => {
      const child = p.forked(await fork(p.box, p));
      p.box.scheduler.start(child, () => live(child, async c => { await c.sys('getpid'); return 0; }));
      return waitFor(p.box, p, child.pid);
    }, ['-f']);
    const pid = box.login.pid + 2;
    expect(lines).toEqual([
      EXEC, `fork()${' '.repeat(34)}= ${pid + 1}`, `strace: Process ${pid + 1} attached`,
      `[pid ${String(pid).padStart(5)}] wait4(${pid + 1},  <unfinished ...>`, `[pid ${String(pid + 1).padStart(5)}] getpid()${' '.repeat(20)}= ${pid + 1}`,
      `[pid ${String(pid + 1).padStart(5)}] exit_group(0)${' '.repeat(15)}= ?`, `[pid ${String(pid + 1).padStart(5)}] +++ exited with 0 +++`,
      `<... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = ${pid + 1}`, `exit_group(0)${' '.repeat(27)}= ?`, '+++ exited with 0 +++',
    ]);
  });

  it('tells signals, who sent them, and what they did', async () => {
    const killer = program('killer', async p => {
      const child = p.forked(await fork(p.box, p));
      const tracer = p.forked(await fork(p.box, p));
      p.box.scheduler.start(child, () => live(child, async c => { await c.sleep(50); await c.sleep(50); return 0; }));
      p.box.scheduler.start(tracer, () => live(tracer, t => t.exec(['strace', '-p', String(child.pid)])));
      await p.sleep(10);
      await p.sys('kill', child.pid, 19);
      await p.sleep(10);
      await p.sys('kill', child.pid, 18);
      await p.sleep(40);
      await p.sys('kill', child.pid, 15);
      return waitFor(p.box, p, tracer.pid);
    });
    const box = newBox({ programs: [strace, killer] });
    const { stderr } = await box.run(['killer']);
    const sender = box.login.pid + 1;
    expect(stderr.split('\n').slice(1)).toEqual([
      `--- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=${sender}, si_uid=0} ---`, '--- stopped by SIGSTOP ---',
      expect.stringMatching(/^nanosleep\(\{tv_sec=0, tv_nsec=30000000\}, NULL\) = 0$/),
      `nanosleep({tv_sec=0, tv_nsec=50000000}, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)`,
      `--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=${sender}, si_uid=0} ---`, '+++ killed by SIGTERM +++', '',
    ]);
    expectSound(box);
  });

  it('a killed program ends with the line that says so, and the code of the shell', async () => {
    const { lines, exitCode } = await traced(async p => { await p.sys('kill', p.pid, 9); return 0; }, ['-e', 'none']);
    expect([lines, exitCode]).toEqual([['+++ killed by SIGKILL +++'], 137]);
  });

  it('counts with -c', async () => {
    const { stderr } = await traced(async p => { await p.sys('kill', 999, 9); await p.sleep(20); return 0; }, ['-c', '-e', 'trace=kill,nanosleep']);
    expect(stderr).toBe(`% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
100.00    0.020000       20000         1           nanosleep
  0.00    0.000000           0         1         1 kill
------ ----------- ----------- --------- --------- ----------------
100.00    0.020000       10000         2         1 total
`);
  });

  it('writes to a file with -o, stamps with -t, and tells durations with -T', async () => {
    const box = newBox({ programs: [strace, program('naps', async p => { await p.sleep(1500); return 0; }), program('both', async p => {
      await runChild(p, ['strace', '-tT', '-e', 'nanosleep', '-o', '/tmp/log', 'naps']);
      p.out(await p.readFile('/tmp/log'));
      return 0;
    })] });
    expect((await box.run(['both'])).stdout).toBe('16:39:08 nanosleep({tv_sec=1, tv_nsec=500000000}, NULL) = 0 <1.500000>\n16:39:09 +++ exited with 0 +++\n');
  });

  it.each([
    [[], "strace: must have PROG [ARGS] or -p PID\nTry 'strace -h' for more information.\n"], [['nosuch'], "strace: Can't stat 'nosuch': No such file or directory\n"],
    [['-e', 'trace=frob', 'prog'], "strace: invalid system call 'frob'\n"], [['-p', '9999'], 'strace: attach: ptrace(PTRACE_SEIZE, 9999): No such process\n'],
    [['-p', '1'], 'strace: attach: ptrace(PTRACE_SEIZE, 1): Operation not permitted\n'], [['-p', 'x'], "strace: Invalid process id: 'x'\n"],
    [['-Z', 'prog'], "strace: invalid option -- 'Z'\nTry 'strace -h' for more information.\n"],
  ])('refuses %j', async (args, stderr) => {
    const box = newBox({ programs: [strace, program('prog', () => 0)] });
    expect(await box.run(['strace', ...args])).toEqual({ stdout: '', stderr, exitCode: 1 });
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const box = newBox({ programs: [strace, program('sleeper', async p => { await p.sleep(1000); return 0; }), program('both', async p => {
      const row = p.box.k.do_exit;
      const tracer = p.forked(await fork(p.box, p));
      p.box.scheduler.start(tracer, () => live(tracer, t => t.exec(['strace', 'sleeper'])));
      await p.sleep(10);
      p.out(`${p.box.k.do_exit === row} `);
      await p.sys('kill', tracer.pid, 9);
      await p.sleep(10);
      p.out(`${p.box.k.do_exit === row}`);
      await p.sleep(2000);
      return 0;
    })] });
    expect((await box.run(['both'])).stdout).toBe('false true');
    expectSound(box);
  });
});
