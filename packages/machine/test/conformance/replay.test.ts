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

describe('reasons by rule', () => {
  const still = (pol?: string): object => after(region('1*4', pol === undefined ? {} : { pol }), pol);
  it.each<[string, Step[], string[]]>([
    ['locked memory stays', [{ op: 'A mlock r1', ret: 0, state: still() }, { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('2*4')) }], ['vm count', 'page mlocked']],
    ['a process that is not there is looked for after the nodes', [{ op: 'R migrate pid=99999 old=1 new=9', ret: -1, err: 'ESRCH', state: still() }], ['result nodes-before-process']],
    ['process 0', [{ op: 'R migrate pid=0 old=1 new=2', ret: 0, state: still() }], ['result pid-zero']],
    ['a mask that is NULL', [{ op: 'R migrate pid=A old=NULL new=2', ret: 0, state: still() }], ['result null-nodes']],
    ['a mask of no node', [{ op: 'R migrate pid=A old=1 new=none', ret: -1, err: 'EINVAL', state: still() }], ['result nothing-to-call']],
    ['a pointer that is none: both say so', [{ op: 'R migrate pid=A old=BAD new=2', ret: -1, err: 'EFAULT', state: still() }], []],
    ['a mask too short for the node', [{ op: 'R migrate pid=A old=1 new=2 maxnode=2', ret: -1, err: 'EINVAL', state: still() }], ['result nothing-to-call']],
    ['a mask that no kernel reads: both say so', [{ op: 'R migrate pid=A old=1 new=2 maxnode=40000', ret: -1, err: 'EINVAL', state: still() }], []],
    ['new nodes outside the cpuset', [
      { op: 'cpuset create c1 cpus=0-3 mems=0,1', ret: 0 }, { op: 'cpuset attach c1 A', ret: 0 },
      { op: 'R migrate pid=A old=1 new=2', ret: 0, vm: { pgmigrate_success: 4 }, state: { A: { ...task({ r1: region('2*4') }), mems: '0-1' }, R: task() } },
    ], ['result cpuset-einval', 'vm cpuset-einval', 'page cpuset-einval']],
    ['nodes that are not there, in a cpuset', [{ op: 'cpuset create c1 cpus=0-3 mems=9', ret: -1, err: 'EINVAL', state: still() }], ['result cpuset-nowhere']],
    ['a cpuset that takes memory along', [
      { op: 'cpuset create c1 cpus=0-3 mems=2 memory_migrate=1', ret: 0, state: still() },
      { op: 'cpuset attach c1 A', ret: 0, vm: { pgmigrate_success: 4 }, state: { A: { ...task({ r1: region('2*4') }), mems: '2' }, R: task() } },
    ], ['vm memory-migrate', 'page memory-migrate']],
    ['CPUs written to a cpuset move its tasks at once', [
      { op: 'cpuset create c1 cpus=0-3 mems=0-3', ret: 0, state: still() }, { op: 'cpuset attach c1 A', ret: 0, state: still() }, { op: 'cpuset write c1 cpus 2', ret: 1, state: still() },
      { op: 'A mmap n anon-private rw 1', ret: 0, state: { A: task({ r1: region('1*4'), n: region('-') }), R: task() } },
      { op: 'A touch n w', ret: 1, state: { A: task({ r1: region('1*4'), n: region('2') }), R: task() } },
    ], ['page cpuset-live']],
    ['a mask with room for few nodes', [{ op: 'A getpol maxnode=5', ret: 0, mode: 'default', nodes: '', state: still() }], ['result nr-node-ids']],
    ['the node of a page: both say so, whatever the program calls the number', [{ op: 'A getpol addr=r1 flags=node,addr', ret: 0, mode: 'preferred', state: still() }, { op: 'A getpol addr=r1 flags=node,addr', ret: 0, node: 1, state: still() }], []],
    ['PREFERRED without nodes', [{ op: 'A setpol preferred none', ret: 0, state: still('local') }, { op: 'A getpol', ret: 0, mode: 'local', nodes: '', state: still('local') }], ['result mode-local']],
    ['advice of later kernels', [{ op: 'A madvise r1 cold', ret: 0, state: still() }], ['result madvise-later']],
    ['a flag of mbind() that rc3 uses otherwise', [{ op: 'A mbind r1 bind 2 flags=moveall', ret: 0, vm: { pgmigrate_success: 4 }, state: after(region('2*4', { pol: 'bind:2' })) }], ['vm mmigrate-bits', 'page mmigrate-bits', 'page policy mmigrate-bits']],
    ['huge pages without a file', [{ op: 'A mmap h hugetlb rw 4', ret: 0, state: { A: task({ r1: region('1*4'), h: region('-*4') }), R: task() } }, { op: 'A touch h w', ret: 4, state: { A: task({ r1: region('1*4'), h: region('0*4', { anon: 1, dirty: 1 }) }), R: task() } }], ['anon map-hugetlb', 'dirty map-hugetlb']],
  ])('%s', (_what, steps, expected) => {
    expect(last([...ON_NODE_1, ...steps])).toEqual(expected);
  });

  /** The memory of H fills node 2 but for 1200 pages; A wants 8192 more there. */
  const FULL: Step[] = [
    { op: 'spawn H', ret: 0, state: { H: task() } }, { op: 'spawn A', ret: 0, state: { H: task(), A: task() } },
    { op: 'A mmap r1 anon-private rw 8192', ret: 0, state: { H: task(), A: task({ r1: region('-*8192') }) } },
    { op: 'A mbind r1 bind 2', ret: 0, state: { H: task(), A: task({ r1: region('-*8192', { pol: 'bind:2' }) }) } },
    { op: 'hog H node=2 leave=1200', ret: 0, state: { H: task(), A: task({ r1: region('-*8192', { pol: 'bind:2' }) }) } },
    { op: 'A touch r1 w', ret: -1, err: 'ECHILD', vm: { oom_kill: 1 }, state: { H: task(), A: 'dead' } },
  ];
  it('the OOM killer chooses another victim', () => {
    expect(last(FULL)).toEqual(['result oom-badness', 'life oom-badness']);
  });
  it('who is dead here for a reason can do nothing for the same reason', () => {
    expect(last([...FULL, { op: 'H mmap r2 anon-private rw 4', ret: 0, state: { H: task({ r2: region('-*4') }), A: 'dead' } }])).toEqual(['(life oom-badness)', 'result oom-badness']);
  });
  it('below patch 9 nobody asks for permission', () => {
    const steps: Step[] = [...ON_NODE_1, { op: 'spawn U uid=1000', ret: 0 }, { op: 'U migrate pid=A old=1 new=2', ret: -1, err: 'EPERM', state: { ...after(region('1*4')), U: task() } }];
    const at = (level: number): (string | undefined)[] => replay(recordingOf(steps), level).steps.at(-1)!.differences.map(({ reason }) => reason?.id);
    expect([at(10), [...new Set(at(8))]]).toEqual([[], ['permission-check']]);
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
