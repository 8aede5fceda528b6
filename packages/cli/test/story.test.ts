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
    expect(out.match(/^Level \d: .*$/gm)).toEqual([
      'Level 0: AA-PM-99-x86_64-IMMOVABLE.patch',
      'Level 1: hirokazu-steal_page_from_lru.patch',
      'Level 2: xfs-migrate-page-rc3.patch',
      'Level 3: add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
      'Level 4: add-sys_migrate_pages-rc3.patch',
    ]);
    expect(out.match(/migrate_pages\(\) returned .*/g)?.map((line) => line.replace(/\d+ \+ .*pages/, 'pages'))).toEqual([
      ...Array<string>(4).fill('migrate_pages() returned 8 × -ENOSYS'),
      'migrate_pages() returned pages',
    ]);
    expect(out.match(/contents: \d+ pages compared, all as they were/g)).toHaveLength(5);
    expect(err).toContain('level 4: moving\n');
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
    ['a level there is not', () => ['--at', '5'], /^pmkit story: --at 5: expected a level from 0 to 4\n$/],
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
