/** Patch 6: mbind() and get_mempolicy() say, file by file, whether mapped pages are migrated. What comes of it is patch 7's. */
import { BAD_POINTER, type Task } from '@pmkit/mm-core';
import { MPOL_BIND, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_MAX, MPOL_MF_STRICT } from '@pmkit/mm-core/include/linux/mempolicy';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { AS_DO_MMIGRATE } from '@pmkit/p06-mbind-control/include/linux/pagemap';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { beforeCall, move, sideBySide } from './common.js';
import { bits, DEFAULT, DO, DO_NOT, mark, MPOL_F_MMIGRATE } from './marks.js';
import { MAXNODE, part, setVmaPolicy } from './policy-scenes.js';

const changelog: Source = { from: 'changelog', at: '6/10, Ray Bryant, 22 June 2005' };
const bind: Source = { from: 'code', at: '6/10, mbind_migration_policy() and sys_mbind()' };
const get: Source = { from: 'code', at: '6/10, sys_get_mempolicy()' };
const header: Source = { from: 'code', at: '6/10, include/linux/mempolicy.h' };
const object: Source = { from: 'mail', at: 'Andi Kleen, "manual page migration and madvise/mbind", May 2005: the state must live in the address_space' };

const FILE = '/data/table';
/** A mapping of the file for a job, read; made when it is not there. */
function table(lab: Lab, task: Task = lab.job(), pages = 2): Mapping {
  if (!lab.k.m.super_blocks.some(sb => sb.s_names.has(FILE))) lab.file(FILE, pages, 0o644);
  return lab.mapFile(task, FILE, pages, PROT_READ, MAP_SHARED);
}

