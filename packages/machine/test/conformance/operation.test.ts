import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOperation, VERBS, type Operation } from '../../src/conformance/operation.js';
import { RecordingError } from '../../src/conformance/recording.js';

const read = (text: string): Operation => parseOperation(text, 'f.json: operation 3');

describe('an operation', () => {
  it.each<[string, object]>([
    ['spawn A uid=1000 cpu=2 on=0 nocap=sys_nice,kill', { kind: 'spawn', name: 'A', uid: 1000, cpu: 2, on: 0, nocap: ['sys_nice', 'kill'], exe: null }],
    ['A touch r1:4:2 w tag=2   # a remark', { kind: 'touch', actor: 'A', range: { region: 'r1', first: 4, count: 2 }, write: true, tag: 2 }],
    ['A mbind r1 bind+static 1,3-4 flags=move,strict bytes=-4096', { kind: 'mbind', mode: { mode: 'bind', flags: ['static'] }, nodes: [1, 3, 4], flags: ['move', 'strict'], bytes: -4096, byteoff: 0, maxnode: null }],
    ['A setpol bind none', { nodes: [] }],
    ['A setpol bind NULL', { nodes: 'NULL' }],
    ['A setpol bind BAD', { nodes: 'BAD' }],
    ['A setpol default', { nodes: 'NULL' }],
    ['R migrate pid=A old=3,1 new=0-1 maxnode=9', { kind: 'migrate', pid: 'A', old: [1, 3], new: [0, 1], maxnode: 9 }],
    ['cpuset create c1 cpus=0-3 mems=0,1 memory_migrate=1', { kind: 'cpuset-create', name: 'c1', files: [['cpus', '0-3'], ['mems', '0,1'], ['memory_migrate', '1']] }],
    ['cpuset attach c1 A', { kind: 'cpuset-attach', file: 'tasks' }],
    ['A region lib vma=liborc.so:r--p:1', { file: 'liborc.so', perm: 'r--p', index: 1 }],
    ['A thread T pol=bind nodes=3 touch=r1:4:4', { thread: 'T', nodes: [3], touch: { region: 'r1', first: 4, count: 4 } }],
    ['R movepages A r1 to=1 flags=move badnodes', { bad: ['badnodes'], to: '1' }],
    ['A mkfile /mnt/ext4/f 8 fsync', { path: '/mnt/ext4/f', pages: 8, fsync: true }],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });
  it.each([
    ['A', "f.json: operation 3: 'A': expected an operation at the end"],
    ['', "expected an operation at the end"],
    ['A dance r1', "unknown operation 'dance'"],
    ['A touch r1 x', "expected r or w, found 'x'"],
    ['A touch r1:4 w', "expected a range such as r1 or r1:0:4, found 'r1:4'"],
    ['A touch r1 w speed=3', 'unknown option speed='],
    ['A touch r1 w now', "found 'now' where nothing is expected"],
    ['A touch r1 w tag=1 tag=2', 'option tag twice'],
    ['R migrate pid=A old=1', 'expected new='],
    ['R migrate old=1 new=2', 'expected pid='],
    ['A setpol bind 3-1', "expected nodes (a list such as 0,2-3), found '3-1'"],
    ['cpuset paint c1', "expected create, attach, write or rm, found 'paint'"],
    ['A constructor r1', "unknown operation 'constructor'"],
    ['spawn A uid=root', "expected uid (a number), found 'root'"],
  ])('is refused with where and why: %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(RecordingError);
  });
});

describe('the language', () => {
  const node = fc.integer({ min: 0, max: 63 });
  const range = fc.record({ region: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), first: fc.nat(999), count: fc.option(fc.nat(999)) })
    .map(r => ({ ...r, first: r.count === null ? 0 : r.first }));
  const rangeText = ({ region, first, count }: { region: string; first: number; count: number | null }): string => (count === null ? region : `${region}:${first}:${count}`);

  it('reads back what was written: ranges and tags', () => {
    fc.assert(fc.property(range, fc.boolean(), fc.nat(9), (r, write, tag) => {
      expect(read(`A touch ${rangeText(r)} ${write ? 'w' : 'r'} tag=${tag}`)).toEqual({ kind: 'touch', actor: 'A', range: r, write, tag });
    }));
  });
  it('takes node lists as sets, in any order and with ranges', () => {
    fc.assert(fc.property(fc.uniqueArray(node, { minLength: 1 }), fc.uniqueArray(node, { minLength: 1 }), (from, to) => {
      const ascending = (list: number[]): number[] => [...list].sort((a, b) => a - b);
      expect(read(`R migrate pid=A old=${from.join(',')} new=${to.join(',')}`)).toMatchObject({ old: ascending(from), new: ascending(to) });
    }));
  });
  it('says RecordingError to any words, and nothing else', () => {
    const word = fc.oneof(fc.constantFrom(...VERBS, 'A', 'r1', 'r1:0:4', 'w', 'bind', '1', 'pid=A', 'old=0', 'new=1', 'flags=move', '/x', '#'), fc.string({ maxLength: 8 }));
    fc.assert(fc.property(fc.array(word, { maxLength: 7 }), words => {
      try {
        expect(read(words.join(' ')).kind).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError);
      }
    }), { numRuns: 2000 });
  });
});
