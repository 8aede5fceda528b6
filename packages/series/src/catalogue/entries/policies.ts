/** Patch 5: the policies of the target, and of its memory, name the new nodes. */
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Behaviour, Expectation, Source } from '../behaviour.js';
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { beforeCall, move } from './common.js';
import { askPolicy, attach, fork, memoryWith, newSegment, nextTurn, part, setPolicy, setVmaPolicy, touchAndSee, vmaAt, zoneOrder } from './policy-scenes.js';

const changelog: Source = { from: 'changelog', at: '5/10, Ray Bryant, 22 June 2005: policies are rewritten as they are encountered' };
const overview: Source = { from: 'overview', at: 'descriptions of the patches, patch 5' };
const code = (where: string): Source => ({ from: 'code', at: `5/10, ${where}` });
const kleen: Source = { from: 'mail', at: 'Andi Kleen, 23 June 2005, review of 5/10: shared memory keeps its policies elsewhere' };
const admitted: Source = { from: 'mail', at: 'Ray Bryant to Andi Kleen, 23 June 2005: a vma\'s policy must change only where the vma is migrated' };

const MODES = [
  { word: 'bind', mode: MPOL_BIND, nodes: [1, 3], before: 'bind=1,3', after: 'bind=0,2' },
  { word: 'interleave', mode: MPOL_INTERLEAVE, nodes: [1, 3], before: 'interleave=1,3', after: 'interleave=0,2' },
  { word: 'preferred', mode: MPOL_PREFERRED, nodes: [1], before: 'prefer=1', after: 'prefer=2' },
] as const;
const FROM = [1, 3];
const TO = [2, 0];

const ofTask: readonly Behaviour[] = MODES.map(({ word, mode, nodes, before, after }) => ({
  id: `policy-task-${word}`,
  kind: 'claim',
  sentence: `The target's policy of ${word.toUpperCase()} names the new nodes afterwards.`,
  sources: [overview, changelog, code('migrate_process_policy()')],
  patch: 5,
  scenario: lab => {
    const job = lab.job();
    setPolicy(lab, job, mode, ...nodes);
    move(lab, job, FROM, TO);
    return lab.policy(job);
  },
  expect: { 0: before, 5: after },
}));
const ofVma: readonly Behaviour[] = MODES.map(({ word, mode, nodes, before, after }) => ({
  id: `policy-vma-${word}`,
  kind: 'claim',
  sentence: `A policy of ${word.toUpperCase()} that mbind() gave to memory of the target names the new nodes afterwards.`,
  sources: [overview, changelog, code('migrate_vma_policy()')],
  patch: 5,
  scenario: lab => {
    const job = lab.job();
    const memory = memoryWith(lab, job, 2, 2, mode, ...nodes);
    move(lab, job, FROM, TO);
    return lab.vmaPolicy(memory);
  },
  expect: { 0: before, 5: after },
}));

