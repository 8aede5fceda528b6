/** pmkit story, on machines small enough for a test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, session } from './helpers.js';

/** A sysfs tree of as many nodes of 64 MB. */
function smallMachine(nodes: number, distance = (from: number, to: number): number => (from === to ? 10 : 20)): string {
  const root = scratch();
  for (let id = 0; id < nodes; id++) {
    const directory = path.join(root, 'sys/devices/system/node', `node${id}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'meminfo'), `Node ${id} MemTotal: 65536 kB\nNode ${id} MemFree: 60000 kB\n`);
    writeFileSync(path.join(directory, 'distance'), `${Array.from({ length: nodes }, (_, to) => distance(id, to)).join(' ')}\n`);
    writeFileSync(path.join(directory, 'cpumap'), `${(3 << (2 * id)).toString(16).padStart(8, '0')}\n`);
  }
  return root;
}

describe('pmkit story', () => {
  it('tells what the call returned and where the pages are, level by level', async () => {
    const { code, out, err } = await session()(['story', '--no-timing', '--topology', smallMachine(10)]);
    expect(code).toBe(0);
    expect(out).toContain('runs on nodes 5, 6, 7, 8');
    expect(out.match(/^Level \d+: .*$/gm)).toEqual([
      'Level 0: AA-PM-99-x86_64-IMMOVABLE.patch',
      'Level 1: hirokazu-steal_page_from_lru.patch',
      'Level 2: xfs-migrate-page-rc3.patch',
      'Level 3: add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
      'Level 4: add-sys_migrate_pages-rc3.patch',
      'Level 5: sys_migrate_pages-mempolicy-migration-rc3.patch',
      'Level 6: add-mempolicy-control-rc3.patch',
      'Level 7: sys_migrate_pages-migration-selection-rc3.patch',
      'Level 8: sys_migrate_pages-cpuset-support.patch',
      'Level 9: sys_migrate_pages-permissions-check.patch',
      'Level 10: N1.2-add-nodemap-to-try_to_migrate_pages-call.patch',
    ]);
    const said = (line: RegExp): string[] => (out.match(line) ?? []).map((text) => text.replace(/^.*: /, '').replace(/\d+ (?:\+ .*)?pages/, 'pages'));
    const from = (...changes: readonly (readonly [level: number, text: string])[]): string[] =>
      Array.from({ length: 11 }, (_, level) => changes.findLast(([first]) => first <= level)![1]);
    expect(said(/migrate_pages\(\) returned .*/g).map((text) => text.replace('migrate_pages() returned ', ''))).toEqual(from([0, '8 × -ENOSYS'], [4, 'pages']));
    expect(said(/of the first process, while its cpuset still had the old nodes: .*/g)).toEqual(from([0, '-ENOSYS'], [4, 'pages'], [8, '-EINVAL']));
    expect(said(/of the urgent job, by a stranger: .*/g)).toEqual(from([0, '-ENOSYS'], [4, 'pages'], [9, '-EPERM']));
    expect(said(/mbind\(\) had said that the read-only table is migrated: .*/g)).toEqual(from([0, '-EINVAL'], [6, '0']));
    expect(out.match(/contents: \d+ pages compared, all as they were/g)).toHaveLength(11);
    const policies = (when: string): string[] => [...out.matchAll(new RegExp(`policies ${when}: +(.*)$`, 'gm'))].map(([, text]) => text!);
    expect(policies('after').map((text, level) => text === policies('before')[level])).toEqual([true, true, true, true, true, false, false, false, false, false, false]);
    expect(err).toContain('level 4: moving\n');
  });

  it('is told at the level of the environment, as bisect run sets it; --at wins', async () => {
    const pmkit = session({ env: { PMKIT_LEVEL: '3' } });
    const told = async (...options: string[]): Promise<string[] | null> =>
      (await pmkit(['story', '--no-timing', '--topology', smallMachine(4), ...options])).out.match(/^Level \d+/gm);
    expect(await told()).toEqual(['Level 3']);
    expect(await told('--at', '2')).toEqual(['Level 2']);
    expect(await session({ env: { PMKIT_LEVEL: 'three' } })('story')).toMatchObject({ code: 2, err: "pmkit story: PMKIT_LEVEL: expected a number, found 'three'\n" });
  });

  it('prints the same bytes every time without the timing, and no escape sequences elsewhere than on a terminal', async () => {
    const topology = smallMachine(4);
    const first = await session()(['story', '--at', '4', '--no-timing', '--topology', topology]);
    const second = await session()(['story', '--at', '4', '--no-timing', '--topology', topology]);
    expect(second).toEqual(first);
    expect(first.out + first.err).not.toContain('\u001b');
  });

  it('draws a bar over itself on a terminal and removes it', async () => {
    const { out, err } = await session({ isTTY: true })(['story', '--at', '4', '--topology', smallMachine(4)]);
    const erase = '\r\u001b[K';
    expect(err.split(erase).some((bar) => /^\[#+\.+\] level 4: moving$/.test(bar))).toBe(true);
    expect(err.endsWith(erase)).toBe(true);
    expect(out).toMatch(/ {2}boot [\d.]+ s, job [\d.]+ s, move [\d.]+ s, [\d,]+ pages\/s\n$/);
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ['a level there is not', () => ['--at', '11'], /^pmkit story: --at 11: expected a level from 0 to 10\n$/],
    ['a level that is no number', () => ['--at', 'three'], /Expected a whole number from 0 on\./],
    ['a machine with one node', () => ['--topology', smallMachine(1)], /the story needs two nodes with memory and CPUs, found 1\n$/],
    ['a path that is not there', () => ['--topology', '/nowhere/at/all'], /\/nowhere\/at\/all/],
    ['a distance that cannot be', () => ['--topology', smallMachine(2, () => 0)], /node0\/distance.*0.*expected/s],
    ['more than there is room for', () => ['--topology', smallMachine(4), '--pages', '1000000'], /have no room for 8 processes of 1000000 pages/],
  ])('refuses %s with exit code 2, a sentence and nothing else', async (_, options, message) => {
    const { code, out, err } = await session()(['story', ...options()]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});
