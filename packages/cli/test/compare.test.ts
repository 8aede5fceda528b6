/** pmkit behaviour-diff and pmkit why. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '@pmkit/series/compare';
import { scratch, session, type Session } from './helpers.js';

const JOB = `files: { /lib/libm.so: 4 }
tasks: { job: { node: 1 } }
steps:
  - job: a = mmap(0, 8P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 8)
  - job: f = open("/lib/libm.so", O_RDONLY, 0)
  - job: l = mmap(0, 4P, PROT_READ|PROT_EXEC, MAP_PRIVATE, f, 0)
  - job: load(l, 4)
  - batchd: kill(job, SIGSTOP)
  - batchd: migrate_pages(job, 1, {1}, {2})
`;

function withJob(text = JOB): Session {
  const cwd = scratch();
  writeFileSync(path.join(cwd, 'job.yaml'), text);
  return session({ cwd });
}

describe('pmkit behaviour-diff', () => {
  it('shows a scenario at two levels as a diff, with the step where the runs part', async () => {
    const { code, out, err } = await withJob()('behaviour-diff 6 7 --scenario job.yaml');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/\[\d+\]/g, '[N]')).toBe(
      [
        'job.yaml', '  level 6: 12', '  level 7: 8', '  the runs part at step 7',
        '   batchd[N]: migrate_pages(8, 1, {1}, {2})', '    - 12', '    + 8',
        '  at the end', '   job[N] 2000000000020000-2000000000030000 r-xp /lib/libm.so', '    - N2=4', '    + N1=4', '',
      ].join('\n'),
    );
  });
  it('says so when nothing differs', async () => {
    expect((await withJob()('behaviour-diff 0 hiro --scenario job.yaml')).out).toBe('job.yaml\n  the same at level 0 and level 1: -ENOSYS\n');
  });
  it('goes through the catalogue, or the part of it that a pattern names', async () => {
    const { code, out } = await session()('behaviour-diff 3 4 syscall-1279');
    expect(code).toBe(0);
    expect(out).toContain('syscall-1279: System call 1279');
    expect(out).toContain('  level 3: -ENOSYS\n  level 4: 4\n');
    expect((await session()('behaviour-diff 4 5 syscall-1279')).out).toBe('Nothing differs between level 4 and level 5.\n');
  });
  it('prints JSON with both sides of each difference', async () => {
    const { out } = await withJob()('behaviour-diff 3 4 --scenario job.yaml --json');
    expect(JSON.parse(out)).toMatchObject({ a: '3', b: '4', differing: [{ id: 'job.yaml', diff: { seenA: '-ENOSYS', seenB: '12', parting: { step: 7 } } }] });
  });
});

describe('pmkit why', () => {
  it('tells for every level what became of each mapping, by which rule, in which function of which patch', async () => {
    const { code, out } = await withJob()('why job.yaml job');
    expect(code).toBe(0);
    expect(out.match(/^Levels? .*$/gm)).toEqual(['Levels 0-3: migrate_pages() = -ENOSYS', 'Levels 4-6: migrate_pages() = 12', 'Levels 7-10: migrate_pages() = 8']);
    expect(out).toContain(
      '  0x2000000000020000-0x2000000000030000  r-xp /lib/libm.so  4 pages: stay on node 1\n' +
        '    a mapped file without VM_WRITE is not moved unless mbind() says so\n' +
        '    migrate_vma() in mm/mmigrate.c, sys_migrate_pages-migration-selection-rc3.patch\n',
    );
  });
  it('tells about one page at one level', async () => {
    const { out } = await withJob()('why job.yaml job 0x2000000000004000 --pages 1 --at 4');
    expect(out).toBe(
      'Level 4: migrate_pages() = 12\n  0x2000000000004000-0x2000000000008000  rw-p (anonymous)  1 page: moved from node 1 to node 2\n' +
        '    it is in a mapping that is migrated, on an old node\n    migrate_vma() in mm/mmigrate.c, add-sys_migrate_pages-rc3.patch\n',
    );
  });
  it('takes a behaviour of the catalogue for a scenario', async () => {
    expect((await session()('why syscall-1279 job --at 9')).out).toContain('4 pages: moved from node 1 to node 2');
  });
  it('says of a tree that it does not build', async () => {
    expect(await withJob()('why job.yaml job --at 4+hotplug')).toEqual({ code: 0, out: 'Level 4+hotplug: does not build\n', err: '' });
  });
  it('prints JSON, one explanation a level', async () => {
    const explanations = JSON.parse((await withJob()('why job.yaml job --json')).out) as Explanation[];
    expect(explanations.map(({ tree, result }) => [tree.level, result])).toEqual([
      [0, '-ENOSYS'], [1, '-ENOSYS'], [2, '-ENOSYS'], [3, '-ENOSYS'], [4, '12'], [5, '12'], [6, '12'], [7, '8'], [8, '8'], [9, '8'], [10, '8'],
    ]);
  });
  it('says when no call is made for such a process, with exit code 1', async () => {
    expect(await withJob()('why job.yaml jab')).toEqual({ code: 1, out: '', err: 'pmkit why: job.yaml makes no migrate_pages() call for a process named jab\n' });
  });
});

describe('misuse ends with exit code 2 and a sentence:', () => {
  it.each([
    ['a level that there is not', 'behaviour-diff 3 11', /^Patch 11 is not in series/],
    ['a hotplug patch in place of a level', 'behaviour-diff 3 N1.0', /^Patch N1\.0-memsection_migrate\.patch is a hotplug patch: say the level and \+hotplug, such as 2\+hotplug/],
    ['a pattern with a scenario', 'behaviour-diff 3 4 syscall --scenario job.yaml', /goes without --scenario/],
    ['a file that is not there', 'why nowhere.yaml job', /^nowhere\.yaml: no such file, and no behaviour of the catalogue has this id\n$/],
    ['a directory', 'why . job', /^\.: expected a file\n$/],
    ['an address that is none', 'why job.yaml job here', /Expected an address such as 0x2000000000004000\./],
    ['no pages', 'why job.yaml job 0x2000000000000000 --pages 0', /Expected a number of pages from 1 on\./],
  ])('%s', async (_, command, message) => {
    const { code, out, err } = await withJob()(command);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
  it.each([
    ['a scenario that cannot be read', JOB.replace('store(a, 8)', 'store(a, 8'), /^job\.yaml:5:20: steps\.1\.job: expected '\)', found the end\n$/],
    ['a scenario that cannot be played', JOB.replace('store(a, 8)', 'store(b, 8)'), /^job\.yaml: line 5: store\(b, 8\): nothing is called 'b': expected a task, or the result of an earlier step\n$/],
  ])('%s', async (_, text, message) => {
    for (const command of ['why job.yaml job', 'behaviour-diff 3 4 --scenario job.yaml']) {
      const { code, out, err } = await withJob(text)(command);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(message);
    }
  });
});
