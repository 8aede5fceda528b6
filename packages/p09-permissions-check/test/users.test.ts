/** The four comparisons, for all combinations of user ids. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spawn, syscall, type Task } from '@pmkit/mm-core';
import { EPERM } from '@pmkit/mm-core/include/linux/errno';
import { CAP_FULL_SET } from '@pmkit/mm-core/include/linux/sched';
import { check_invariants, migrate } from '@pmkit/mm-core/testing';
import { ADMIN, OWNER, prepare, STRANGER } from './rig.js';

type Ids = Pick<Task, 'uid' | 'euid' | 'suid'>;
const own = { uid: OWNER, euid: OWNER, suid: OWNER };

describe('one id in common', () => {
  const stranger = { uid: STRANGER, euid: STRANGER, suid: STRANGER };
  const rows: readonly (readonly [of: keyof Ids, is: keyof Ids, allowed: boolean])[] = [
    ['uid', 'uid', true], ['uid', 'suid', true], ['euid', 'uid', true], ['euid', 'suid', true],
    ['uid', 'euid', false], ['euid', 'euid', false], ['suid', 'uid', false], ['suid', 'euid', false], ['suid', 'suid', false],
  ];
  it.each(rows)('the %s of the caller, which is the %s of the target: %s', (of, is, allowed) => {
    const { k, caller, task } = prepare('after', STRANGER);
    Object.assign(caller, stranger, { [of]: 3000 });
    Object.assign(task, own, { [is]: 3000 });
    expect(migrate(k, caller, task, [1], [2])).toBe(allowed ? 4 : -EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
  it('none at all is refused, whatever the ids are', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    Object.assign(caller, { uid: 1, euid: 2, suid: 3 });
    Object.assign(task, { uid: 4, euid: 5, suid: 6 });
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('law', () => {
  const id = fc.constantFrom(0, 1, 2, 3);
  const ids: fc.Arbitrary<Ids> = fc.record({ uid: id, euid: id, suid: id });
  const caps = fc.oneof(fc.constantFrom(0, ADMIN, CAP_FULL_SET & ~ADMIN), fc.integer({ min: 0, max: CAP_FULL_SET }));
  const irrelevant = fc.record({ fsuid: id, gid: id, egid: id, sgid: id, session: id });

  /** A machine whose job has nothing on the node that is emptied: an allowed call returns 0. */
  const { k, caller } = prepare('after', STRANGER);
  const task = spawn(k, { comm: 'target', cpu: 2 });
  const ask = (): number => migrate(k, caller, task, [3], [2]);

  it('the caller\'s real or effective id is among the target\'s real and saved ids, or the caller has CAP_SYS_ADMIN', () => {
    fc.assert(fc.property(ids, ids, caps, irrelevant, irrelevant, (callerIds, targetIds, cap_effective, callerRest, targetRest) => {
      Object.assign(caller, callerRest, callerIds, { cap_effective });
      Object.assign(task, targetRest, targetIds);
      const theirs = new Set([targetIds.uid, targetIds.suid]);
      const inCommon = [callerIds.uid, callerIds.euid].some(one => theirs.has(one));
      expect(ask()).toBe(inCommon || Math.floor(cap_effective / ADMIN) % 2 === 1 ? 0 : -EPERM);
    }), { numRuns: 500, seed: 20_050_622 });
    expect(check_invariants(k)).toEqual([]);
  });
  it('without capabilities it is what kill() says to a caller of another session', () => {
    fc.assert(fc.property(ids, ids, (callerIds, targetIds) => {
      Object.assign(caller, callerIds, { cap_effective: 0, session: 1 });
      Object.assign(task, targetIds, { session: 2 });
      expect(ask()).toBe(syscall(k, caller, 'kill', task.pid, 0));
    }), { numRuns: 500, seed: 20_050_622 });
    expect(check_invariants(k)).toEqual([]);
  });
});
