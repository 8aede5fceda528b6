/** The files of /proc/PID as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMaps, parseNumaMaps, parseSmaps, parseStatus } from '../../src/import/index.js';
import { importError, SOLVER } from './helpers.js';

describe('maps', () => {
  it('is read with permissions, file, offset and names', () => {
    const entries = parseMaps(SOLVER['maps']!);
    expect(entries).toHaveLength(14);
    expect(entries[1]).toEqual({
      line: 2, start: 0x603000, end: 0x605000, read: true, write: true, execute: false, shared: false, offset: 0x3000, device: 'fe:00', inode: 1201, name: '/opt/bin/solver',
    });
    expect(entries[8]).toMatchObject({ name: '/data/result file', shared: true });
    expect(entries[3]?.name).toBe('');
    expect(entries[13]?.start.toString(16)).toBe('ffffffffff600000');
  });

  it.each([
    ['an end that is not above the start', '1000-1000 rw-p 0 00:00 0 \n', { line: 1, field: 'end', found: '"1000"' }],
    ['an address inside a page', '1000-2800 rw-p 0 00:00 0 \n', { field: 'end', expected: 'a multiple of 4096 in hexadecimal' }],
    ['vmas that overlap', '1000-3000 rw-p 0 00:00 0 \n\n2000-4000 rw-p 0 00:00 0 \n', { line: 3, field: 'start', found: '2000' }],
    ['other permissions', '1000-3000 rw-q 0 00:00 0 \n', { line: 1, field: 'line' }],
    ['something else', 'hello\n', { line: 1, field: 'line', found: '"hello"' }],
  ])('with %s is refused', (_, text, fault) => {
    expect(importError(() => parseMaps(text, 'p/maps'))).toMatchObject({ file: 'p/maps', ...fault });
  });

  it('of more than 65536 vmas or 16 MB is refused', () => {
    const line = (at: number): string => `${(at * 0x2000).toString(16)}-${(at * 0x2000 + 0x1000).toString(16)} ---p 0 00:00 0`;
    const many = Array.from({ length: 65_537 }, (_, at) => line(at + 1)).join('\n');
    expect(importError(() => parseMaps(many))).toMatchObject({ line: 65_537, field: 'vmas' });
    expect(importError(() => parseMaps('x'.repeat(16 * 1024 * 1024 + 1)))).toMatchObject({ field: 'size' });
  });
});

describe('numa_maps', () => {
  const one = (text: string): ReturnType<typeof parseNumaMaps>[number] => parseNumaMaps(text)[0]!;

  it('is read with policy, counts and pages by node', () => {
    expect(parseNumaMaps(SOLVER['numa_maps']!)).toHaveLength(13);
    expect(one('00603000 bind:0-1,3 file=/a\\040b anon=1 dirty=2 mapped=3 mapmax=4 swapcache=5 active=0 writeback=0 N3=1 N0=2 kernelpagesize_kB=16\n')).toEqual({
      line: 1, start: 0x603000, policy: { mode: 'bind', flags: '', nodes: [0, 1, 3] }, file: '/a b', heap: false, stack: false, huge: false, anon: 1, dirty: 2,
      swapcache: 5, mapmax: 4, nodes: [[0, 2], [3, 1]], kernelpagesize: 16384,
    });
    expect(one('7ffd00000000 default stack anon=3 dirty=3 N0=3\n')).toMatchObject({ stack: true, heap: false, mapmax: 1, kernelpagesize: null });
    expect(one('7ffd00000000 default file=/anon_hugepage huge dirty=1 N1=1 kernelpagesize_kB=2048\n')).toMatchObject({ huge: true, kernelpagesize: 2 ** 21 });
  });

  it.each([
    ['2000 bind=0-1 N0=1', { mode: 'bind', flags: '', nodes: [0, 1] }],
    ['2000 interleave=static:2 N0=1', { mode: 'interleave', flags: 'static', nodes: [2] }],
    ['2000 prefer (many):0,2 heap', { mode: 'prefer (many)', flags: '', nodes: [0, 2] }],
    ['2000 weighted interleave:0-1', { mode: 'weighted interleave', flags: '', nodes: [0, 1] }],
    ['2000 local', { mode: 'local', flags: '', nodes: [] }],
    ['2000 prefer=1 file=/a:b', { mode: 'prefer', flags: '', nodes: [1] }],
  ])('%s: its policy', (text, policy) => {
    expect(one(text).policy).toEqual(policy);
  });

  it('of Linux 2.6.14 is read too', () => {
    expect(one('2000000000000000 default MaxRef=43 Pages=11 Mapped=11 Anon=2 N4=3 N7=8')).toMatchObject({ mapmax: 43, anon: 2, nodes: [[4, 3], [7, 8]] });
  });

  it.each([
    ['2000 strange N0=1', { field: 'policy', found: '"strange"' }],
    ['2000 bind N0=1', { field: 'policy', found: 'bind without nodes' }],
    ['2000 default N0=x', { field: 'N0', found: '"x"' }],
    ['2000 default N0=1 N0=1', { field: 'N0', found: 'a second count' }],
    ['2000 default N999=1', { field: 'N999', found: 'node 999' }],
    ['2000 default anon=2 N0=1', { field: 'anon', found: '2 pages' }],
    ['2000 default color=1 N0=1', { field: 'field', found: '"color=1"' }],
    ['2000 default anon N0=1', { field: 'field', found: '"anon"' }],
    ['4000 default\n2000 default', { line: 2, field: 'start' }],
  ])('%s: refused', (text, fault) => {
    expect(importError(() => parseNumaMaps(text))).toMatchObject({ file: 'numa_maps', ...fault });
  });
});

describe('smaps and status', () => {
  it('smaps tells what is locked, what belongs to a device and what is swapped out', () => {
    const [locked, device] = parseSmaps(SOLVER['smaps']!);
    expect(locked).toMatchObject({ start: 0x7f0000010000, swap: 8192, kernelPageSize: 4096 });
    expect([locked!.flags?.has('lo'), device!.flags?.has('io')]).toEqual([true, true]);
    expect(parseSmaps('1000-2000 rw-p 0 00:00 0 \nSize: 4 kB\nRss: 4 kB\n')).toEqual([{ start: 0x1000, swap: 0, kernelPageSize: null, flags: null }]);
  });

  it.each([
    ['Size: 4 kB\n', { line: 1, field: 'line' }],
    ['1000-2000 rw-p 0 00:00 0 \nSwap: many kB\n', { line: 2, field: 'Swap' }],
    ['1000-2000 rw-p 0 00:00 0 \nVmFlags: readable\n', { line: 2, field: 'VmFlags' }],
  ])('smaps %j is refused', (text, fault) => {
    expect(importError(() => parseSmaps(text))).toMatchObject({ file: 'smaps', ...fault });
  });

  it('status tells who it is and where it may be', () => {
    expect(parseStatus(SOLVER['status']!)).toEqual({
      name: 'solver', pid: 4711, uid: [1000, 1000, 1000, 1000], gid: [100, 100, 100, 100], threads: 3, locked: 32768, cpusAllowed: [0, 1, 2, 3], memsAllowed: [0, 1],
    });
    expect(parseStatus('Name:\tinit\nPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n')).toMatchObject({ threads: 1, cpusAllowed: null, memsAllowed: null });
  });

  it.each([
    [SOLVER['status']!.replace(/^Pid.*\n/m, ''), { field: 'Pid', found: 'no such line' }],
    [SOLVER['status']!.replace('Uid:\t1000\t', 'Uid:\t'), { line: 3, field: 'Uid', expected: 'four ids' }],
    [SOLVER['status']!.replace('0-3', '3-0'), { field: 'Cpus_allowed_list' }],
  ])('status with a wrong line is refused', (text, fault) => {
    expect(importError(() => parseStatus(text))).toMatchObject({ file: 'status', ...fault });
  });
});

it('whatever is done to the files, parsers end in entries or an ImportError', () => {
  const parsers = { maps: parseMaps, numa_maps: parseNumaMaps, smaps: parseSmaps, status: parseStatus };
  const name = fc.constantFrom(...(Object.keys(parsers) as (keyof typeof parsers)[]));
  fc.assert(fc.property(name, fc.nat(2000), fc.nat(12), fc.string({ maxLength: 8 }), (file, at, cut, put) => {
    const text = SOLVER[file]!;
    const from = at % text.length;
    try {
      parsers[file](text.slice(0, from) + put + text.slice(from + cut));
    } catch (error) {
      expect(error).toMatchObject({ name: 'ImportError' });
    }
  }), { numRuns: 1000 });
});
