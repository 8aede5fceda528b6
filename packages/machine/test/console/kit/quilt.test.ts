import { describe, expect, it } from 'vitest';
import { fork, live, startChild } from '../../../src/console/launch.js';
import { Killed } from '../../../src/console/index.js';
import { quilt } from '../../../src/console/programs/kit/quilt/index.js';
import { hunks } from '../../../src/console/programs/kit/quilt/lines.js';
import { syscall } from '../../../src/console/programs/kit/syscall.js';
import { workload } from '../../../src/console/programs/kit/workload/index.js';
import { expectSound, newBox, program } from '../helpers.js';

const at = (level: number, uid = 0) => newBox({ level, uid, programs: [quilt, syscall, workload] });
const run = (box: ReturnType<typeof at>, line: string) => box.run(['quilt', ...line.split(' ')]);

describe('quilt asks about the kernel that runs', () => {
  it.each([
    ['top', 4, 'add-sys_migrate_pages-rc3.patch\n', '', 0], ['top', 0, '', 'No patches applied\n', 2], ['next', 0, 'hirokazu-steal_page_from_lru.patch\n', '', 0],
    ['next', 10, '', 'File series fully applied, ends at patch N1.2-add-nodemap-to-try_to_migrate_pages-call.patch\n', 2], ['previous', 1, '', '', 2],
    ['previous', 2, 'hirokazu-steal_page_from_lru.patch\n', '', 0], ['applied', 2, 'hirokazu-steal_page_from_lru.patch\nxfs-migrate-page-rc3.patch\n', '', 0],
    ['applied p04', 2, '', 'Patch add-sys_migrate_pages-rc3.patch is not applied\n', 1], ['unapplied p09', 2, 'N1.0-memsection_migrate.patch\nN1.1-pass-page_list-to-steal_page.patch\nN1.2-add-nodemap-to-try_to_migrate_pages-call.patch\n', '', 0],
    ['top -h', 0, 'Usage: quilt top\n', '', 0], ['push p02', 2, '', 'Patch xfs-migrate-page-rc3.patch is currently applied\n', 2], ['pop', 0, '', 'No patch removed\n', 2],
    ['push -z', 0, '', "getopt: invalid option -- 'z'\nUsage: quilt push [-afqv] [--live] [num|patch]\n", 1], ['top 3', 3, '', 'Usage: quilt top\n', 1],
  ])('%s at level %i', async (line, level, stdout, stderr, exitCode) => {
    expect(await run(at(level), line)).toEqual({ stdout, stderr, exitCode });
  });
  it('series -v marks what runs', async () => {
    expect((await run(at(2), 'series -v')).stdout.split('\n').slice(0, 4)).toEqual(['+ hirokazu-steal_page_from_lru.patch', '= xfs-migrate-page-rc3.patch', '  add-node_map-arg-to-try_to_migrate_pages-rc3.patch', '  add-sys_migrate_pages-rc3.patch']);
  });
  it('a tree with the hotplug patches below is no part of the series', async () => {
    const box = newBox({ programs: [quilt], tree: { level: 0, hotplug: true } });
    expect((await box.run(['quilt', 'top'])).stderr).toBe('The running tree has the hotplug patches below the series: it is no part of it\n');
  });
  it('an unknown command gets the list', async () => {
    const { stderr, exitCode } = await run(at(0), 'frob');
    expect([stderr.split('\n')[0], exitCode]).toEqual(['Usage: quilt command [-h] ...', 1]);
  });
});

