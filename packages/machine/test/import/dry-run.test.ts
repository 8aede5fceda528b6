/** What migrate_pages() does with an imported process at every level. */
import { describe, expect, it } from 'vitest';
import { dryRun, machineFor, type DryRun, type ImportedProcess, type Move } from '../../src/import/index.js';
import { uniformTopology, type Topology } from '../../src/topology/index.js';
import { imported, SOLVER } from './helpers.js';

const ZERO_TO_ONE: Move = { from: [0], to: [1] };

function dry(level: number, move = ZERO_TO_ONE, process: ImportedProcess = imported(), machine?: Topology): DryRun {
  return dryRun(process, level, machineFor(process, machine, [...move.from, ...move.to]), move);
}

const movedBy = ({ vmas }: DryRun): string[] => vmas.filter(({ fates }) => fates.some(({ moved }) => moved)).map(({ start }) => start.toString(16));
const asRuled = (run: DryRun): boolean => run.mismatch === null && run.vmas.every(({ mismatch }) => mismatch === null) && run.differences.length === 0;

const FIRST_VMAS = ['400000', '603000', '1a00000', '7f0000000000', '7f1000000000', '7f1000004000', '7f1000014000', '7f2000000000', '7f2000020000', '7ffd00000000'];
const SELECTED = ['603000', '1a00000', '7f0000000000', '7f2000000000', '7f2000020000', '7ffd00000000'];

describe('a dry run', () => {
  it.each<[number, string, string[]]>([
    [0, '-ENOSYS', []], [3, '-ENOSYS', []], [4, '57', FIRST_VMAS], [5, '57', FIRST_VMAS], [6, '57', FIRST_VMAS], [7, '33', SELECTED], [9, '33', SELECTED], [10, '33', SELECTED],
  ])('at level %d: the call returns %s, and the rules agree', (level, result, moved) => {
    const run = dry(level);
    expect({ result: run.result, moved: movedBy(run), asRuled: asRuled(run) }).toEqual({ result, moved, asRuled: true });
    expect(run.moved + run.stayed).toBe(80);
  });

  it('gives the rule for each vma', () => {
    const { vmas } = dry(7);
    const rules = Object.fromEntries(vmas.map(({ start, expected, fates }) => [start.toString(16), [expected.action, fates.find(({ moved }) => !moved)?.rule ?? '']]));
    expect(rules).toMatchObject({
      '400000': ['keep', 'a mapped file without VM_WRITE is not moved unless mbind() says so'],
      '1a00000': ['move', ''],
      '7f0000010000': ['keep', 'mlocked memory is not moved'],
      '7f2000010000': ['move', 'node 1 is not one of the old nodes'],
    });
  });

  it('shows what happens to policies', () => {
    const changes = (level: number): string[] => dry(level).vmas.flatMap(({ policy: { before, after } }) => (before === after ? [] : [`${before} > ${after}`]));
    expect(changes(4)).toEqual([]);
    // the last is patch 5's defect: a node that is not moved becomes "local"
    expect(changes(5)).toEqual(['bind:0 > bind:1', 'interleave:0-1 > interleave:1', 'prefer:1 > local']);
  });

  it.each([
    ['a node on both sides', { from: [0, 1], to: [1, 2] }, 4, 'EINVAL: node 1 is old and new'],
    ['a node outside its cpuset', { from: [0], to: [2] }, 8, 'EINVAL: new node 2 is not in the cpuset of the process'],
  ])('to %s is refused', (_, move, level, rule) => {
    const run = dry(level, move);
    expect(run).toMatchObject({ result: '-EINVAL', refusal: { rule }, moved: 0, mismatch: null });
  });

  it('to a node that is not online is refused', () => {
    const process = imported();
    const machine = uniformTopology({ nodes: 2, pagesPerNode: 4096, pageSize: 4096 });
    expect(dryRun(process, 4, machineFor(process, machine), { from: [0], to: [3] })).toMatchObject({ result: '-EINVAL', refusal: { rule: 'EINVAL: new node 3 is not online' }, mismatch: null });
  });

  it('before patch 8 does not care for the cpuset of the process', () => {
    expect(dry(7, { from: [0], to: [2] })).toMatchObject({ result: '33', mismatch: null });
  });

  it('moves pages of a file with another mapping of it, and says so', () => {
    const process = imported({
      ...SOLVER, smaps: undefined, maps: '10000-12000 r--s 0 fe:00 5 /a\n14000-16000 rw-s 0 fe:00 5 /a\n',
      numa_maps: '10000 default file=/a mapped=2 mapmax=2 N0=2 kernelpagesize_kB=4\n14000 default file=/a mapped=1 mapmax=2 N0=1 kernelpagesize_kB=4\n',
    });
    const run = dry(7, ZERO_TO_ONE, process);
    expect(run.vmas.map(({ expected, fates }) => [expected.action, ...fates.map(({ pages, moved }) => `${pages} ${moved ? 'moved' : 'kept'}`)])).toEqual([
      ['keep', '1 moved', '1 kept'], ['move', '1 moved'],
    ]);
    expect(asRuled(run)).toBe(true);
  });

  it('does not hide what the rules do not say: a node without room', () => {
    const process = imported({ ...SOLVER, smaps: undefined, maps: '10000000-10100000 rw-p 0 00:00 0 \n', numa_maps: '10000000 default anon=200 N0=200 kernelpagesize_kB=4\n', status: SOLVER['status']!.replace(/^Mems.*\n/m, '') });
    const pages = [1024, 120, 1024];
    const machine = { ...uniformTopology({ nodes: 3, pagesPerNode: 1024, pageSize: 4096 }) };
    const nodes = machine.nodes.map((node, at) => ({ ...node, memory: pages[at]! * 4096 }));
    const run = dryRun(process, 10, machineFor(process, { ...machine, nodes }), ZERO_TO_ONE);
    expect(run.result).toBe('200');
    expect(run.vmas[0]!.mismatch).toMatch(/^expected N1=200, found /);
    expect(run.vmas[0]!.fates.some(({ rule }) => rule.includes('node 1 has no room'))).toBe(true);
  });
});