const setting: readonly Behaviour[] = [
  {
    id: 'mbind-migrate-flags',
    kind: 'claim',
    sentence: 'mbind() takes three flags more: DO_MMIGRATE (4), DO_NOT_MMIGRATE (8) and MMIGRATE_DEFAULT (16).',
    sources: [{ from: 'overview', at: 'descriptions of the patches, patch 6' }, changelog, header],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      return sideBySide([DO, DO_NOT, DEFAULT].map(flags => mark(lab, file, flags)));
    },
    expect: { 0: '-EINVAL', 6: '0' },
  },
  {
    id: 'mbind-move-flag-reserved',
    kind: 'claim',
    sentence: 'Flag 1 << 1 is kept for an MPOL_MF_MOVE to come and stays -EINVAL.',
    sources: [header, changelog],
    patch: 6,
    scenario: lab => mark(lab, table(lab), 1 << 1),
    expect: { 0: '-EINVAL' },
  },
  {
    id: 'mbind-two-migrate-flags',
    kind: 'claim',
    sentence: 'More than one of the three flags is -EINVAL, and changes nothing.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const results = [DO | DO_NOT, DO | DEFAULT, DO_NOT | DEFAULT, DO | DO_NOT | DEFAULT].map(flags => mark(lab, file, flags));
      return `${sideBySide(results)}, ${bits(lab, file)}`;
    },
    expect: { 0: '-EINVAL, -EINVAL', 6: '-EINVAL, bits 0' },
  },
  {
    id: 'mbind-last-flag-counts',
    kind: 'claim',
    sentence: 'Each of the flags undoes the one before: a file is never marked both ways.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const told = [DO_NOT, DO, DO_NOT, DEFAULT].map(flags => {
        mark(lab, file, flags);
        return bits(lab, file);
      });
      return sideBySide(told, ', ');
    },
    expect: { 0: '-EINVAL', 6: 'bits 8, bits 4, bits 8, bits 0' },
  },
  {
    id: 'mbind-empty-range',
    kind: 'claim',
    sentence: 'An empty range is 0 before the migration flags are looked at, even when they contradict each other.',
    sources: [bind],
    patch: 6,
    scenario: lab => mark(lab, { ...table(lab), pages: 0 }, DO | DO_NOT),
    expect: { 0: '-EINVAL', 6: '0' },
  },
  {
    id: 'mbind-hole-in-range',
    kind: 'claim',
    sentence: 'A hole in the range, -EFAULT for a memory policy, does not matter to a migration policy: every file in the range is marked.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const behind = lab.mapFile(file.task, lab.file('/data/behind', 2), 2, PROT_READ, MAP_SHARED);
      lab.must(file.task, 'munmap', part(lab, file, 1, 1).address, lab.k.m.PAGE_SIZE);
      const both = { ...file, pages: (behind.address - file.address) / lab.k.m.PAGE_SIZE + behind.pages };
      return `policy ${mark(lab, both, 0)}; mark ${mark(lab, both, DO)}, ${sideBySide([bits(lab, file), bits(lab, behind)], ', ')}`;
    },
    expect: { 0: 'policy -EFAULT; mark -EINVAL, -EINVAL', 6: 'policy -EFAULT; mark 0, bits 4' },
  },
  {
    id: 'mbind-range-before-vma',
    kind: 'claim',
    sentence: 'A range in which nothing is mapped, below something that is, is 0 without any effect.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const gap = part(lab, file, 0, 1);
      lab.must(file.task, 'munmap', gap.address, lab.k.m.PAGE_SIZE);
      return `${mark(lab, gap, DO)}, ${bits(lab, part(lab, file, 1, 1))}`;
    },
    expect: { 0: '-EINVAL, -EINVAL', 6: '0, bits 0' },
  },
  {
    id: 'mbind-range-above-all',
    kind: 'claim',
    sentence: 'A range above everything that is mapped is -EFAULT.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      return mark(lab, part(lab, file, file.pages + 64, 1), DO);
    },
    expect: { 0: '-EINVAL', 6: '-EFAULT' },
  },
  {
    id: 'mbind-anonymous',
    kind: 'claim',
    sentence: 'Anonymous memory cannot be marked: mbind() passes over it and says 0, get_mempolicy() says -EINVAL.',
    sources: [bind, get],
    patch: 6,
    scenario: lab => {
      const memory = lab.anonymous(lab.job(), 2);
      return `set ${mark(lab, memory, DO_NOT)}, get ${bits(lab, memory)}`;
    },
    expect: { 0: 'set -EINVAL, get -EINVAL', 6: 'set 0, get -EINVAL' },
  },
  {
    id: 'mbind-mode-ignored',
    kind: 'claim',
    sentence: 'With a migration flag mode and mask do not count, but a mode that does not exist is -EINVAL all the same.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const { PAGE_SIZE } = lab.k.m;
      const result = lab.call(file.task, 'mbind', file.address, 2 * PAGE_SIZE, MPOL_BIND, BAD_POINTER, MAXNODE, DO);
      return `${lab.result(result)}, ${lab.vmaPolicy(file)}, no such mode ${mark(lab, file, DO, MPOL_MAX + 1)}`;
    },
    expect: { 0: '-EINVAL, default, no such mode -EINVAL', 6: '0, default, no such mode -EINVAL' },
  },
  {
    id: 'mbind-strict-ignored',
    kind: 'claim',
    sentence: 'With a migration flag MPOL_MF_STRICT is ignored: pages in the wrong place are no -EIO.',
    sources: [bind],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const strict = (flags: number): string =>
        lab.result(lab.call(file.task, 'mbind', file.address, 2 * lab.k.m.PAGE_SIZE, MPOL_BIND, nodemask_of(2), MAXNODE, MPOL_MF_STRICT | flags));
      const marked = strict(DO);
      return `with it ${marked}, alone ${strict(0)}`;
    },
    expect: { 0: 'with it -EINVAL, alone -EIO', 6: 'with it 0, alone -EIO' },
  },
  {
    id: 'mbind-strict-moves-nothing',
    kind: 'claim',
    sentence: 'MPOL_MF_STRICT still says -EIO for pages in the wrong place and moves none of them.',
    sources: [{ from: 'overview', at: 'unresolved issues, (3)' }],
    patch: 6,
    scenario: lab => {
      const memory = lab.anonymous(lab.job(), 2);
      const result = lab.call(memory.task, 'mbind', memory.address, 2 * lab.k.m.PAGE_SIZE, MPOL_BIND, nodemask_of(2), MAXNODE, MPOL_MF_STRICT);
      return `${lab.result(result)}, ${lab.pages(memory)}`;
    },
    expect: { 0: '-EIO, N1=2' },
  },
];

