import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels } from '@pmkit/series/levels';
import { check_invariants, stateHash } from '@pmkit/mm-core/testing';
import { PROC_FILES, utsname, type View } from '../../src/views/index.js';
import { linesOf, scene, type Scene } from './helpers.js';

const EPERM = -1;
const EINVAL = -22;
type Writable = 'sys/vm/swappiness' | 'sys/vm/dirty_ratio' | 'sys/vm/min_free_kbytes' | 'sys/vm/lowmem_reserve_ratio' | 'sys/kernel/shmmax' | 'sys/kernel/shmall';
const write = ({ k, lab }: Scene, name: Writable, text: string, task = lab.batchd): number => PROC_FILES[name].write!(k, task, text);

describe('kallsyms', () => {
  const symbols = (level: number): Map<string, string> => {
    const { k } = scene(level);
    return new Map(linesOf(PROC_FILES.kallsyms.text(k)).map(line => {
      const [, address, type, name] = /^([0-9a-f]{16}) ([TD]) (\w+)$/.exec(line)!;
      return [name!, `${address} ${type}`];
    }));
  };

  it('lists what is linked: the system call from patch 4 on', () => {
    expect([3, 4].map(level => symbols(level).has('sys_migrate_pages'))).toEqual([false, true]);
    expect(symbols(3).size).toBe(levels[3].definitions.size);
    expect(symbols(0).get('ext2_aops')).toMatch(/D$/);
  });
  it('gives each symbol an address of its own, ascending', () => {
    const addresses = [...symbols(9).values()].map(value => value.slice(0, 16));
    expect([...new Set(addresses)].sort()).toEqual(addresses);
  });
  it('leaves a function where it is when a patch replaces it', () => {
    const [before, after] = [symbols(5), symbols(9)];
    for (const [name, address] of before) expect(`${name} ${after.get(name)!}`).toBe(`${name} ${address}`);
  });
});

describe('the names of the kernel', () => {
  it('say which patch is on top', () => {
    const releases = [0, 1, 4, 9, 10].map(level => PROC_FILES['sys/kernel/osrelease'].text(scene(level).k));
    expect(releases).toEqual([
      '2.6.12-rc5-mhp1\n', '2.6.12-rc5-mhp1+hirokazu-steal_page_from_lru\n', '2.6.12-rc5-mhp1+add-sys_migrate_pages-rc3\n',
      '2.6.12-rc5-mhp1+sys_migrate_pages-permissions-check\n', '2.6.12-rc5-mhp1+N1.2-add-nodemap-to-try_to_migrate_pages-call\n',
    ]);
  });
  it('stand in /proc/version too', () => {
    const { k } = scene(1);
    const { release, version } = utsname(k);
    const text = PROC_FILES.version.text(k);
    expect([text.startsWith(`Linux version ${release} (`), text.endsWith(`) ${version}\n`)]).toEqual([true, true]);
  });
});

describe('devices', () => {
  it('swaps has a heading with area 0 only', () => {
    const { lab, k } = scene();
    lab.must(lab.batchd, 'swapon', k.add_disk('sdz', 8, 48, 1), 33, 0x8000 | 7);
    expect(linesOf(PROC_FILES.swaps.text(k))).toEqual([
      'Filename\t\t\t\tType\t\tSize\tUsed\tPriority', '/dev/swap                               partition\t4096\t0\t0', '/dev/sdz                                partition\t512\t0\t7',
    ]);
    lab.must(lab.batchd, 'swapoff', k.m.bdevs.get('swap'));
    expect(linesOf(PROC_FILES.swaps.text(k))).toEqual(['/dev/sdz                                partition\t512\t0\t7']);
  });
  it('filesystems, cpuinfo and stat have a part for each', () => {
    const { k } = scene();
    expect(PROC_FILES.filesystems.text(k)).toMatch(/^nodev\tproc$/m);
    expect(PROC_FILES.filesystems.text(k)).toMatch(/^\txfs$/m);
    expect(PROC_FILES.cpuinfo.text(k).match(/^processor {2}: \d+$/gm)).toHaveLength(8);
    expect(PROC_FILES.stat.text(k).match(/^cpu\d+( \d+){8}$/gm)).toHaveLength(8);
  });
  it('kmsg has the level in front of each line', () => {
    const { k } = scene();
    expect(linesOf(PROC_FILES.kmsg.text(k))[0]).toBe('<7>On node 0 totalpages: 256');
    expect(PROC_FILES.kmsg.mode).toBe(0o400);
  });
  it('sysvipc/shm lists segments by their place in the table', () => {
    const { lab, k, job } = scene();
    const first = lab.must(job, 'shmget', 7, 100, 0o1600);
    lab.must(job, 'shmget', 8, 16384 * 3, 0o1644);
    lab.must(job, 'shmctl', first, 0);
    lab.must(job, 'shmget', 0x8000_0001 | 0, 1, 0o1666);
    const rows = linesOf(PROC_FILES['sysvipc/shm'].text(k)).map(line => line.trim().split(/ +/));
    expect(rows.map(row => row.length)).toEqual([14, 14, 14]);
    expect(rows.slice(1).map(row => [row[0], row[1], row[2], row[3]])).toEqual([['-2147483647', '65536', '666', '1'], ['8', '32769', '644', '49152']]);
  });
  it('uptime follows the simulated clock', () => {
    const { k } = scene();
    k.m.now = 12_345;
    expect(PROC_FILES.uptime.text(k)).toBe('12.34 12.34\n');
  });
});

