/** pmkit diff, annotate and symbol: what the series changes, line by line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sourcesAt } from '@pmkit/review';
import { readDiffs } from '@pmkit/review/diff';
import { findBehaviour } from '@pmkit/series/catalogue';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { pagerCommand } from '../src/pager.js';
import { scratch, session, type Answer, type SessionOptions } from './helpers.js';

const services = { series: migrationSeries, linkLevel, touchedFiles };
/** The series up to patch 4: for what looks at every level there is. */
const short = { ...services, series: { ...migrationSeries, entries: migrationSeries.entries.slice(0, 4) } };
const pmkit = (command: string, options: SessionOptions = {}): Promise<Answer> => session({ services, ...options })(command);
const hasGit = spawnSync('git', ['--version']).status === 0;

describe('pmkit diff', () => {
  it('goes by kernel file, with the lines that the original changed', async () => {
    const { code, out, err } = await pmkit('diff 5');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').filter(line => /^(\S+: [+n]|\S+: original|diff|beside)/.test(line))).toEqual([
      expect.stringMatching(/^mm\/mempolicy\.c: \+\d+ -\d+, original \+116 -0$/), 'diff --git a/mm/mempolicy.ts b/mm/mempolicy.ts',
      expect.stringMatching(/^mm\/mmigrate\.c: \+\d+ -\d+, original \+11 -1$/), 'diff --git a/mm/mmigrate.ts b/mm/mmigrate.ts',
      'beside the kernel: +1 -1', 'diff --git a/kernel-table.ts b/kernel-table.ts',
      'include/linux/mempolicy.h: original +2 -0, nothing here (two prototypes; here they are types)',
    ]);
    expect(out).toMatch(/\n@@ -\d+,\d+ \+\d+,\d+ @@ export function\* sys_migrate_pages\(\n/);
  });

  it.skipIf(!hasGit)('is taken by git apply as it is printed', async () => {
    const directory = scratch();
    const [before, after] = [sourcesAt({ level: 2, hotplug: false }), sourcesAt({ level: 6, hotplug: false })];
    for (const [module, text] of before) {
      mkdirSync(path.dirname(path.join(directory, module)), { recursive: true });
      writeFileSync(path.join(directory, module), text);
    }
    execFileSync('git', ['apply', '-'], { cwd: directory, input: (await pmkit('diff 2..6')).out, env: { PATH: process.env['PATH'], HOME: directory, GIT_CEILING_DIRECTORIES: path.dirname(directory) } });
    for (const [module, text] of after) expect(readFileSync(path.join(directory, module), 'utf8'), module).toBe(text);
  });

  it('of two levels is that of the patches between, and of the stack where an end is left out', async () => {
    const { out } = await pmkit('diff 4..5');
    expect((await pmkit('diff p05')).out).toBe(out);
    expect((await pmkit('diff sys_migrate_pages-mempolicy-migration-rc3.patch')).out).toBe(out);
    expect((await pmkit('diff --at 5')).out).toBe(out);
    expect((await pmkit('diff 4.. --at 5')).out).toBe(out);
    expect((await pmkit('diff 5..5')).out).toBe('');
    const back = readDiffs((await pmkit('diff 5..4')).out);
    expect(back.map(({ file, insertions, deletions }) => [file, deletions, insertions])).toEqual(readDiffs(out).map(({ file, insertions, deletions }) => [file, insertions, deletions]));
    expect((await pmkit('diff 2..2+hotplug')).out).toContain('mm/page_alloc.c: ');
  });

  it('has a diffstat beside the figures of the original', async () => {
    const { out } = await pmkit('diff 5 --stat');
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^ mm\/mempolicy\.ts \| {1,2}\d+ \++-* {2,}mm\/mempolicy\.c, original \+116 -0$/), expect.stringMatching(/^ mm\/mmigrate\.ts {2}\| {1,3}\d+ \++-+ {2,}mm\/mmigrate\.c, original \+11 -1$/),
      expect.stringMatching(/^ kernel-table\.ts \| +2 \+-$/), ' include/linux/mempolicy.h: nothing here (two prototypes; here they are types); original +2 -0',
      expect.stringMatching(/^ 3 files changed, \d+ insertions\(\+\), \d+ deletions\(-\)$/), ' original: 3 files changed, 129 insertions(+), 1 deletion(-)', '',
    ]);
    expect((await pmkit('diff 0..5 --stat')).out).toContain('original: 9 files changed, not known how many lines');
  });

  it('marks words with --word, and shows one symbol with --symbol', async () => {
    const { out } = await pmkit('diff 7 --word --symbol migrate_vma');
    expect(out).toContain('[-// mlocked memory is never moved-]  if [-((vma.vm_flags & VM_LOCKED) !== 0)-]{+(!isSelected(vma))+} return 0;');
    expect(out).not.toContain('function isSelected');
    expect(out).toMatch(/^mm\/mmigrate\.c: \+\d+ -\d+\ndiff --git /);
  });

  it('is coloured on a terminal, and goes through the pager there', async () => {
    const shown: string[][] = [];
    const terminal: SessionOptions = { isTTY: true, env: { PAGER: 'more -x' }, page: (command, text) => Promise.resolve(void shown.push([command, text])) };
    expect(await pmkit('diff 1', terminal)).toEqual({ code: 0, out: '', err: '' });
    const coloured = (text: string, code: number): string => `\u001b[${code}m${text}\u001b[39m`;
    expect(shown).toEqual([['more -x', expect.stringContaining(`\n${coloured('+  if (PageLRU(m.mem_map, page)) ret = this.__steal_page_from_lru(zone, page, dst);', 32)}\n`)]]);
    expect(shown[0]![1]).toContain('\u001b[36m@@ -');
    const { out } = await pmkit('diff 1 --no-pager', { ...terminal, env: { NO_COLOR: '1' } });
    expect(out).toBe((await pmkit('diff 1')).out);
    expect(shown).toHaveLength(1);
  });

  it.each([
    ['diff', 1, 'No patches applied\n'], ['diff 11', 2, 'Patch 11 is not in series\n'], ['diff 4..11', 2, 'Patch 11 is not in series\n'], ['diff 12..11', 2, 'Patch 12 is not in series\n'],
    ['diff 5 -s no_such_thing', 2, 'pmkit diff: found no no_such_thing in either tree; expected a function, constant or type of the sources\n'],
    ['diff 3 --at 4', 2, 'pmkit diff: --at says where the stack stands, and 3 does not ask that: expected no patch, or levels with an end left out\n'],
    ['diff 2..3 --at 4', 2, 'pmkit diff: --at says where the stack stands, and 2..3 does not ask that: expected no patch, or levels with an end left out\n'],
    ['diff 3 --at nothing', 2, 'pmkit diff: --at says where the stack stands, and 3 does not ask that: expected no patch, or levels with an end left out\n'],
    ['symbol migrate_vma --at 99', 2, 'pmkit symbol: --at is for --run\n'],
    ['annotate nothing.c --at 4', 2, 'pmkit annotate: found no file and no symbol nothing.c at level 4; expected one of the sources, such as mm/mmigrate.c\n'],
  ])('%s is refused', async (command, code, err) => {
    expect(await pmkit(command)).toEqual({ code, out: '', err });
  });
});

