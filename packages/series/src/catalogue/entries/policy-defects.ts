/**
 * Patch 5 where it goes wrong: no memory for a policy, pages that do not follow, and the node map declared `unsigned int *`, for which a
 * node that is not moved (-1) passes for a node.
 */
import { injectError } from '@pmkit/linker';
import { get_page } from '@pmkit/mm-core/include/linux/mm';
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_PRIVATE, PROT_READ, type Lab } from '../lab.js';
import { move } from './common.js';
import { attach, memoryWith, newSegment, nextTurn, setPolicy, setVmaPolicy, touchAndSee } from './policy-scenes.js';

const code = (where: string): Source => ({ from: 'code', at: `5/10, ${where}` });
const unsigned: Source = { from: 'code', at: '5/10: `unsigned int *node_map`, where -rc1, -rc2 and -rc4 have signed types' };
const follows = (how: string): Source => ({ from: 'deduced', at: `5/10 and 2.6.12: ${how}` });
const kleen: Source = { from: 'mail', at: 'Andi Kleen, 23 June 2005, review of 5/10: il_next may leave the policy and BUG' };
const untested: Source = { from: 'mail', at: 'Ray Bryant to Andi Kleen, 23 June 2005: policies rewritten under a running task were not tested' };
const answer: Source = { from: 'mail', at: 'Ray Bryant to Andi Kleen, 23 June 2005: an il_next outside the policy does no BUG(), which is so for a node, not for -1' };

/** The system call's three arrays are had, and nothing after them. */
const ARRAYS = 3;

