/** Patch 9: who may migrate whom. */
import type { Task } from '@pmkit/mm-core';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { CAP_KILL, CAP_SYS_ADMIN, CAP_SYS_NICE, SIGCONT, SIGTERM, SIGUSR1 } from '@pmkit/mm-core/include/linux/sched';
import type { Behaviour, Source } from '../behaviour.js';
import type { Lab } from '../lab.js';
import { setPolicy } from './policy-scenes.js';

const changelog: Source = { from: 'changelog', at: '9/10, Ray Bryant, 22 June 2005' };
const overview: Source = { from: 'overview', at: 'descriptions of the patches, patch 9' };
const code: Source = { from: 'code', at: '9/10, mm/mmigrate.c: four comparisons of user ids, then CAP_SYS_ADMIN' };
const place: Source = { from: 'code', at: '9/10, mm/mmigrate.c: the test is right after the task is found, before its mm is read' };
const likeKill: Source = { from: 'code', at: '2.6.12, kernel/signal.c, check_kill_permission(): the model of the test' };
const mainline: Source = { from: 'code', at: 'mainline 2.6.16, sys_migrate_pages(): CAP_SYS_NICE, and the test comes after that for an mm' };

const CALLER = 500;
const OWNER = 501;

/** What a caller gets for moving two pages of a target from node 1 to node 2, and where they are then. */
function attempt(lab: Lab, caller: Task, target: Task): string {
  const memory = lab.anonymous(target, 2);
  const result = lab.result(lab.migrate(target, [1], [2], caller));
  return `${result}, ${lab.pages(memory)}`;
}
const user = (lab: Lab, uid = CALLER): Task => lab.job({ comm: 'user', node: 0, uid });
/** A task with these real, effective and saved user ids. */
function withIds(lab: Lab, uid: number, euid: number, suid: number): Task {
  const task = lab.job();
  lab.must(task, 'setresuid', uid, euid, suid);
  return task;
}
function capable(task: Task, capability: number): Task {
  task.cap_effective = 1 << capability;
  return task;
}

const ALLOWED = { 0: '-ENOSYS, N1=2', 4: '2, N2=2' } as const;
const REFUSED = { ...ALLOWED, 9: '-EPERM, N1=2' } as const;

