import { describe, expect, it } from 'vitest';
import { replay, type Judged } from '../../src/conformance/replay.js';
import { recordingOf, region, type Step } from './helpers.js';

/** Differences of the last operation, as `aspect reason`; a carried one in parentheses. */
function last(steps: readonly Step[], nodes?: number): string[] {
  const report = replay(recordingOf(steps, nodes), 10).steps.at(-1)!;
  const text = ({ aspect, reason, carried }: Judged): string => (carried ? `(${aspect} ${reason!.id})` : `${aspect} ${reason?.id ?? 'unexplained'}`);
  return [...new Set(report.differences.map(text))];
}
const task = (r: Record<string, object> = {}, taskpol = 'default'): { taskpol: string; mems: string; r: Record<string, object>; other: object } => ({ taskpol, mems: '0-3', r, other: {} });

/** Process A with four pages on node 1, and R, who is root. */
const ON_NODE_1: Step[] = [
  { op: 'spawn A', ret: 0, state: { A: task() } },
  { op: 'spawn R', ret: 0, state: { A: task(), R: task() } },
  { op: 'A mmap r1 anon-private rw 4', ret: 0, state: { A: task({ r1: region('-*4') }), R: task() } },
  { op: 'A setpol bind 1', ret: 0, state: { A: task({ r1: region('-*4', { pol: 'bind:1' }) }, 'bind:1'), R: task() } },
  { op: 'A touch r1 w', ret: 4, state: { A: task({ r1: region('1*4', { pol: 'bind:1' }) }, 'bind:1'), R: task() } },
  { op: 'A setpol default', ret: 0, state: { A: task({ r1: region('1*4') }), R: task() } },
];
const after = (r1: object, taskpol?: string): object => ({ A: task({ r1 }, taskpol), R: task() });

describe('an operation that both kernels do alike', () => {
  it('is no difference: first touch, policy, migration of anonymous memory', () => {
    for (let length = 1; length <= ON_NODE_1.length; length++) expect(last(ON_NODE_1.slice(0, length))).toEqual([]);
    expect(last([...ON_NODE_1, { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('2*4')) }])).toEqual([]);
  });
  it('may be one that takes several calls here: overlapping nodes are moved in disjoint steps', () => {
    const steps = [...ON_NODE_1, { op: 'R migrate pid=A old=0,1 new=1,2', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('2*4')) }];
    expect(last(steps)).toEqual([]);
    expect(replay(recordingOf(steps), 10).steps.at(-1)!.calls).toEqual(['1→2: 4', '0→1: 0']);
  });
  it('checks contents by what was last written', () => {
    const check = (tag: number, bad: number): Step => ({ op: `A check r1 tag=${tag}`, ret: 4, bad_pages: bad, state: after(region('1*4')) });
    expect(last([...ON_NODE_1, check(1, 0)])).toEqual([]);
    expect(last([...ON_NODE_1, check(2, 4)])).toEqual([]);
    expect(last([...ON_NODE_1, check(1, 1)])).toEqual(['result unexplained']);
  });
});

describe('a reason', () => {
  it('is given for a policy that rc3 rewrites, and the next operation begins with the recorded one', () => {
    const steps: Step[] = [
      ...ON_NODE_1, { op: 'A setpol bind 1', ret: 0, state: after(region('1*4', { pol: 'bind:1' }), 'bind:1') },
      { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('2*4', { pol: 'bind:1' }), 'bind:1') },
    ];
    expect(last(steps)).toEqual(['policy policy-migrated', 'page policy policy-migrated']);
    expect(last([...steps, { op: 'A getpol', ret: 0, mode: 'bind', nodes: '1', state: after(region('2*4', { pol: 'bind:1' }), 'bind:1') }])).toEqual([]);
  });
  it('is carried on when the machine cannot be brought into line', () => {
    const steps: Step[] = [...ON_NODE_1, { op: 'A setpol prefmany 1,2', ret: 0, state: after(region('1*4', { pol: 'prefer-many:1-2' }), 'prefer-many:1-2') }];
    expect(last(steps)).toEqual(['result mode-preferred-many', 'policy mode-preferred-many', 'page policy mode-preferred-many']);
    expect(last([...steps, { op: 'A touch r1 r', ret: 4, state: after(region('1*4', { pol: 'prefer-many:1-2' }), 'prefer-many:1-2') }])).toEqual([
      '(policy mode-preferred-many)', '(page policy mode-preferred-many)',
    ]);
  });
  it.each<[string, Step, string[]]>([
    ['another node', { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('3*4')) }, ['page unexplained']],
    ['another number of pages moved', { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 5 }, state: after(region('2*4')) }, ['vm unexplained']],
    ['another errno', { op: 'R migrate pid=A old=1 new=2', ret: -1, err: 'EBUSY', state: after(region('1*4')) }, ['result unexplained', 'vm count', 'page unexplained']],
    ['EPERM for root', { op: 'A setpol bind 1', ret: -1, err: 'EPERM', state: after(region('1*4')) }, ['result unexplained', 'policy unexplained', 'page policy unexplained']],
    ['another policy', { op: 'A setpol bind 1', ret: 0, state: after(region('1*4', { pol: 'bind:2' }), 'bind:2') }, ['policy unexplained', 'page policy unexplained']],
    ['a page that is clean', { op: 'A touch r1 w', ret: 4, state: after(region('1*4', { dirty: 3 })) }, ['dirty unexplained']],
    ['other permissions', { op: 'A touch r1 r', ret: 4, state: after(region('1*4', { perm: 'r--p' })) }, ['page permissions unexplained']],
    ['move_pages() that changes a policy', { op: 'R movepages A r1 to=2 flags=move', ret: 0, state: after(region('2*4'), 'bind:2') }, ['result move-pages', 'policy unexplained', 'page move-pages']],
    ['a death', { op: 'A touch r1 r', ret: 4, state: { A: 'dead', R: task() } }, ['life unexplained']],
  ])('does not cover what it is not about: %s', (_what, step, expected) => {
    expect(last([...ON_NODE_1, step])).toEqual(expected);
  });
});

describe('the machine is brought into line', () => {
  it('with pages that a later call moved: the next operation finds them there', () => {
    const moved: Step = { op: 'R movepages A r1 to=3 flags=move', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('3*4')) };
    expect(last([...ON_NODE_1, moved])).toEqual(['result move-pages', 'vm move-pages', 'page move-pages']);
    expect(last([...ON_NODE_1, moved, { op: 'A check r1', ret: 4, bad_pages: 0, state: after(region('3*4')) }])).toEqual([]);
    expect(last([...ON_NODE_1, moved, { op: 'R migrate pid=A old=3 new=0', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('0*4')) }])).toEqual([]);
  });
});

describe('a recording that cannot be replayed', () => {
  it.each([
    ['A touch nowhere w', "a.json: operation 6: 'A touch nowhere w': A has no region nowhere"],
    ['B touch r1 w', "a.json: operation 6: 'B touch r1 w': there is no process B"],
    ['A madvise r1 politely', /^a\.json: operation 6: 'A madvise r1 politely': expected an advice \(normal, /],
    ['spawn C nocap=sys_weather', "a.json: operation 6: 'spawn C nocap=sys_weather': expected a capability of 2.6.12 such as sys_nice, found 'sys_weather'"],
    ['A dance', "a.json: operation 6: 'A dance': unknown operation 'dance'"],
  ])('says where and why: %s', (op, message) => {
    expect(() => replay(recordingOf([...ON_NODE_1, { op, ret: 0 }]), 10)).toThrow(message);
  });
});
