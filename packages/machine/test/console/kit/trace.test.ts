import { describe, expect, it } from 'vitest';
import type { Process } from '../../../src/console/index.js';
import { live, startChild } from '../../../src/console/launch.js';
import { quilt } from '../../../src/console/programs/kit/quilt/index.js';
import { trace } from '../../../src/console/programs/kit/trace/index.js';
import { expectSound, newBox, program } from '../helpers.js';

async function traced(options: readonly string[], run: (p: Process) => Promise<number> | number, level = 10) {
  const box = newBox({ level, programs: [trace, program('prog', run)] });
  const rows = { ...box.k };
  const result = await box.run(['trace', ...options, 'prog']);
  expect({ ...box.k }).toEqual(rows);
  expectSound(box);
  return { ...result, lines: result.stderr.split('\n').slice(0, -1) };
}
const migrate = async (p: Process): Promise<number> => {
  const address = await p.sys('mmap', 0, 2 * 16384, 3, 0x22, -1, 0);
  await p.touch(address, 2, 'write');
  return (await p.sys(1279, p.pid, 1, Uint32Array.of(0), Uint32Array.of(2))) >= 2 ? 0 : 1;
};

describe('trace', () => {
  it('prints what a system call calls, by depth, with the patch of each function', async () => {
    const { lines, exitCode } = await traced(['-g', 'sys_migrate_pages', '-d', '2'], migrate);
    expect(exitCode).toBe(0);
    expect(lines.slice(0, 6)).toEqual([
      '# tracer: function_graph', '#', '# CPU  DURATION                  FUNCTION CALLS', '# |     |   |                     |   |   |   |',
      '  0)               |  sys_migrate_pages() { /* p09-permissions-check */', '  0)      0.000 us |    kmalloc(); /* mm-core */',
    ]);
    expect(lines).toContain('  0)      0.000 us |    migrate_process_policy(); /* p05-mempolicy-migration */');
    expect(lines.filter(line => line.startsWith('  0)')).at(-1)).toMatch(/^ {2}0\) +\d+\.000 us \| {2}\} \/\* sys_migrate_pages \*\/$/);
    expect(lines.at(-1)).toMatch(/^# \d+ calls of \d+ functions$/);
  });
  it('prints arguments and results with -a', async () => {
    const { lines } = await traced(['-a', '-g', 'sys_getpid'], async p => { await p.sys('getpid'); return 0; });
    expect(lines[4]).toMatch(/^ {2}0\) {6}0\.000 us \| {2}sys_getpid\(\); \/\* = \d+ \*\/ \/\* mm-core \*\/$/);
  });
  it('counts with -c, also what is too deep to be printed', async () => {
    const { stderr } = await traced(['-c', '-g', 'sys_migrate_pages'], migrate);
    expect(stderr).toMatch(/^ {4}calls {2}function\n/);
    expect(stderr).toMatch(/^ +\d+ {2}migrate_vma +mm\/mmigrate\.c +p07-migration-selection$/m);
  });
  it('says how much was left out', async () => {
    const { lines } = await traced(['-l', '10'], migrate);
    expect(lines.filter(line => line.startsWith('  0)'))).toHaveLength(10);
    expect(lines.at(-1)).toMatch(/^# \d+ lines more are not shown: see -g, -d and -l$/);
  });
  it('shows who goes on while another one sleeps, and how long that took', async () => {
    const { stderr } = await traced(['-g', 'sys_nanosleep', '-g', 'sys_getpid'], async p => {
      const child = p.forked(p.box.k.m.tasks.get(await p.sys('fork'))!);
      p.box.scheduler.start(child, () => live(child, async c => { await c.sys('getpid'); return 0; }));
      await p.sleep(30);
      return 0;
    });
    expect(stderr).toMatch(/sys_nanosleep\(\) \{ \/\* mm-core \*\/\n -+\n {2}0\) {2}prog-\d+ {2}=> {2}prog-\d+\n -+\n\n[^]*sys_getpid\(\);[^]*30000\.000 us \| {2}\} \/\* sys_nanosleep \*\/\n/);
  });
  it('puts the table back when the program dies, and tells its code', async () => {
    const { exitCode } = await traced(['-g', 'do_exit'], async p => { await p.sys('kill', p.pid, 9); return 0; });
    expect(exitCode).toBe(137);
  });
  it('puts the table back when it is killed itself, while its command goes on', async () => {
    const box = newBox({ programs: [trace, program('sleeps', async p => { await p.sleep(500); return 0; }), program('both', async p => {
      const row = p.box.k.sys_nanosleep;
      const tracer = await startChild(p, ['trace', 'sleeps']);
      await p.sleep(10);
      p.out(`${p.box.k.sys_nanosleep === row} `);
      await p.sys('kill', tracer.pid, 9);
      await p.sleep(10);
      p.out(`${p.box.k.sys_nanosleep === row}`);
      await p.sleep(1000);
      return 0;
    })] });
    expect((await box.run(['both'])).stdout).toBe('false true');
    expectSound(box);
  });
  it('survives that the kernel is exchanged under it', async () => {
    const box = newBox({ level: 3, programs: [trace, quilt] });
    const { exitCode } = await box.run(['trace', '-g', 'sys_exit_group', 'quilt', 'push', '--live', '-q']);
    expect([exitCode, box.tree.level]).toEqual([0, 4]);
    const fresh = newBox({ level: 4, programs: [] });
    expect(box.k.sys_exit_group).toBe(fresh.k.sys_exit_group);
    expectSound(box);
  });
  it('writes for the trace viewers, with a beginning for every end', async () => {
    const box = newBox({ programs: [trace, program('prog', migrate), program('both', async p => {
      const child = await startChild(p, ['trace', '--json', 'chrome', '-l', '200', '-o', '/tmp/t.json', 'prog']);
      await p.sys('wait4', child.pid, null, 0);
      p.out(await p.readFile('/tmp/t.json'));
      return 0;
    })] });
    const { traceEvents } = JSON.parse((await box.run(['both'])).stdout) as { traceEvents: { ph: string; name: string; ts: number }[] };
    const open: string[] = [];
    for (const { ph, name } of traceEvents) {
      if (ph === 'B') open.push(name);
      if (ph === 'E') expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
    expect(traceEvents.length).toBeGreaterThan(200);
  });
  it.each([
    [[], 'expected a command'], [['-g', 'frob', 'prog'], 'the running kernel has no function frob()'], [['-d', '0', 'prog'], "expected a number from 1 to 1000, found '0'"],
    [['--json', 'xml', 'prog'], "json: expected chrome, found 'xml'"], [['-Q', 'prog'], "invalid option -- 'Q'"],
  ])('refuses %j', async (args, message) => {
    const { stderr, exitCode } = await newBox({ programs: [trace, program('prog', () => 0)] }).run(['trace', ...args]);
    expect([stderr.split('\n')[0], exitCode]).toEqual([`trace: ${message}`, 2]);
  });
});
