/** The catalogue and scenarios at two levels: what differs, and nothing else. */
import { describe, expect, it } from 'vitest';
import { behaviours, changesOf, type Lab } from '../../src/catalogue/index.js';
import type { Recording } from '../../src/catalogue/recording.js';
import { record } from '../../src/catalogue/run.js';
import { compareBehaviours, compareRecordings, compareScenario, isSame } from '../../src/compare/index.js';

const at = (level: number) => ({ level, hotplug: false });

/** A job with private memory, a library it reads and a policy, moved from node 1 to node 2. */
function moveJob(lab: Lab): string {
  const job = lab.job();
  lab.anonymous(job, 8);
  lab.mapFile(job, lab.file('/lib/libm.so', 4), 4, 1 | 4, 2);
  lab.must(job, 'set_mempolicy', 2, Uint32Array.of(2, 0, 0, 0, 0, 0, 0, 0), 257);
  lab.stop(job);
  return lab.result(lab.migrate(job, [1], [2]));
}

describe('a scenario at two levels', () => {
  it('differs in the call, the placement and what the call returns when patch 4 brings the call', () => {
    const { seenA, seenB, parting, steps, end } = compareScenario(moveJob, at(3), at(4));
    expect([seenA, seenB]).toEqual(['-ENOSYS', '12']);
    expect(steps.map(({ kind, a, b }) => [kind, a, b])).toEqual([['result', '-ENOSYS', '12']]);
    expect(parting?.differences.map(({ kind }) => kind)).toEqual(['result', 'pages', 'pages']);
    expect(end.map(({ kind, a, b }) => [kind, a, b])).toEqual([['pages', 'N1=8', 'N2=8'], ['pages', 'N1=4', 'N2=4']]);
  });
  it('differs in the policy alone when patch 5 moves policies, from the call on', () => {
    const { seenA, seenB, parting, steps, end } = compareScenario(moveJob, at(4), at(5));
    expect(seenA).toBe(seenB);
    expect(steps).toEqual([]);
    expect(end.map(({ kind, where, a, b }) => [kind, where.replace(/\d+/, 'N'), a, b])).toEqual([['policy', 'job[N]', 'bind=1', 'bind=2']]);
    expect(parting?.differences).toEqual(end);
  });
  it('differs in the library alone when patch 7 selects', () => {
    const { end } = compareScenario(moveJob, at(6), at(7));
    expect(end.map(({ kind, where, a, b }) => [kind, where.slice(where.indexOf(' r') + 1), a, b])).toEqual([['pages', 'r-xp /lib/libm.so', 'N2=4', 'N1=4']]);
  });
  it('does not differ where a patch does not touch it', () => {
    expect(isSame(compareScenario(moveJob, at(0), at(3)))).toBe(true);
    expect(isSame(compareScenario(moveJob, at(5), at(6)))).toBe(true);
  });
  it('parts at the log line when that is all there is', () => {
    const step = { who: 'job[7]', call: 'getpid()', result: '7', log: [] };
    const end = { tasks: [] };
    const { parting } = compareRecordings({ steps: [step, step], end, seen: '' }, { steps: [step, { ...step, log: ['VM: killing process job'] }], end, seen: '' });
    expect(parting).toEqual({ step: 2, differences: [{ kind: 'log', where: 'job[7]: getpid()', a: null, b: 'VM: killing process job' }] });
  });
  it('parts where one of the runs has calls that the other has not', () => {
    const step = { who: 'job[7]', call: 'getpid()', result: '7', log: [] };
    const end = { tasks: [] };
    expect(compareRecordings({ steps: [step], end, seen: '' }, { steps: [], end, seen: '' }).parting).toEqual({
      step: 1, differences: [{ kind: 'call', where: 'call', a: 'job[7]: getpid() = 7', b: null }],
    });
  });
});

describe('the catalogue at two neighbouring levels', () => {
  const changingAt = (level: number): string[] => behaviours.filter(behaviour => changesOf(behaviour).includes(level)).map(({ id }) => id);

  const known = new Map<number, ReadonlyMap<string, Recording>>();
  /** Each level's are recorded once. */
  function recordings(level: number): ReadonlyMap<string, Recording> {
    let found = known.get(level);
    if (found === undefined) known.set(level, (found = new Map(behaviours.map(({ id, scenario }) => [id, record(scenario, at(level), { everyState: true })]))));
    return found;
  }

  it('is compared behaviour by behaviour', () => {
    const some = behaviours.filter(({ patch }) => patch === 9);
    expect([...compareBehaviours(some, at(8), at(9))].map(({ behaviour }) => behaviour.id)).toEqual(
      some.filter(({ id }) => !isSame(compareRecordings(recordings(8).get(id)!, recordings(9).get(id)!))).map(({ id }) => id));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('shows what patch %d changes, and for patches 1, 3 and 10 nothing else: no other result, place, policy or log line', level => {
    const differing = behaviours.map(behaviour => ({ behaviour, diff: compareRecordings(recordings(level - 1).get(behaviour.id)!, recordings(level).get(behaviour.id)!) })).filter(({ diff }) => !isSame(diff));
    expect(differing.filter(({ diff }) => diff.seenA !== diff.seenB).map(({ behaviour }) => behaviour.id)).toEqual(changingAt(level));
    if ([1, 3, 10].includes(level)) expect(differing.map(({ behaviour }) => behaviour.id)).toEqual(changingAt(level));
  });
});