const callers: readonly Behaviour[] = [
  {
    id: 'permission-other-user',
    kind: 'claim',
    sentence: 'A user cannot move processes of another user.',
    sources: [overview, changelog, code],
    patch: 9,
    scenario: lab => attempt(lab, user(lab), lab.job({ uid: OWNER })),
    expect: REFUSED,
  },
  {
    id: 'permission-roots-process',
    kind: 'claim',
    sentence: 'A user cannot move processes of root.',
    sources: [changelog, code],
    patch: 9,
    scenario: lab => attempt(lab, user(lab), lab.job()),
    expect: REFUSED,
  },
  {
    id: 'permission-own',
    kind: 'claim',
    sentence: 'A user can move the processes that are its own.',
    sources: [changelog, code],
    patch: 9,
    scenario: lab => attempt(lab, user(lab), lab.job({ uid: CALLER })),
    expect: ALLOWED,
  },
  {
    id: 'permission-self',
    kind: 'claim',
    sentence: 'A process can move itself.',
    sources: [code],
    patch: 9,
    scenario: lab => {
      const job = lab.job({ uid: OWNER });
      return attempt(lab, job, job);
    },
    expect: ALLOWED,
  },
  {
    id: 'permission-root',
    kind: 'claim',
    sentence: 'Root, which has CAP_SYS_ADMIN, can move everybody\'s processes.',
    sources: [code],
    patch: 9,
    scenario: lab => attempt(lab, lab.batchd, lab.job({ uid: OWNER })),
    expect: ALLOWED,
  },
  {
    id: 'permission-cap-sys-admin',
    kind: 'claim',
    sentence: 'CAP_SYS_ADMIN is enough, without being root.',
    sources: [code, { from: 'code', at: '9/10, include/linux/capability.h: a line with CAP_SYS_ADMIN' }],
    patch: 9,
    scenario: lab => attempt(lab, capable(user(lab), CAP_SYS_ADMIN), lab.job({ uid: OWNER })),
    expect: ALLOWED,
  },
  {
    id: 'permission-cap-kill',
    kind: 'claim',
    sentence: 'CAP_KILL lets its holder send signals to a process, but not move it.',
    sources: [code, likeKill],
    patch: 9,
    scenario: lab => {
      const caller = capable(user(lab), CAP_KILL);
      const job = lab.job({ uid: OWNER });
      const seen = attempt(lab, caller, job);
      return `${seen}; kill: ${lab.result(lab.call(caller, 'kill', job.pid, SIGUSR1))}`;
    },
    expect: { 0: '-ENOSYS, N1=2; kill: 0', 4: '2, N2=2; kill: 0', 9: '-EPERM, N1=2; kill: 0' },
  },
  {
    id: 'permission-cap-sys-nice',
    kind: 'claim',
    sentence: 'CAP_SYS_NICE, which mainline asks for, does not help.',
    sources: [code, mainline],
    patch: 9,
    scenario: lab => attempt(lab, capable(user(lab), CAP_SYS_NICE), lab.job({ uid: OWNER })),
    expect: REFUSED,
  },
  {
    id: 'permission-sigcont',
    kind: 'claim',
    sentence: 'A process may send SIGCONT to all of its session, but there is no such exception for moving them.',
    sources: [code, likeKill],
    patch: 9,
    scenario: lab => {
      const caller = user(lab);
      const job = lab.job({ uid: OWNER, parent: caller });
      const seen = attempt(lab, caller, job);
      return `${seen}; SIGCONT: ${lab.result(lab.call(caller, 'kill', job.pid, SIGCONT))}`;
    },
    expect: { 0: '-ENOSYS, N1=2; SIGCONT: 0', 4: '2, N2=2; SIGCONT: 0', 9: '-EPERM, N1=2; SIGCONT: 0' },
  },
];

const OTHER = 502;
/** Where setresuid() has an id. */
const PLACE = { real: 0, saved: 2 } as const;

/** Of caller and target one id each is the same; all others are different. */
function oneIdInCommon(of: 'real' | 'effective', as: 'real' | 'saved'): Behaviour {
  return {
    id: `permission-${of}-to-${as}`,
    kind: 'claim',
    sentence: `It is enough that the ${of} user of the caller is the ${as} user of the target.`,
    sources: [code, likeKill],
    patch: 9,
    scenario: lab => {
      const target: [number, number, number] = [OTHER, OTHER, OTHER];
      target[PLACE[as]] = of === 'real' ? CALLER : OWNER;
      return attempt(lab, withIds(lab, CALLER, OWNER, OWNER), withIds(lab, ...target));
    },
    expect: ALLOWED,
  };
}

const ids: readonly Behaviour[] = [
  oneIdInCommon('real', 'real'), oneIdInCommon('real', 'saved'), oneIdInCommon('effective', 'real'), oneIdInCommon('effective', 'saved'),
  {
    id: 'permission-setuid-program',
    kind: 'claim',
    sentence: 'Who has started a set-user-id program can move it: its real user counts.',
    sources: [code],
    patch: 9,
    scenario: lab => attempt(lab, user(lab), withIds(lab, CALLER, 0, 0)),
    expect: ALLOWED,
  },
  {
    id: 'permission-target-euid',
    kind: 'claim',
    sentence: 'The effective user of the target does not count.',
    sources: [code],
    patch: 9,
    scenario: lab => attempt(lab, user(lab), withIds(lab, OWNER, CALLER, OWNER)),
    expect: REFUSED,
  },
  {
    id: 'permission-saved-uid-of-caller',
    kind: 'claim',
    sentence: 'The saved user of the caller does not count.',
    sources: [code],
    patch: 9,
    scenario: lab => attempt(lab, withIds(lab, CALLER, CALLER, OWNER), lab.job({ uid: OWNER })),
    expect: REFUSED,
  },
];