describe('the pager', () => {
  it.each([
    [{}, 'less'], [{ PAGER: 'more' }, 'more'], [{ PAGER: 'more', PMKIT_PAGER: 'less -S' }, 'less -S'], [{ PAGER: 'cat' }, null], [{ PMKIT_PAGER: '', PAGER: 'more' }, null],
  ])('with %j is %s', (env, command) => {
    expect(pagerCommand({ env, isTTY: true })).toBe(command);
    expect(pagerCommand({ env, isTTY: false })).toBe(null);
  });
});

describe('pmkit annotate', () => {
  it('names the patch of each line, of all modules of a kernel file', async () => {
    const { out } = await pmkit('annotate mm/mempolicy.c --at 6');
    const heads = out.split('\n').filter(line => /^\S+\.ts$/.test(line));
    expect(heads).toEqual(expect.arrayContaining(['mm/mempolicy.ts', 'mm/mempolicy_syscalls.ts']));
    const lines = [...sourcesAt({ level: 6, hotplug: false })].filter(([module]) => heads.includes(module)).flatMap(([, text]) => text.trimEnd().split('\n'));
    expect(out.split('\n').filter(line => /^\S+ +\d+\)/.test(line)).map(line => line.replace(/^\S+ +\d+\) ?/, ''))).toEqual(lines.map(line => line.trimEnd()));
  });

  it('of a function has its lines, and the patches that wrote them', async () => {
    const { out } = await pmkit('annotate migrate_vma --at 7');
    expect(out).toMatch(/^mm\/mmigrate\.ts\np04 {3}add-sys_migrate_pages-rc3\.patch\np07 {3}sys_migrate_pages-migration-selection-rc3\.patch\n\np04 +\d+\) \/\*\*\n/);
    expect(out).toMatch(/\np07 +\d+\) {3}if \(!isSelected\(vma\)\) return 0;\n/);
  });
});