describe('settings', () => {
  it('are changed by root, and by nobody else', () => {
    const made = scene();
    expect(write(made, 'sys/vm/swappiness', '10\n')).toBe(0);
    expect(PROC_FILES['sys/vm/swappiness'].text(made.k)).toBe('10\n');
    expect(write(made, 'sys/vm/swappiness', '20\n', made.lab.job({ uid: 7 }))).toBe(EPERM);
    expect(made.k.m.swappiness).toBe(10);
  });
  it.each([['', 0, 60], ['\n', EINVAL, 60], ['x\n', EINVAL, 60], ['5x\n', EINVAL, 60], ['101\n', EINVAL, 60], ['-1\n', EINVAL, 60], ['0x10\n', 0, 16], ['010', 0, 8], ['  7  \n', 0, 7], ['08', EINVAL, 60], ['0', 0, 0]])(
    'swappiness: %j is answered with %i, and is then %i', (text, result, value) => {
      const made = scene();
      expect([write(made, 'sys/vm/swappiness', text), made.k.m.swappiness]).toEqual([result, value]);
    });
  it('min_free_kbytes moves the marks of the zones; what is no number changes nothing and is no error', () => {
    const made = scene();
    const { k } = made;
    expect([write(made, 'sys/vm/min_free_kbytes', 'x'), k.m.min_free_kbytes]).toEqual([0, 1024]);
    expect(write(made, 'sys/vm/min_free_kbytes', '2048')).toBe(0);
    expect(k.m.node_data[0]!.node_zones[0]).toMatchObject({ pages_min: 32, pages_low: 40, pages_high: 48 });
  });
  it('a negative min_free_kbytes is taken, and no zone reaches its mark any more', () => {
    const made = scene();
    expect(write(made, 'sys/vm/min_free_kbytes', '-1')).toBe(0);
    expect(PROC_FILES['sys/vm/min_free_kbytes'].text(made.k)).toBe('-1\n');
    const zone = made.k.m.node_data[0]!.node_zones[0]!;
    expect(zone.pages_min).toBeGreaterThan(2 ** 50);
    expect(made.k.zone_watermark_ok(zone, 0, zone.pages_min, 0, 0, 0)).toBe(false);
  });
  it('lowmem_reserve_ratio holds two numbers, each at least 1; the rest of what echo writes begins anew', () => {
    const made = scene();
    const text = (): string => PROC_FILES['sys/vm/lowmem_reserve_ratio'].text(made.k);
    expect(text()).toBe('256\t32\n');
    expect([write(made, 'sys/vm/lowmem_reserve_ratio', '100 0\n'), text()]).toEqual([0, '100\t1\n']);
    expect([write(made, 'sys/vm/lowmem_reserve_ratio', '1 2 3\n'), text()]).toEqual([0, '3\t2\n']);
  });
  it('shmmax takes an unsigned long and passes a negative number over', () => {
    const made = scene();
    expect([write(made, 'sys/kernel/shmmax', '68719476736\n'), PROC_FILES['sys/kernel/shmmax'].text(made.k)]).toEqual([0, '68719476736\n']);
    expect([write(made, 'sys/kernel/shmmax', '-5\n'), PROC_FILES['sys/kernel/shmmax'].text(made.k)]).toEqual([0, '68719476736\n']);
    expect(write(made, 'sys/kernel/shmmax', 'lots')).toBe(EINVAL);
  });

  it('the name of the machine is a line of text', () => {
    const { k, lab } = scene();
    expect(PROC_FILES['sys/kernel/hostname'].write!(k, lab.batchd, 'altix\nmore')).toBe(0);
    expect(PROC_FILES['sys/kernel/hostname'].text(k)).toBe('altix\n');
  });

  it('take or refuse any text without harm', () => {
    const made = scene();
    const files = Object.entries(PROC_FILES as Readonly<Record<string, View>>).filter(([, view]) => view.write !== undefined);
    const numberish = fc.stringMatching(/^[-+0-9xXa-f \t\n.]{0,30}$/);
    fc.assert(fc.property(fc.constantFrom(...files), fc.oneof(fc.string({ maxLength: 40 }), numberish), ([, view], text) => {
      const before = stateHash(made.k);
      const result = view.write!(made.k, made.lab.batchd, text);
      expect([0, EINVAL]).toContain(result);
      expect(linesOf(view.text(made.k))).toHaveLength(1);
      // no number at all: nothing happens
      if (result !== 0 && !/\d/.test(text)) expect(stateHash(made.k)).toBe(before);
      expect(check_invariants(made.k)).toEqual([]);
    }), { numRuns: 300 });
  });
});