/** A zombie of another user, whose parent has not waited for it. */
function zombie(lab: Lab): Task {
  const shell = lab.job({ comm: 'shell', uid: OWNER });
  const job = lab.job({ uid: OWNER, parent: shell });
  lab.must(lab.batchd, 'kill', job.pid, SIGTERM);
  return job;
}
const result = (lab: Lab, caller: Task, target: Task | number, to = 2): string => lab.result(lab.migrate(target, [1], [to], caller));

const order: readonly Behaviour[] = [
  {
    id: 'permission-no-such-process',
    kind: 'claim',
    sentence: 'A process that does not exist is -ESRCH for a user as well: the process is looked for first.',
    sources: [place],
    patch: 9,
    scenario: lab => result(lab, user(lab), 4711),
    expect: { 0: '-ENOSYS', 4: '-ESRCH' },
  },
  {
    id: 'permission-bad-nodes-first',
    kind: 'claim',
    sentence: 'Nodes are checked before: a node that is not online is -EINVAL also for a process that the caller may not move.',
    sources: [place],
    patch: 9,
    scenario: lab => result(lab, user(lab), lab.job({ uid: OWNER }), 7),
    expect: { 0: '-ENOSYS', 4: '-EINVAL' },
  },
  {
    id: 'permission-kernel-thread',
    kind: 'claim',
    sentence: 'For a kernel thread a user is told -EPERM, no longer -EINVAL; root still is told that it has no memory.',
    sources: [place, mainline],
    patch: 9,
    scenario: lab => {
      const thread = lab.k.m.kthreads[0]!.task;
      return `user ${result(lab, user(lab), thread)}, root ${result(lab, lab.batchd, thread)}`;
    },
    expect: { 0: 'user -ENOSYS, root -ENOSYS', 4: 'user -EINVAL, root -EINVAL', 9: 'user -EPERM, root -EINVAL' },
  },
  {
    id: 'permission-zombie',
    kind: 'claim',
    sentence: 'For a zombie of another user it is -EPERM, too, before anybody sees that it has no memory.',
    sources: [place],
    patch: 9,
    scenario: lab => {
      const job = zombie(lab);
      return `user ${result(lab, user(lab), job)}, owner ${result(lab, user(lab, OWNER), job)}`;
    },
    expect: { 0: 'user -ENOSYS, owner -ENOSYS', 4: 'user -EINVAL, owner -EINVAL', 9: 'user -EPERM, owner -EINVAL' },
  },
  {
    id: 'permission-before-cpuset',
    kind: 'claim',
    sentence: 'A process of another user, in a cpuset without the new node, is -EPERM: the permission is looked at before the cpuset.',
    sources: [place],
    patch: 9,
    scenario: lab => {
      const job = lab.job({ uid: OWNER });
      const root = lab.k.m.init_task;
      lab.enter(root, 'cpuset_mkdir', '/job');
      for (const [file, text] of [['cpus', '0-7'], ['mems', '0-1'], ['tasks', String(job.pid)]] as const) lab.enter(root, 'cpuset_write', '/job', file, text);
      lab.anonymous(job, 2);
      return result(lab, user(lab), job);
    },
    expect: { 0: '-ENOSYS', 4: '2', 8: '-EINVAL', 9: '-EPERM' },
  },
  {
    id: 'permission-refused-no-change',
    kind: 'claim',
    sentence: 'A call that is not permitted changes no policy, and keeps no reference.',
    sources: [place],
    patch: 9,
    scenario: lab => {
      const job = lab.job({ uid: OWNER });
      setPolicy(lab, job, MPOL_BIND, 1);
      const before = job.usage + job.mm!.mm_users;
      result(lab, user(lab), job);
      return `${lab.policy(job)}, references +${job.usage + job.mm!.mm_users - before}`;
    },
    expect: { 0: 'bind=1, references +0', 5: 'bind=2, references +0', 9: 'bind=1, references +0' },
  },
];

export const permissions: readonly Behaviour[] = [...callers, ...ids, ...order];
