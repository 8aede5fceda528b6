/** Scenarios at two levels: what differs, and nothing else. All of the catalogue is compared in catalogue.test.ts. */
import { describe, expect, it } from 'vitest';
import { behaviours, type Behaviour, type Lab } from '../../src/catalogue/index.js';
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
  it('is compared behaviour by behaviour', () => {
    const some = behaviours.filter(({ patch }) => patch === 9);
    const recorded = (scenario: Behaviour['scenario'], level: number): Recording => record(scenario, at(level), { everyState: true });
    expect([...compareBehaviours(some, at(8), at(9))].map(({ behaviour }) => behaviour.id)).toEqual(
      some.filter(({ scenario }) => !isSame(compareRecordings(recorded(scenario, 8), recorded(scenario, 9)))).map(({ id }) => id));
  });
});