const inObject: readonly Behaviour[] = [
  {
    id: 'mark-seen-by-others',
    kind: 'claim',
    sentence: 'The setting is the file\'s, not the mapping\'s: another process that maps it is told it too.',
    sources: [object, changelog],
    patch: 6,
    scenario: lab => {
      mark(lab, table(lab), DO_NOT);
      return bits(lab, table(lab, lab.job({ comm: 'other', node: 2 })));
    },
    expect: { 0: '-EINVAL', 6: 'bits 8' },
  },
  {
    id: 'mark-is-sticky',
    kind: 'claim',
    sentence: 'The setting outlives the mapping, the descriptor and the process that made it.',
    sources: [changelog, object],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      mark(lab, file, DO_NOT);
      lab.must(file.task, 'munmap', file.address, 2 * lab.k.m.PAGE_SIZE);
      lab.call(file.task, 'exit', 0);
      return bits(lab, table(lab, lab.job({ comm: 'later' })));
    },
    expect: { 0: '-EINVAL', 6: 'bits 8' },
  },
  {
    id: 'mark-goes-with-object',
    kind: 'claim',
    sentence: 'The setting goes with the object in memory and is not kept on disk: a new file of the same name has none.',
    sources: [changelog, { from: 'deduced', at: '6/10: the bits are in address_space.flags, which nothing writes out' }],
    patch: 6,
    scenario: lab => {
      const old = table(lab);
      mark(lab, old, DO_NOT);
      const before = bits(lab, old);
      lab.must(lab.batchd, 'unlink', FILE);
      lab.must(old.task, 'munmap', old.address, 2 * lab.k.m.PAGE_SIZE);
      return sideBySide([before, bits(lab, table(lab))], ', then ');
    },
    expect: { 0: '-EINVAL', 6: 'bits 8, then bits 0' },
  },
  {
    id: 'mark-whole-file',
    kind: 'claim',
    sentence: 'A range of one page marks the whole file, of which all pages that the target maps then stay.',
    sources: [bind],
    patch: 7,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/data/result', 4), 4, PROT_READ | PROT_WRITE, MAP_SHARED);
      mark(lab, part(lab, file, 1, 1), DO_NOT);
      move(lab, job, [1], [2]);
      return `${bits(lab, part(lab, file, 3, 1))}, ${lab.pages(file)}`;
    },
    expect: { 0: '-EINVAL, N1=4', 4: '-EINVAL, N2=4', 6: 'bits 8, N2=4', 7: 'bits 8, N1=4' },
  },
  {
    id: 'mark-by-anybody',
    kind: 'defect',
    sentence: 'No permission is asked for: who can read a file of root\'s decides whether it is migrated, for everybody.',
    sources: [bind, { from: 'deduced', at: '6/10: there is no check in mbind_migration_policy()' }],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      mark(lab, table(lab, lab.job({ comm: 'guest', uid: 500 })), DO_NOT);
      return bits(lab, file);
    },
    expect: { 0: '-EINVAL', 6: 'bits 8' },
  },
  {
    id: 'mark-leaks-into-gfp',
    kind: 'defect',
    sentence: 'migrate_onepage() hands mapping->flags to the allocator as they are, the mark among them; it does no harm.',
    sources: [{ from: 'deduced', at: '6/10 and the context of -rc4 4/11: alloc_pages_node(nodeid, mapping->flags, 0)' }],
    patch: 6,
    breaks: 6,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/data/result', 1), 1, PROT_READ | PROT_WRITE, MAP_SHARED);
      mark(lab, file, DO);
      let gfp = 'no allocation';
      beforeCall(lab, 'alloc_pages_node', (_node, mask) => (gfp = (Number(mask) & AS_DO_MMIGRATE) === 0 ? 'gfp clean' : 'bit 22 in gfp'));
      return `${move(lab, job, [1], [2], file)}, ${gfp}`;
    },
    expect: { 0: '-ENOSYS, N1=1, no allocation', 4: '1, N2=1, gfp clean', 6: '1, N2=1, bit 22 in gfp' },
  },
];

