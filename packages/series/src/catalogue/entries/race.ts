/** Patch 4: a target that runs while it is moved. The overview's unresolved issue (1). */
import { advanceTime, newPath, residentPage, returnToUser, runWoken, stepOthers, stepPath, waitIsOver, type MaySleep, type Task } from '@pmkit/mm-core';
import { SIGCONT } from '@pmkit/mm-core/include/linux/sched';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { beforeCall, fate } from './common.js';

const unresolved: Source = { from: 'overview', at: 'unresolved issues, (1)' };
const mechanism: Source = { from: 'deduced', at: 'a fault that meets the page between its unmapping and its mapping again; consistent with 2.6.12 mm/memory.c' };
const notEnforced: Source = { from: 'mail', at: 'Ray Bryant, overviews of -rc2, 10 May 2005, and of -rc4, 1 July 2005: nothing keeps the task stopped' };

/** What happens between any two steps of the call: `unmapped` is an address of the job's that no pte serves right now. */
type Meanwhile = (unmapped: number) => void;

/**
 * migrate_pages() by the batch scheduler on a CPU while the job has another one: whenever a page of the mapping is mapped nowhere, `meanwhile` is called.
 * @returns result of the call, as text.
 */
function moveWhile(lab: Lab, { task, address, pages }: Mapping, meanwhile: Meanwhile): string {
  const { k, batchd } = lab;
  const { m } = k;
  const call = lab.row('sys_migrate_pages') as ((...args: unknown[]) => MaySleep<number>) | undefined;
  if (call === undefined) return lab.result(lab.migrate(task, [1], [2]));
  m.preemptible = true;
  const path = newPath(batchd, call(task.pid, 1, Uint32Array.of(1), Uint32Array.of(2)));
  while (path.state === 'running') {
    if (waitIsOver(m, path)) stepPath(k, path);
    else if (!stepOthers(k, path) && !advanceTime(k)) break;
    for (let vaddr = address; vaddr < address + pages * m.PAGE_SIZE && task.mm !== null; vaddr += m.PAGE_SIZE) {
      if (residentPage(m, task, vaddr) === 0 && !m.paths.has(task)) meanwhile(vaddr);
    }
  }
  m.preemptible = false;
  returnToUser(k, batchd);
  runWoken(k);
  return lab.note(batchd, `migrate_pages(${task.pid}, 1, {1}, {2}) while ${task.comm} runs`, typeof path.value === 'number' ? lab.result(path.value) : path.state);
}
/** Has the job read what is unmapped, if it runs. */
const reads = (lab: Lab, task: Task): Meanwhile => vaddr => {
  if (task.state === 'R') lab.touch({ task, address: vaddr, pages: 1 }, 'read');
};
function life(lab: Lab, task: Task): string {
  if (lab.log().includes(`VM: killing process ${task.comm}`)) return `VM kills ${task.comm}`;
  return `${task.comm} ${task.state === 'Z' || task.state === 'X' ? 'dies' : 'lives'}`;
}
const oopses = (lab: Lab): number => lab.log().filter(line => /bugcheck|Oops|kernel BUG/.test(line)).length;

export const race: readonly Behaviour[] = [
  {
    id: 'running-target-killed',
    kind: 'defect',
    sentence: 'A process that runs while it is moved and touches a page that is just unmapped is killed, with a line in the log.',
    sources: [unresolved, mechanism],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      moveWhile(lab, lab.anonymous(job, 3), reads(lab, job));
      return life(lab, job);
    },
    expect: { 0: 'job lives', 4: 'VM kills job' },
  },
  {
    id: 'stopped-target-safe',
    kind: 'claim',
    sentence: 'A process that is stopped first is moved reliably, and goes on when it is continued.',
    sources: [unresolved],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 3);
      const before = lab.contents(memory);
      lab.stop(job);
      const result = moveWhile(lab, memory, reads(lab, job));
      lab.cont(job);
      return `${result}, ${lab.pages(memory)}, ${life(lab, job)}${lab.contents(memory) === before ? '' : ', other contents'}`;
    },
    expect: { 0: '-ENOSYS, N1=3, job lives', 4: '3, N2=3, job lives' },
  },
  {
    id: 'killed-but-no-oops',
    kind: 'claim',
    sentence: 'When a running target is killed the system itself goes on: no oops, and the caller gets its result.',
    sources: [unresolved],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const result = moveWhile(lab, lab.anonymous(job, 3), reads(lab, job));
      return `${/^(?:\d+|-E(?!NOSYS)\w+)$/.test(result) ? 'call returns' : result}, ${oopses(lab)} oopses, ${lab.touch(lab.anonymous(lab.batchd, 1))} page touched`;
    },
    expect: { 0: '-ENOSYS, 0 oopses, 1 page touched', 4: 'call returns, 0 oopses, 1 page touched' },
  },
  {
    id: 'continued-during-call',
    kind: 'defect',
    sentence: 'That the target was stopped before the call does not help when somebody continues it during the call: nothing keeps it stopped.',
    sources: [notEnforced, { from: 'mail', at: 'Christoph Lameter on 0/10, June 2005: SIGSTOP and SIGCONT of user space race; use the freezer' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      const shell = lab.job({ comm: 'shell', node: 3 });
      const memory = lab.anonymous(job, 3);
      lab.stop(job);
      // called when one page is mapped nowhere
      beforeCall(lab, 'migrate_page_common', () => {
        lab.must(shell, 'kill', job.pid, SIGCONT);
        lab.touch(memory, 'read');
      });
      lab.migrate(job, [1], [2]);
      return life(lab, job);
    },
    expect: { 0: 'job lives', 4: 'VM kills job' },
  },
  {
    id: 'running-target-file-page',
    kind: 'claim',
    sentence: 'A running target that touches a page of a file waits until it has been moved, and lives.',
    sources: [{ from: 'mail', at: 'Marcelo Tosatti, 4 June 2005: the new page is locked and not up to date, so that everybody waits for it' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/file', 3), 3, PROT_READ | PROT_WRITE, MAP_SHARED);
      const result = moveWhile(lab, file, reads(lab, job));
      return `${result}, ${lab.pages(file)}, ${life(lab, job)}`;
    },
    expect: { 0: '-ENOSYS, N1=3, job lives', 4: '3, N2=3, job lives' },
  },
  {
    id: 'running-target-allocates-behind',
    kind: 'defect',
    sentence: 'What a running target allocates in an area that the call has been through stays on the old node.',
    sources: [{ from: 'mail', at: 'Ray Bryant, overview of -rc1, 5 April 2005' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 4, 'none');
      lab.touch({ ...first, pages: 2 });
      lab.anonymous(job, 1, 'none', 0);
      lab.anonymous(job, 2);
      beforeCall(lab, 'migrate_vma', () => lab.touch(first), 1);
      return `${fate(lab, lab.batchd, lab.migrate(job, [1], [2]))}, ${lab.pages(first)}`;
    },
    expect: { 0: '-ENOSYS, N1=2', 4: '4, N1=2 N2=2' },
  },
];