const task: readonly Behaviour[] = [
  {
    id: 'policy-asked-by-target',
    kind: 'claim',
    sentence: 'The target itself is told the new nodes when it asks get_mempolicy(), for the task and for an address.',
    sources: [code('migrate_policy()'), { from: 'deduced', at: '5/10 and get_mempolicy() of 2.6.12' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_INTERLEAVE, 1, 3);
      const memory = memoryWith(lab, job, 2, 1, MPOL_BIND, 1);
      move(lab, job, FROM, TO);
      return `${askPolicy(lab, job)}, ${askPolicy(lab, job, memory)}`;
    },
    expect: { 0: 'interleave=1,3, bind=1', 5: 'interleave=0,2, bind=2' },
  },
  {
    id: 'policy-il-next',
    kind: 'claim',
    sentence: 'A task that interleaves by turns goes on with what its next node has become.',
    sources: [code('migrate_process_policy()')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_INTERLEAVE, 1, 3);
      // one page for the page cache, from node 1: the next turn is node 3's
      lab.mapFile(job, lab.file('/first', 1), 1, PROT_READ, MAP_PRIVATE);
      move(lab, job, FROM, TO);
      return `next turn: node ${nextTurn(lab, job)}`;
    },
    expect: { 0: 'next turn: node 3', 5: 'next turn: node 0' },
  },
  {
    id: 'policy-task-new-memory',
    kind: 'claim',
    sentence: 'Memory that a bound target asks for after the call is from the new node.',
    sources: [changelog],
    patch: 5,
    scenario: lab => {
      const job = lab.job({ node: 3 });
      setPolicy(lab, job, MPOL_BIND, 1);
      move(lab, job, [1], [2]);
      return touchAndSee(lab, lab.anonymous(job, 2, 'none'));
    },
    expect: { 0: 'N1=2', 5: 'N2=2' },
  },
  {
    id: 'policy-vma-new-memory',
    kind: 'claim',
    sentence: 'What a target had not touched of bound memory follows the part that was moved, only when the policy did too.',
    sources: [changelog],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const memory = memoryWith(lab, job, 4, 2, MPOL_BIND, 1);
      move(lab, job, [1], [2]);
      return touchAndSee(lab, memory);
    },
    expect: { 0: 'N1=4', 4: 'N1=2 N2=2', 5: 'N2=4' },
  },
  {
    id: 'policy-default-follows-cpu',
    kind: 'claim',
    sentence: 'Without a policy there is nothing to rewrite: new memory is from the old node until the task is put on a CPU of the new one.',
    sources: [code('migrate_process_policy()'), { from: 'mail', at: 'Ray Bryant, overview of -rc1, April 2005: such tasks must be moved to other CPUs first' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      move(lab, job, [1], [2]);
      const before = lab.pages(lab.anonymous(job, 2));
      lab.must(lab.batchd, 'sched_setaffinity', job.pid, lab.k.m.cpus.filter(cpu => lab.k.m.cpu_to_node[cpu] === 2));
      return `${lab.policy(job)}, ${before}, then ${lab.pages(lab.anonymous(job, 2))}`;
    },
    expect: { 0: 'default, N1=2, then N2=2' },
  },
  {
    id: 'policy-local-stays-local',
    kind: 'claim',
    sentence: 'PREFERRED without a node, which means the local one, stays as it is.',
    sources: [code('migrate_policy()')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_PREFERRED);
      move(lab, job, [1], [2]);
      return lab.policy(job);
    },
    expect: { 0: 'prefer=local' },
  },
  {
    id: 'policy-nodes-merge',
    kind: 'claim',
    sentence: 'Two nodes of a policy that go to the same new node become one.',
    sources: [{ from: 'deduced', at: '5/10, migrate_node_mask(): the nodes are set in a mask' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_INTERLEAVE, 1, 3);
      const memory = memoryWith(lab, job, 1, 0, MPOL_BIND, 1, 3);
      move(lab, job, [1, 3], [2, 2]);
      return `${lab.policy(job)}, ${lab.vmaPolicy(memory)}`;
    },
    expect: { 0: 'interleave=1,3, bind=1,3', 5: 'interleave=2, bind=2' },
  },
  {
    id: 'policy-of-child-stays',
    kind: 'claim',
    sentence: 'Only the target\'s own policy is rewritten, and the old one freed; its child keeps the copy that it has.',
    sources: [{ from: 'deduced', at: '5/10, migrate_process_policy(): one task; fork() copies the policy' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_BIND, 1);
      const first = job.mempolicy!;
      const child = fork(lab, job);
      move(lab, job, [1], [2]);
      return `${lab.policy(job)}, child ${lab.policy(child)}, first refcnt ${first.refcnt}`;
    },
    expect: { 0: 'bind=1, child bind=1, first refcnt 1', 5: 'bind=2, child bind=1, first refcnt 0' },
  },
];

/** A job with a read-only file of two pages and a policy for it. */
function boundReadOnlyFile(lab: Lab): Mapping {
  const job = lab.job();
  const file = lab.mapFile(job, lab.file('/data/table', 2), 2, PROT_READ, MAP_PRIVATE);
  setVmaPolicy(lab, file, MPOL_BIND, 1);
  return file;
}

