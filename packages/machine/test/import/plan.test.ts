/** From files to a process that can be built. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkImported, planImport, readProcess } from '../../src/import/index.js';
import { scratch } from '../topology/helpers.js';
import { imported, importError, saved, SOLVER } from './helpers.js';

const withMaps = (maps: string, numaMaps: string, more: Readonly<Record<string, string | undefined>> = {}): ReturnType<typeof imported> =>
  imported({ ...SOLVER, smaps: undefined, maps, numa_maps: numaMaps, ...more });

describe('an imported process', () => {
  it('has the vmas of maps, but not the gate page of the kernel', () => {
    const { vmas, objects, comm, pageSize } = imported();
    expect({ comm, pageSize, vmas: vmas.length }).toEqual({ comm: 'solver', pageSize: 4096, vmas: 13 });
    expect(objects).toEqual([
      { kind: 'file', path: '/opt/bin/solver', deleted: false, pages: 5 },
      { kind: 'file', path: '/usr/lib/libc.so.6', deleted: false, pages: 21 },
      { kind: 'file', path: '/data/result file', deleted: false, pages: 8 },
      { kind: 'SysV segment', path: '/SYSV0000beef', deleted: true, pages: 8 },
      { kind: 'shared memory', path: '/memfd:ring', deleted: true, pages: 4 },
    ]);
  });

  it('has the policies that are not those of the process, and what smaps says', () => {
    const { vmas, policy } = imported();
    expect(policy).toEqual({ mode: 'default', nodes: [] });
    expect(vmas.flatMap((vma) => (vma.policy === null || vma.policy.mode === 'default' ? [] : [`${vma.start.toString(16)} ${vma.policy.mode} ${vma.policy.nodes.join()}`]))).toEqual([
      '1a00000 bind 0', '7f0000000000 interleave 0,1', '7f2000010000 preferred 1',
    ]);
    expect(vmas.filter(({ locked }) => locked).map(({ start }) => start)).toEqual([0x7f0000010000]);
    expect(vmas.filter(({ io }) => io).map(({ start }) => start)).toEqual([0x7ffd00040000]);
  });

  it('takes a policy that every private vma prints for that of the process', () => {
    const maps = '1000-3000 rw-p 0 00:00 0 \n5000-6000 rw-p 0 00:00 0 \n7000-8000 rw-p 0 00:00 0 \n9000-a000 rw-s 0 00:01 7 /dev/zero (deleted)\n';
    const process = withMaps(maps, '1000 interleave:0-1\n5000 bind:1\n7000 interleave:0-1\n9000 default file=/dev/zero\\040(deleted)\n');
    expect(process.policy).toEqual({ mode: 'interleave', nodes: [0, 1] });
    expect(process.vmas.map((vma) => vma.policy?.mode ?? null)).toEqual([null, 'bind', null, 'default']);
  });

  it('says what it loses', () => {
    const maps = '1000-2000 rw-p 0 00:00 0 \n3000-4000 rw-p 0 00:00 0 \n200000-400000 rw-p 0 00:0e 7 /anon_hugepage (deleted)\n600000-601000 rw-p 0 00:00 0 \n';
    const { notes, vmas } = withMaps(maps, '1000 weighted interleave:0-1 anon=1 N0=1 kernelpagesize_kB=4\n3000 bind=static:1\n200000 default file=/anon_hugepage huge anon=1 N0=1 kernelpagesize_kB=2048\n700000 default\n');
    expect(vmas[2]).toMatchObject({ nodes: [[0, 512]], anon: 512 });
    expect(notes).toEqual([
      '00600000 is in maps and not in numa_maps: imported without pages',
      '00700000 is in numa_maps and not in maps: left out',
      '00001000: 2.6.12 does not know the weights of "weighted interleave" (6.9)',
      '00003000: 2.6.12 does not know the mode flag "static" (2.6.26)',
      '00200000: huge pages of 2048 kB become 512 pages each',
      '32 kB are mlocked, and without smaps nobody knows which: nothing is locked',
      '3 threads: only their memory is imported',
    ]);
  });

  it('says so when more processes share its pages than will be made', () => {
    expect(withMaps('1000-2000 r--p 0 fe:00 7 /a\n', '1000 default file=/a mapped=1 mapmax=300 N0=1 kernelpagesize_kB=4\n').notes).toContain(
      'pages are mapped up to 300 times: 63 other processes map them at most');
  });

  it('finds the page size where no line tells it', () => {
    expect(withMaps('2000000000000000-2000000000004000 rw-p 0 00:00 0 \n', '2000000000000000 default\n').pageSize).toBe(16384);
    expect(withMaps('4000-5000 rw-p 0 00:00 0 \n', '4000 default\n').pageSize).toBe(4096);
  });

  it('of terabytes of reserved addresses is cut where nothing is in memory', () => {
    const maps = '10000000-20000000 rw-p 0 00:00 0 \n100000000000-200000000000 ---p 0 00:00 0 \n';
    const { vmas, notes } = withMaps(maps, '10000000 default anon=1 N0=1 kernelpagesize_kB=4\n100000000000 default\n');
    expect(vmas.map(({ start, end }) => (end - start) / 4096)).toEqual([65536, 256]);
    expect(notes[0]).toMatch(/^the address space has 4295032832 pages: /);
  });

  it('of a kernel thread is refused: it has no memory', () => {
    expect(importError(() => withMaps('', ''))).toMatchObject({ field: 'vmas', found: 'none' });
  });

  it.each([
    ['more pages than a vma has', '1000-2000 rw-p 0 00:00 0 \n', '1000 default anon=2 N0=2 kernelpagesize_kB=4\n', { line: 1, field: 'pages', found: '2' }],
    ['copies in a shared mapping', '1000-2000 rw-s 0 00:01 7 /a\n', '1000 default anon=1 N0=1 kernelpagesize_kB=4\n', { field: 'anon' }],
    ['vmas that no page of that size begins', '1000-2000 rw-p 0 00:00 0 \n', '1000 default anon=1 N0=1 kernelpagesize_kB=16\n', { field: 'start, end and offset' }],
    ['a page size that no ia64 has', '1000-2000 rw-p 0 00:00 0 \n', '1000 default anon=1 N0=1 kernelpagesize_kB=2\n', { field: 'page size', found: '2048 bytes' }],
    ['more in memory than the kit takes', '100000000000-200000000000 rw-p 0 00:00 0 \n', '100000000000 default N0=2097153 kernelpagesize_kB=4\n', { field: 'pages in memory', found: '2097153' }],
    ['more addresses than the kit takes', '100000000000-200000000000 rw-p 0 00:00 0 \n', '100000000000 default N0=1 kernelpagesize_kB=4\n', { field: 'mapped pages' }],
  ])('with %s is refused', (_, maps, numaMaps, fault) => {
    expect(importError(() => withMaps(maps, numaMaps))).toMatchObject(fault);
  });
});

describe('a directory', () => {
  it('without a file is refused by the name of the file', () => {
    expect(importError(() => readProcess(saved({ ...SOLVER, numa_maps: undefined })))).toMatchObject({ field: 'file', found: 'no such file', expected: 'the file, as a Linux with CONFIG_NUMA has it' });
    expect(importError(() => readProcess('/nowhere/at/all'))).toMatchObject({ field: 'process', found: 'no such directory' });
    expect(importError(() => readProcess('4194304999'))).toMatchObject({ file: '/proc/4194304999' });
  });

  it('whose files are links is refused: nothing is read outside of it', () => {
    const directory = saved({ ...SOLVER, maps: undefined });
    const secret = path.join(scratch(), 'secret');
    writeFileSync(secret, SOLVER['maps']!);
    symlinkSync(secret, path.join(directory, 'maps'));
    expect(importError(() => readProcess(directory))).toMatchObject({ file: path.join(directory, 'maps'), found: 'a symbolic link' });
  });

  it('with a sysfs tree brings its machine along, and what the process may use is no confinement if it is all', () => {
    const directory = saved(SOLVER);
    for (const id of [0, 1]) {
      const node = path.join(directory, 'node', `node${id}`);
      mkdirSync(node, { recursive: true });
      writeFileSync(path.join(node, 'meminfo'), `Node ${id} MemTotal: 65536 kB\n`);
      writeFileSync(path.join(node, 'distance'), id === 0 ? '10 21\n' : '21 10\n');
      writeFileSync(path.join(node, 'cpumap'), `${(3 << (2 * id)).toString(16)}\n`);
    }
    const { machine, mems, cpus } = planImport(readProcess(directory));
    expect(machine).toMatchObject({ name: 'p', distances: [[10, 21], [21, 10]] });
    expect({ mems, cpus }).toEqual({ mems: null, cpus: null });
    chmodSync(path.join(directory, 'node/node0/distance'), 0o644);
    writeFileSync(path.join(directory, 'node/node0/distance'), '10\n');
    expect(importError(() => readProcess(directory))).toMatchObject({ line: 1, field: 'distance' });
  });
});

describe('a process from JSON', () => {
  it('is as it was written', () => {
    const process = imported();
    expect(checkImported(JSON.parse(JSON.stringify(process)) as typeof process, 'p.json')).toEqual(process);
  });

  it.each([
    ['vmas that overlap', { end: 0x603000 + 4096, object: null, offset: 0, anon: 4 }, /vmas\[1\]\.start: found 00603000/],
    ['half a page', { end: 0x400800 }, /vmas\[0\]\.end/],
    ['more pages than fit', { nodes: [[0, 9]] as const }, /vmas\[0\]\.nodes: found 9/],
    ['an object there is not', { object: 9 }, /vmas\[0\]\.object: found 9; expected an index below 5/],
    ['pages behind the end of the object', { offset: 2 }, /vmas\[0\]\.offset/],
    ['more copies than pages', { anon: 5 }, /vmas\[0\]\.anon/],
  ])('is refused with %s', (_, edit, message) => {
    const process = imported();
    const vmas = [{ ...process.vmas[0]!, ...edit }, ...process.vmas.slice(1)];
    expect(importError(() => checkImported({ ...process, vmas }, 'p.json')).message).toMatch(message);
  });
});