describe('quilt push', () => {
  it('boots the machine with the patched kernel', async () => {
    const box = at(3);
    const { k, login } = box;
    const seen: number[] = [];
    box.onReboot.add(() => { seen.push(box.tree.level); });
    const { stdout, exitCode } = await run(box, 'push');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Applying patch add-sys_migrate_pages-rc3\.patch\npatching file [^]*\n\nNow at patch add-sys_migrate_pages-rc3\.patch\n$/)]);
    expect([seen, box.k === k, box.login === login, k.m.tasks.get(1)!.state]).toEqual([[4], false, false, 'X']);
    expect((await box.run(['syscall', 'migrate_pages', 'self', '1', '{1}', '{2}'])).exitCode).toBe(0);
    expect((await run(box, 'top')).stdout).toBe('add-sys_migrate_pages-rc3.patch\n');
    expectSound(box);
  });

  it('ends everybody who was there, and keeps what is on the disks', async () => {
    const box = newBox({ level: 0, programs: [quilt, program('reboots', async p => {
      await p.writeFile('/root/kept', 'still here\n');
      for (const main of ['sleeps', 'computes']) {
        const child = p.forked(await fork(p.box, p));
        p.box.scheduler.start(child, () => live(child, async c => {
          try {
            await (main === 'sleeps' ? c.sleep(1e6) : c.pause(1e6));
          } catch (error) {
            ends.push(`${main}: ${error instanceof Killed}`);
            throw error;
          }
          return 0;
        }));
      }
      await p.sleep(5);
      await startChild(p, ['quilt', 'push', '-a']);
      await p.sleep(100);
      return 0;
    }), program('reads', async p => { p.out(await p.readFile('/root/kept')); return 0; })] });
    const ends: string[] = [];
    await box.run(['reboots']);
    expect([box.tree.level, ends.sort()]).toEqual([10, ['computes: true', 'sleeps: true']]);
    expect((await box.run(['reads'])).stdout).toBe('still here\n');
    expect(box.k.m.now).toBeLessThan(1e5);
    expectSound(box);
  });

  it('a tree that does not build does not run: one step above patch 9 is refused, all steps are not', async () => {
    const box = at(9);
    const { k } = box;
    const refused = await run(box, 'push -q');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(/too few arguments to function `try_to_migrate_pages'[^]*Patch N1\.0-memsection_migrate\.patch does not build on this tree \(enforce with -f\)\n$/)]);
    expect((await run(box, 'push -f')).stderr).toMatch(/The tree with N1\.0-memsection_migrate\.patch on top does not build, so it cannot run: nothing was changed\n$/);
    expect([box.k === k, box.tree.level]).toEqual([true, 9]);
    await run(box, 'push -a');
    expect(box.tree.level).toBe(10);
  });

  it('takes the right to reboot', async () => {
    expect(await run(at(3, 1000), 'push')).toEqual({ stdout: '', stderr: 'quilt: the kernel cannot be exchanged: Operation not permitted\n', exitCode: 1 });
  });
});

describe('quilt --live', () => {
  it('exchanges the kernel under a process that goes on', async () => {
    const box = newBox({ level: 3, programs: [quilt, workload, program('lives', async p => {
      const job = await startChild(p, ['workload', '-v', '-n', '5', '-t', '10', 'anon:8p']);
      await p.pause(15);
      const tool = await startChild(p, ['quilt', 'push', '--live', '-q']);
      await p.sys('wait4', tool.pid, null, 0);
      p.out(`${await p.sys('migrate_pages', job.pid, 1, Uint32Array.of(0), Uint32Array.of(2)) > 8}\n`);
      await p.sys('wait4', job.pid, null, 0);
      return 0;
    })] });
    const { k } = box;
    const { stdout } = await box.run(['lives']);
    expect(stdout).toMatch(/^Applying patch add-sys_migrate_pages-rc3\.patch\nNow at patch add-sys_migrate_pages-rc3\.patch\ntrue\n\d+: 40 pages verified, 0 differ\n$/);
    expect([box.k === k, box.tree.level]).toEqual([true, 4]);
    expectSound(box);
  });
  it('pops as well', async () => {
    const box = at(5);
    expect((await run(box, 'pop --live -a -q')).stdout).toMatch(/Removing patch hirokazu-steal_page_from_lru\.patch\nNo patches applied\n$/);
    expect(box.tree.level).toBe(0);
  });
});

describe('quilt diff', () => {
  it('prints the functions that the topmost patch changes, by file', async () => {
    const { stdout } = await run(at(9), 'diff');
    expect(stdout).toMatch(/^Index: linux-2\.6\.12-rc5-mhp1\/mm\/mmigrate\.c\n={67}\n--- linux-2\.6\.12-rc5-mhp1\.orig\/mm\/mmigrate\.c\n\+\+\+ linux-2\.6\.12-rc5-mhp1\/mm\/mmigrate\.c\n@@ -/);
    expect(stdout).toMatch(/^\+.*EPERM/m);
  });
  it('of another patch, and of some files only', async () => {
    const { stdout } = await run(at(9), 'diff -P p04 arch/ia64/kernel/entry.S');
    expect(stdout).toMatch(/^- {2}1279: "sys_ni_syscall",\n\+ {2}1279: "sys_migrate_pages",$/m);
    expect(stdout.match(/^Index/gm)).toHaveLength(1);
  });
});

describe('a unified diff', () => {
  it('of equal texts is empty', () => {
    expect(hunks(['a', 'b'], ['a', 'b'], 'f()')).toEqual([]);
  });
  it('has three lines of context, and one hunk for changes that are near', () => {
    const before = Array.from({ length: 20 }, (_, i) => `l${i}`);
    const after = before.flatMap(line => (line === 'l8' ? ['new', line] : line === 'l10' ? [] : [line]));
    expect(hunks(before, after, 'f()')).toEqual(['@@ -6,9 +6,9 @@ f()', ' l5', ' l6', ' l7', '+new', ' l8', ' l9', '-l10', ' l11', ' l12', ' l13']);
  });
  it('of something new begins at line 0', () => {
    expect(hunks([], ['x'], 'f()')).toEqual(['@@ -0,0 +1 @@ f()', '+x']);
  });
});