const vmas: readonly Behaviour[] = [
  {
    id: 'policy-order-before-pages',
    kind: 'claim',
    sentence: 'The policy of the task is rewritten first, then for each vma its policy and after that its pages.',
    sources: [code('mm/mmigrate.c, sys_migrate_pages()')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_BIND, 1);
      const memory = memoryWith(lab, job, 2, 2, MPOL_BIND, 1);
      let seen = 'no migrate_vma()';
      beforeCall(lab, 'migrate_vma', () => (seen = `task ${lab.policy(job)}, vma ${lab.vmaPolicy(memory)}, ${lab.pages(memory)}`));
      move(lab, job, [1], [2]);
      return seen;
    },
    expect: { 0: 'no migrate_vma()', 4: 'task bind=1, vma bind=1, N1=2', 5: 'task bind=2, vma bind=2, N1=2' },
  },
  {
    id: 'policy-bind-zone-order',
    kind: 'claim',
    sentence: 'BIND tries its nodes in ascending order again, so the one that was first need not be first any more.',
    sources: [code('migrate_policy(): bind_zonelist() of the new mask')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const memory = memoryWith(lab, job, 2, 1, MPOL_BIND, 1, 3);
      move(lab, job, FROM, TO);
      const order = zoneOrder(vmaAt(lab, memory).vm_policy!.zonelist!);
      lab.touch(memory);
      return `order ${order}; pages on ${lab.nodeOf(memory)}, ${lab.nodeOf(memory, 1)}`;
    },
    expect: { 0: 'order 1 3; pages on 1, 1', 4: 'order 1 3; pages on 2, 1', 5: 'order 0 2; pages on 2, 0' },
  },
  {
    id: 'policy-objects-part',
    kind: 'claim',
    sentence: 'Two vmas that one mbind() gave the same policy object have one each afterwards.',
    sources: [{ from: 'deduced', at: '5/10, migrate_vma_policy(): a new object for each vma' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4, 'none');
      const second = part(lab, memory, 2, 2);
      lab.must(job, 'mprotect', second.address, 2 * lab.k.m.PAGE_SIZE, PROT_READ);
      setVmaPolicy(lab, memory, MPOL_PREFERRED, 1);
      move(lab, job, [1], [2]);
      const [a, b] = [memory, second].map(mapping => vmaAt(lab, mapping).vm_policy!);
      return a === b ? `one, refcnt ${a!.refcnt}` : `two, refcnt ${a!.refcnt} and ${b!.refcnt}`;
    },
    expect: { 0: 'one, refcnt 2', 5: 'two, refcnt 1 and 1' },
  },
  {
    id: 'policy-of-mlocked',
    kind: 'defect',
    sentence: 'mlocked memory does not move, but its policy is rewritten: from then on the two disagree.',
    sources: [admitted, code('mm/mmigrate.c, sys_migrate_pages()')],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      const job = lab.job();
      const memory = memoryWith(lab, job, 2, 2, MPOL_BIND, 1);
      lab.must(job, 'mlock', memory.address, 2 * lab.k.m.PAGE_SIZE);
      move(lab, job, [1], [2]);
      return `${lab.pages(memory)}, ${lab.vmaPolicy(memory)}`;
    },
    expect: { 0: 'N1=2, bind=1', 5: 'N1=2, bind=2' },
  },
  {
    id: 'policy-of-deselected',
    kind: 'defect',
    sentence: 'From patch 7 on a read-only file is not migrated, but the policy of its vma is rewritten all the same.',
    sources: [admitted, { from: 'deduced', at: '5/10 and 7/10: the policy is rewritten before migrate_vma() selects' }],
    patch: 7,
    breaks: 7,
    scenario: lab => {
      const file = boundReadOnlyFile(lab);
      move(lab, file.task, [1], [2]);
      return `${lab.pages(file)}, ${lab.vmaPolicy(file)}`;
    },
    expect: { 0: 'N1=2, bind=1', 4: 'N2=2, bind=1', 5: 'N2=2, bind=2', 7: 'N1=2, bind=2' },
  },
];

/** A segment that its job has bound to node 1, the job's attachment of it, and the one of another process. */
function segment(lab: Lab): { readonly own: Mapping; readonly other: Mapping } {
  const job = lab.job();
  const id = newSegment(lab, job, 4);
  const own = attach(lab, job, id, 4);
  setVmaPolicy(lab, own, MPOL_BIND, 1);
  return { own, other: attach(lab, lab.job({ comm: 'other', node: 3 }), id, 4) };
}
const moved: Expectation = { 0: 'N1=4', 4: 'N1=2 N2=2', 5: 'N2=4' };

