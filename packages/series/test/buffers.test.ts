/** Machines that use memory of machines that were there before. */
import { expect, it } from 'vitest';
import { check_invariants, stateHash } from '@pmkit/mm-core/testing';
import { Lab } from '../src/catalogue/index.js';

const TOP = { level: 10, hotplug: false };

/** A machine that has been used a good deal; and what it looks like. */
function use(lab: Lab): string {
  const job = lab.job();
  lab.anonymous(job, 200);
  lab.mapFile(job, lab.file('/data/result', 20), 20, 3, 1, 'write');
  lab.migrate(job, [1], [2]);
  lab.call(job, 'exit', 0);
  return stateHash(lab.k);
}

it('a machine on memory that another has used is the same as one on new memory', () => {
  const first = new Lab(TOP);
  const fresh = stateHash(first.k);
  const used = use(first);
  const { ptes } = first.k.m;
  first.dispose();

  const second = new Lab(TOP);
  expect(stateHash(second.k)).toBe(fresh);
  expect(second.k.m.ptes.buffer).toBe(ptes.buffer);
  expect(use(second)).toBe(used);
  expect(check_invariants(second.k)).toEqual([]);
});

it('two machines at the same time never share memory', () => {
  const [one, two] = [new Lab(TOP), new Lab(TOP)];
  expect(one.k.m.ptes.buffer).not.toBe(two.k.m.ptes.buffer);
  expect(one.k.m.mem_map.buffer).not.toBe(two.k.m.mem_map.buffer);
});