const asking: readonly Behaviour[] = [
  {
    id: 'get-mempolicy-bits',
    kind: 'discrepancy',
    sentence: 'The setting comes back as 4 or 8, not in the bottom two bits of the policy as the changelog says.',
    sources: [{ from: 'changelog', at: '6/10: "bottom two bits"' }, get],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      const told = ([['DO', DO], ['DO_NOT', DO_NOT], ['DEFAULT', DEFAULT]] as const).map(([name, flags]) => {
        mark(lab, file, flags);
        const said = bits(lab, file);
        return said.startsWith('bits') ? `${name}: ${said.slice(5)}` : said;
      });
      return sideBySide(told, ', ');
    },
    expect: { 0: '-EINVAL', 6: 'DO: 4, DO_NOT: 8, DEFAULT: 0' },
  },
  {
    id: 'get-mempolicy-flags-together',
    kind: 'claim',
    sentence: 'MPOL_F_MMIGRATE goes with none of the other flags of get_mempolicy(): -EINVAL.',
    sources: [get],
    patch: 6,
    scenario: lab => {
      const { task, address } = table(lab);
      const ask = (flags: number): string => lab.result(lab.call(task, 'get_mempolicy', { value: 0 }, null, 0, address, MPOL_F_MMIGRATE | flags));
      return `alone ${ask(0)}, with others ${sideBySide([MPOL_F_ADDR, MPOL_F_NODE, MPOL_F_ADDR | MPOL_F_NODE].map(ask))}`;
    },
    expect: { 0: 'alone -EINVAL, with others -EINVAL', 6: 'alone 0, with others -EINVAL' },
  },
  {
    id: 'get-mempolicy-unmapped',
    kind: 'claim',
    sentence: 'Asking for the migration policy where nothing is mapped is -EFAULT.',
    sources: [get],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      return bits(lab, part(lab, file, file.pages, 1));
    },
    expect: { 0: '-EINVAL', 6: '-EFAULT' },
  },
  {
    id: 'get-mempolicy-bad-pointer',
    kind: 'claim',
    sentence: 'A bad pointer for the migration policy is -EFAULT.',
    sources: [get],
    patch: 6,
    scenario: lab => {
      const { task, address } = table(lab);
      return lab.result(lab.call(task, 'get_mempolicy', BAD_POINTER, null, 0, address, MPOL_F_MMIGRATE));
    },
    expect: { 0: '-EINVAL', 6: '-EFAULT' },
  },
  {
    id: 'get-mempolicy-mask-untouched',
    kind: 'claim',
    sentence: 'With MPOL_F_MMIGRATE the node mask is not written, whatever memory policy the mapping has.',
    sources: [get],
    patch: 6,
    scenario: lab => {
      const file = table(lab);
      setVmaPolicy(lab, file, MPOL_INTERLEAVE, 0, 2);
      const mask = nodemask_of(7);
      const result = lab.call(file.task, 'get_mempolicy', { value: 0 }, mask, MAXNODE, file.address, MPOL_F_MMIGRATE);
      const written = mask.some((word, i) => word !== nodemask_of(7)[i]);
      return `${lab.result(result)}, mask ${written ? 'written' : 'untouched'}`;
    },
    expect: { 0: '-EINVAL, mask untouched', 6: '0, mask untouched' },
  },
  {
    id: 'get-mempolicy-short-mask',
    kind: 'claim',
    sentence: 'Though it is not written, a node mask that is too short for all nodes is -EINVAL.',
    sources: [get],
    patch: 6,
    scenario: lab => {
      const { task, address } = table(lab);
      const ask = (maxnode: number): string => lab.result(lab.call(task, 'get_mempolicy', { value: 0 }, nodemask_of(), maxnode, address, MPOL_F_MMIGRATE));
      return `256 bits ${ask(256)}, 64 bits ${ask(64)}`;
    },
    expect: { 0: '256 bits -EINVAL, 64 bits -EINVAL', 6: '256 bits 0, 64 bits -EINVAL' },
  },
];

/** The batch scheduler marks files before it moves a job: the use that Ray Bryant had in mind. */
const effect: readonly Behaviour[] = [
  {
    id: 'mark-obeyed-from-patch-7',
    kind: 'claim',
    sentence: 'A writable file that the batch scheduler has mapped and marked DO_NOT stays where it is, but only from patch 7 on.',
    sources: [changelog, { from: 'mail', at: 'Ray Bryant, "manual page migration and madvise/mbind", May 2005: the batch manager maps the file and marks it' }],
    patch: 7,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/data/result', 2), 2, PROT_READ | PROT_WRITE, MAP_SHARED);
      mark(lab, lab.mapFile(lab.batchd, '/data/result', 2, PROT_READ, MAP_PRIVATE, 'none'), DO_NOT);
      move(lab, job, [1], [2]);
      return lab.pages(file);
    },
    expect: { 0: 'N1=2', 4: 'N2=2', 7: 'N1=2' },
  },
];

export const mbindControl: readonly Behaviour[] = [...setting, ...inObject, ...asking, ...effect];