const shared: readonly Behaviour[] = [
  {
    id: 'policy-shm-in-object',
    kind: 'claim',
    sentence: 'The policy of a shared memory segment is rewritten in the segment: other processes are told the new one.',
    sources: [code('migrate_vma_policy(): policy_vma() calls set_policy() of the vma')],
    patch: 5,
    scenario: lab => {
      const { own, other } = segment(lab);
      move(lab, own.task, [1], [2]);
      return askPolicy(lab, other.task, other);
    },
    expect: { 0: 'bind=1', 5: 'bind=2' },
  },
  {
    id: 'policy-shm-new-memory',
    kind: 'claim',
    sentence: 'When the policy of a segment is rewritten another process, too, gets its new pages from the new node.',
    sources: [{ from: 'deduced', at: '5/10, migrate_vma_policy(), and shmem_get_policy() of 2.6.12' }],
    patch: 5,
    scenario: lab => {
      const { own, other } = segment(lab);
      lab.touch(part(lab, own, 0, 2));
      move(lab, own.task, [1], [2]);
      return touchAndSee(lab, other);
    },
    expect: moved,
  },
  {
    id: 'policy-shm-mapped-part',
    kind: 'claim',
    sentence: 'Of a segment the policy changes for the part that the target maps, not for the rest.',
    sources: [{ from: 'deduced', at: '5/10: policy_vma() works on the range of the vma' }],
    patch: 5,
    scenario: lab => {
      const { own, other } = segment(lab);
      lab.must(own.task, 'munmap', own.address, 2 * lab.k.m.PAGE_SIZE);
      move(lab, own.task, [1], [2]);
      return `${askPolicy(lab, other.task, other)} then ${askPolicy(lab, other.task, part(lab, other, 2, 2))}`;
    },
    expect: { 0: 'bind=1 then bind=1', 5: 'bind=1 then bind=2' },
  },
  {
    id: 'policy-shared-anonymous',
    kind: 'claim',
    sentence: 'Shared anonymous memory is such an object too: the child of the target is told the new policy.',
    sources: [{ from: 'deduced', at: '5/10, migrate_vma_policy(), and shmem_zero_setup() of 2.6.12' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const address = lab.must(job, 'mmap', 0, 2 * lab.k.m.PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      const memory = { task: job, address, pages: 2 };
      setVmaPolicy(lab, memory, MPOL_BIND, 1);
      const child = fork(lab, job);
      move(lab, job, [1], [2]);
      return askPolicy(lab, child, { ...memory, task: child });
    },
    expect: { 0: 'bind=1', 5: 'bind=2' },
  },
  {
    id: 'policy-shm-missed',
    kind: 'defect',
    sentence: 'A policy that another process gave to the segment is missed: pages move, those to come are from the old node.',
    sources: [kleen, code('migrate_vma_policy(): looks at vm_policy only')],
    patch: 5,
    scenario: lab => {
      const owner = lab.job({ comm: 'owner', node: 0 });
      const id = newSegment(lab, owner, 4);
      setVmaPolicy(lab, attach(lab, owner, id, 4), MPOL_BIND, 1);
      const own = attach(lab, lab.job(), id, 4);
      lab.touch(part(lab, own, 0, 2));
      move(lab, own.task, [1], [2]);
      return `${askPolicy(lab, own.task, own)}, ${touchAndSee(lab, own)}`;
    },
    expect: { 0: 'bind=1, N1=4', 4: 'bind=1, N1=2 N2=2' },
  },
  {
    id: 'policy-shm-overwritten',
    kind: 'defect',
    sentence: 'A policy that another process gave to a part of the segment since is overwritten with what the target\'s vma had.',
    sources: [kleen, { from: 'deduced', at: '5/10, migrate_vma_policy(): the vma\'s policy goes into the object for all of the vma\'s range' }],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      const { own, other } = segment(lab);
      const tail = part(lab, other, 2, 2);
      setVmaPolicy(lab, tail, MPOL_PREFERRED, 0);
      move(lab, own.task, [1], [2]);
      return askPolicy(lab, other.task, tail);
    },
    expect: { 0: 'prefer=0', 5: 'bind=2' },
  },
];

export const policies: readonly Behaviour[] = [...ofTask, ...ofVma, ...task, ...vmas, ...shared];