const failures: readonly Behaviour[] = [
  {
    id: 'policy-no-memory',
    kind: 'claim',
    sentence: 'Without memory for the new policy of the task the call is -ENOMEM, and nothing is changed or held.',
    sources: [code('migrate_process_policy()')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_BIND, 1);
      const memory = lab.anonymous(job, 2);
      const users = job.mm!.mm_users;
      injectError(lab.k, 'kmalloc', 0, { after: ARRAYS });
      const seen = move(lab, job, [1], [2], memory);
      return `${seen}, ${lab.policy(job)}, mm +${job.mm!.mm_users - users}`;
    },
    expect: { 0: '-ENOSYS, N1=2, bind=1, mm +0', 4: '2, N2=2, bind=1, mm +0', 5: '-ENOMEM, N1=2, bind=1, mm +0' },
  },
  {
    id: 'policy-no-memory-for-vma',
    kind: 'claim',
    sentence: 'Without memory for the policy of a vma the call ends there: vmas before it have moved, it and the rest have not.',
    sources: [code('mm/mmigrate.c, sys_migrate_pages()')],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 2);
      const second = memoryWith(lab, job, 3, 3, MPOL_BIND, 1);
      injectError(lab.k, 'kmalloc', 0, { after: ARRAYS });
      return move(lab, job, [1], [2], first, second);
    },
    expect: { 0: '-ENOSYS, N1=2, N1=3', 4: '5, N2=2, N2=3', 5: '-ENOMEM, N2=2, N1=3' },
  },
  {
    id: 'policy-changed-pages-stay',
    kind: 'claim',
    sentence: 'When pages are busy the call is -EAGAIN, but policies have been rewritten and stay so.',
    sources: [{ from: 'deduced', at: '5/10, sys_migrate_pages(): the policy comes first and nothing takes it back' }],
    patch: 5,
    scenario: lab => {
      const job = lab.job();
      const memory = memoryWith(lab, job, 1, 1, MPOL_BIND, 1);
      get_page(lab.k.m.mem_map, lab.frame(memory));
      const seen = move(lab, job, [1], [2], memory);
      return `${seen}, ${lab.vmaPolicy(memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=1, bind=1', 4: '-EAGAIN, N1=1, bind=1', 5: '-EAGAIN, N1=1, bind=2' },
  },
];

/** A job whose policy has nodes that the call, from node 1 to node 2, does not name; what it is then, and where new memory comes from. */
const withTaskPolicy = (mode: number, nodes: readonly number[], pages = 2) => (lab: Lab): string => {
  const job = lab.job();
  // so that there is a page table: a new one would be allocated by turns
  lab.anonymous(job, 1);
  setPolicy(lab, job, mode, ...nodes);
  move(lab, job, [1], [2]);
  return `${lab.policy(job)}, ${touchAndSee(lab, lab.anonymous(job, pages, 'none'))}`;
};
const withVmaPolicy = (mode: number, ...nodes: readonly number[]) => (lab: Lab): string => {
  const memory = memoryWith(lab, lab.job(), 2, 0, mode, ...nodes);
  move(lab, memory.task, [1], [2]);
  return `${lab.vmaPolicy(memory)}, ${touchAndSee(lab, memory)}`;
};

const lost: readonly Behaviour[] = [
  {
    id: 'unsigned-preferred',
    kind: 'defect',
    sentence: 'PREFERRED of a node that is not moved becomes "local", as its -1 is stored in a short.',
    sources: [unsigned, follows('preferred_node is a short, and -1 means the local node')],
    patch: 5,
    breaks: 5,
    scenario: withTaskPolicy(MPOL_PREFERRED, [3]),
    expect: { 0: 'prefer=3, N3=2', 5: 'prefer=local, N1=2' },
  },
  {
    id: 'unsigned-interleave-drops',
    kind: 'defect',
    sentence: 'INTERLEAVE loses its nodes that are not moved: bit -1 is set in front of the mask.',
    sources: [unsigned, follows('set_bit() of a negative number')],
    patch: 5,
    breaks: 5,
    scenario: withTaskPolicy(MPOL_INTERLEAVE, [0, 1, 3], 6),
    expect: { 0: 'interleave=0-1,3, N0=2 N1=2 N3=2', 5: 'interleave=2, N2=6' },
  },
  {
    id: 'unsigned-bind-drops',
    kind: 'defect',
    sentence: 'BIND loses its nodes that are not moved.',
    sources: [unsigned, follows('set_bit() of a negative number')],
    patch: 5,
    breaks: 5,
    scenario: withTaskPolicy(MPOL_BIND, [0, 1, 3]),
    expect: { 0: 'bind=0-1,3, N0=2', 5: 'bind=2, N2=2' },
  },
  {
    id: 'unsigned-bind-empty',
    kind: 'defect',
    sentence: 'BIND to nodes none of which is moved becomes an empty zonelist, and memory comes from the node of the CPU.',
    sources: [unsigned, follows('zonelist_policy() asks the cpuset whether a zone of the list may be used')],
    patch: 5,
    breaks: 5,
    scenario: withVmaPolicy(MPOL_BIND, 0, 3),
    expect: { 0: 'bind=0,3, N0=2', 5: 'bind=, N1=2' },
  },
  {
    id: 'unsigned-bind-empty-no-cpusets',
    kind: 'defect',
    sentence: 'Without CONFIG_CPUSETS nobody notices that the zonelist is empty: no page can be had, and the job is killed.',
    sources: [unsigned, follows('cpuset_zonelist_valid_mems_allowed() is 1 without cpusets; a fault without a page is VM_FAULT_OOM')],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      lab.boot({ machine: { config: { CONFIG_CPUSETS: false } } });
      return withVmaPolicy(MPOL_BIND, 0, 3)(lab);
    },
    expect: { 0: 'bind=0,3, N0=2', 5: 'bind=, job killed by VM' },
  },
  {
    id: 'unsigned-interleave-empty-vma',
    kind: 'defect',
    sentence: 'INTERLEAVE over nodes none of which is moved becomes an empty mask: a BUG() at the next page of that memory.',
    sources: [unsigned, follows('offset_il_node() takes the remainder by the number of nodes')],
    patch: 5,
    breaks: 5,
    scenario: withVmaPolicy(MPOL_INTERLEAVE, 0, 3),
    expect: { 0: 'interleave=0,3, N0=1 N3=1', 5: 'interleave=, BUG in offset_il_node()' },
  },
  {
    id: 'unsigned-interleave-empty-task',
    kind: 'defect',
    sentence: 'A task whose INTERLEAVE policy has become an empty mask hits a BUG() at its next page.',
    sources: [unsigned, follows('offset_il_node() takes the remainder by the number of nodes')],
    patch: 5,
    breaks: 5,
    scenario: withTaskPolicy(MPOL_INTERLEAVE, [0, 3]),
    expect: { 0: 'interleave=0,3, N0=1 N3=1', 5: 'interleave=, BUG in offset_il_node()' },
  },
  {
    id: 'unsigned-interleave-shared',
    kind: 'defect',
    sentence: 'When the empty mask is that of a shared memory segment, another process dies of it.',
    sources: [unsigned, follows('shmem_get_policy() gives it to all who map the segment')],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      const job = lab.job();
      const id = newSegment(lab, job, 2);
      setVmaPolicy(lab, attach(lab, job, id, 2), MPOL_INTERLEAVE, 0, 3);
      const other = attach(lab, lab.job({ comm: 'other' }), id, 2);
      move(lab, job, [1], [2]);
      const seen = touchAndSee(lab, other);
      return `${seen}, other ${other.task.state === 'R' ? 'lives' : 'dies'}`;
    },
    expect: { 0: 'N0=1 N3=1, other lives', 5: 'BUG in offset_il_node(), other dies' },
  },
  {
    id: 'unsigned-il-next',
    kind: 'defect',
    sentence: 'An il_next that is not moved becomes -1, and the next allocation by turns is a BUG().',
    sources: [unsigned, kleen, answer, untested, follows('interleave_nodes() has a BUG_ON() for a node of MAX_NUMNODES and more')],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_INTERLEAVE, 0, 1);
      move(lab, job, [1], [2]);
      const next = nextTurn(lab, job);
      // the page cache is filled by turns
      const file = lab.mapFile(job, lab.file('/file', 2), 2, PROT_READ, MAP_PRIVATE, 'none');
      return `next ${next}, ${touchAndSee(lab, file, 'read')}`;
    },
    expect: { 0: 'next 0, N0=1 N1=1', 5: 'next -1, BUG in interleave_nodes()' },
  },
  {
    id: 'unsigned-second-call',
    kind: 'defect',
    sentence: 'The same call made again destroys what the first one wrote, as the new node is not an old one.',
    sources: [unsigned, follows('node_map has -1 for the new node')],
    patch: 5,
    breaks: 5,
    scenario: lab => {
      const job = lab.job();
      setPolicy(lab, job, MPOL_BIND, 1);
      move(lab, job, [1], [2]);
      const first = lab.policy(job);
      move(lab, job, [1], [2]);
      return `${first}, then ${lab.policy(job)}`;
    },
    expect: { 0: 'bind=1, then bind=1', 5: 'bind=2, then bind=' },
  },
];

export const policyDefects: readonly Behaviour[] = [...failures, ...lost];