describe('pmkit symbol', () => {
  it('has versions, callers, callees and what the catalogue says', async () => {
    const { out } = await pmkit('symbol try_to_migrate_pages()', { services: short });
    const sections = out.split('\n\n').map(part => part.split('\n'));
    expect(sections[0]).toEqual(['try_to_migrate_pages(): function of mm/mmigrate.c']);
    expect(sections[1]).toEqual(['Versions', expect.stringMatching(/^ {2}base {2}AA-PM-99-x86_64-IMMOVABLE\.patch: lines \d+–\d+$/), expect.stringMatching(/^ {2}p03 {3}add-node_map-arg-to-try_to_migrate_pages-rc3\.patch: \+\d+ -\d+, lines \d+–\d+$/)]);
    expect(sections[2]).toEqual(['Called by', '  migrate_vma (p04)']);
    expect(sections[3]?.join(' ')).toContain('migrate_onepage (base–p02), node_migrate_onepage (p03–p04), prepare_migration,');
    expect(sections[4]).toEqual(expect.arrayContaining(['In the catalogue', '  migrate-list-prototype']));
  });

  it('names the tables of operations, and says of what is no row of the kernel that its callers are not known', async () => {
    expect((await pmkit('symbol linvfs_migrate_page', { services: short })).out).toContain('\nIn tables of operations\n  linvfs_aops (p02–p04)\n');
    for (const name of ['sys_mbind', 'sys_migrate_pages']) expect((await pmkit(`symbol ${name}`, { services: short })).out).toMatch(/\nIn tables of operations\n {2}sys_call_table( \(p04\))?\n/);
    expect((await pmkit('symbol nothing', { services: short })).out).toContain("\nA helper of its module, and no row of the kernel's table: who calls it is not known here.\n");
  });

  it('with --run names the scenarios that call it, at a level', async () => {
    const behaviours = ['xfs-dirty-page', 'ext2-dirty-page', 'syscall-1279'].map(id => findBehaviour(id)!);
    const run = async (words: string): Promise<string> => (await pmkit(`symbol linvfs_migrate_page --run ${words}`, { services: { ...short, behaviours } })).out.split('\n').slice(-3).join('\n');
    expect(await run('--at 2')).toBe('Called in 1 of 3 scenarios at level 2\n  xfs-dirty-page\n');
    expect(await run('--at 1')).toBe('\nCalled in 0 of 3 scenarios at level 1\n');
  });

  it('is refused for what no source declares', async () => {
    expect(await pmkit('symbol no_such_thing', { services: short })).toEqual({ code: 2, out: '', err: 'pmkit symbol: found no no_such_thing; expected a function, constant or type of the sources\n' });
  });
});
