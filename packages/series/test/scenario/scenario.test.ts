/** Scenario files: what they may say, and what is said of one that is wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/catalogue/index.js';
import { MAX_SCENARIO_BYTES, parseScenario } from '../../src/scenario/file.js';
import { playScenario, ScenarioError } from '../../src/scenario/index.js';

const at = (level: number) => ({ level, hotplug: false });
const refusal = (text: string): string => {
  try {
    parseScenario(text, 'job.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  throw new Error('expected a ScenarioError, but the scenario was read');
};

const JOB = `
machine: { nodes: 3, pages: 128, swap: 64 }
files: { /data/table: 4 }
tasks: { job: { node: 1, uid: 1000 } }
steps:
  - job: a = mmap(0, 8P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 8)
  - job: f = open("/data/table", O_RDONLY, 0)
  - job: t = mmap(0, 4P, PROT_READ, MAP_SHARED, f, 0)
  - job: load(t + 1P, 2)
  - job: mbind(a + 4P, 4P, MPOL_BIND, mask{1}, 257, 0)
  - batchd: kill(job, SIGSTOP)
  - batchd: migrate_pages(job, 1, {1}, {2})
`;

describe('a scenario file', () => {
  const scenario = playScenario(parseScenario(JOB, 'job.yaml'));

  it('is played on the machine it asks for, and shows what its last step returned', () => {
    expect(record(scenario, at(3)).seen).toBe('-ENOSYS');
    expect(record(scenario, at(4)).seen).toBe('10');
    expect(record(scenario, at(7)).seen).toBe('8');
  });
  it('has its calls recorded as they were made', () => {
    const { steps, end } = record(scenario, at(7));
    expect(steps.slice(-2).map(({ who, call, result }) => `${who}: ${call} = ${result}`)).toEqual([
      expect.stringMatching(/^batchd\[\d+\]: kill\(\d+, 19\) = 0$/), expect.stringMatching(/^batchd\[\d+\]: migrate_pages\(\d+, 1, \{1\}, \{2\}\) = 8$/),
    ]);
    const job = end.tasks.find(({ task }) => task.startsWith('job['))!;
    expect(job.state).toBe('T');
    expect(job.vmas.map(({ what, policy, pages }) => `${what}: ${policy}, ${pages}`)).toEqual([
      'rw-p (anonymous): default, N2=4', 'rw-p (anonymous): bind=2, N2=4', 'r--s /data/table: default, N1=2',
    ]);
  });
  it('goes on when a task cannot: a stopped one does nothing', () => {
    const stopped = parseScenario(`${JOB}  - job: store(a, 1)\n`, 'job.yaml');
    expect(record(playScenario(stopped), at(9)).seen).toBe('is stopped');
  });
  it('goes on when a call fails, and shows the error', () => {
    const failing = parseScenario('steps:\n  - batchd: migrate_pages(9999, 1, {1}, {2})\n  - batchd: migrate_pages(9999, 0, BAD, BAD)\n', 'x.yaml');
    const { steps } = record(playScenario(failing), at(9));
    expect(steps.slice(-2).map(({ result }) => result)).toEqual(['-ESRCH', '-EINVAL']);
  });
  it('is the same at each run', () => {
    expect(record(scenario, at(8))).toEqual(record(scenario, at(8)));
  });
});

describe('a wrong scenario file is refused with file, line, column, field and what was expected:', () => {
  it.each([
    ['no YAML', 'steps: [', /^job\.yaml:1:9: /],
    ['no steps', 'tasks: {}', /^job\.yaml:1:1: steps: /],
    ['an unknown field', 'steps:\n  - batchd: getpid()\nmachines: {}', /^job\.yaml:1:1: Unrecognized key: "machines"/],
    ['a number out of range', 'machine:\n  nodes: 300\nsteps:\n  - batchd: getpid()', /^job\.yaml:2:10: machine\.nodes: .*256/],
    ['a machine that is too large', 'machine: { nodes: 64, pages: 1000000 }\nsteps:\n  - batchd: getpid()', /^job\.yaml:1:10: machine: expected 4194304 pages on all nodes together at most$/],
    ['a relative path', 'files: { tmp/x: 1 }\nsteps:\n  - batchd: getpid()', /^job\.yaml:1:\d+: files\.tmp\/x: /],
    ['two tasks in a step', 'steps:\n  - { batchd: getpid(), job: getpid() }', /^job\.yaml:2:5: steps\.0: expected one task and what it does$/],
    ['a task that there is not', 'steps:\n  - job: getpid()', /^job\.yaml:2:5: steps\.0: expected batchd or one of the tasks \(there are none\), found 'job'$/],
    ['a call that ends early', 'steps:\n  - batchd: kill(1', /^job\.yaml:2:19: steps\.0\.batchd: expected '\)', found the end$/],
    ['a character that means nothing', 'steps:\n  - batchd: kill(1; 2)', /^job\.yaml:2:19: steps\.0\.batchd: unexpected ";"$/],
    ['something after the call', 'steps:\n  - batchd: getpid() now', /^job\.yaml:2:22: steps\.0\.batchd: expected the end of the step, found 'now'$/],
    ['a flag that is none', 'steps:\n  - batchd: kill(1, SIGSTOP|stop)', /expected a constant, found 'stop'$/],
    ['a result named like a constant', 'steps:\n  - batchd: SIGSTOP = getpid()', /expected a name for the result, found 'SIGSTOP'$/],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toMatch(message);
  });
  it('one that is too long', () => {
    expect(refusal('#'.repeat(MAX_SCENARIO_BYTES + 1))).toBe(`job.yaml: ${MAX_SCENARIO_BYTES + 1} bytes, expected ${MAX_SCENARIO_BYTES} at most`);
  });
  it('one that grows by aliases', () => {
    expect(refusal('a: &a [1]\nb: [*a, *a]\nsteps:\n  - batchd: getpid()')).toContain('job.yaml');
  });
  it.each([
    ['a name that nothing has', 'steps:\n  - batchd: kill(job, 9)', "line 2: kill(job, 9): nothing is called 'job': expected a task, or the result of an earlier step"],
    ['a node that the machine does not have', 'tasks: { job: { node: 4 } }\nsteps:\n  - job: getpid()', "tasks.job.node: expected one of the machine's nodes 0 to 3, found 4"],
    ['an access without a length', 'steps:\n  - batchd: load(0)', 'line 2: load(0): expected load(address, pages)'],
  ])('when it is played, %s', (_, text, message) => {
    expect(() => record(playScenario(parseScenario(text, 'job.yaml')), at(0))).toThrow(message);
  });

  it('whatever it is: nothing but a scenario or a ScenarioError comes out', () => {
    const word = fc.constantFrom('steps:', '  - batchd: ', 'kill(', ')', '{', '}', '1', '"', '|', 'a = ', '\n', 'tasks: ', '&x', '*x', '!!js/function', ' ', 'P', '-', '+');
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(word, { maxLength: 20 }).map(words => words.join(''))), text => {
      try {
        parseScenario(text, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
      }
    }));
  });
});
