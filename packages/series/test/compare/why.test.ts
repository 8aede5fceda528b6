/** Why a page is where it is. */
import { describe, expect, it } from 'vitest';
import { injectError } from '@pmkit/linker';
import { get_page } from '@pmkit/mm-core/include/linux/mm';
import { Lab, type Mapping } from '../../src/catalogue/index.js';
import { alike, explain, whyAtEveryLevel, type Verdict } from '../../src/compare/index.js';

const at = (level: number) => ({ level, hotplug: false });
const TOP = at(9);
const short = ({ pages, from, to, rule, symbol, patch }: Verdict): string => `${pages} N${from}→N${to} ${rule} [${symbol}, ${patch.replace('.patch', '')}]`;
const why = (scenario: (lab: Lab) => void, level = 9): string[] => explain(lab => { scenario(lab); return ''; }, at(level), { task: 'job' }).verdicts.map(short);
const SELECTION = 'sys_migrate_pages-migration-selection-rc3';

describe('the rule that decided', () => {
  it('before patch 4: there is no such system call', () => {
    expect(why(lab => { const job = lab.job(); lab.anonymous(job, 2); lab.migrate(job, [1], [2]); }, 3)).toEqual([
      '2 N1→N1 the kernel has no such system call [sys_ni_syscall, AA-PM-99-x86_64-IMMOVABLE]',
    ]);
  });
  it('moved: in a mapping that is migrated, on an old node', () => {
    expect(why(lab => { const job = lab.job(); lab.anonymous(job, 3); lab.migrate(job, [1], [2]); })).toEqual([
      `3 N1→N2 it is in a mapping that is migrated, on an old node [migrate_vma, ${SELECTION}]`,
    ]);
  });
  it('zero page, hole, and a page on another node lie beside each other and are told apart', () => {
    expect(why(lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4, 'none');
      lab.touch({ ...memory, pages: 1 }, 'read');
      job.cpu = 6;
      lab.touch({ ...memory, address: memory.address + lab.k.m.PAGE_SIZE, pages: 1 });
      lab.migrate(job, [1], [2]);
    }).map(line => line.replace(/ \[.*/, ''))).toEqual([
      '1 N0→N0 the zero page is mapped without being counted, and is passed over',
      '1 N3→N3 node 3 is not one of the old nodes',
      '2 N-1→N-1 nothing is mapped here: never touched, or swapped out',
    ]);
  });
  it.each<[string, (lab: Lab, file: Mapping) => void, string]>([
    ['without VM_WRITE', () => undefined, 'a mapped file without VM_WRITE is not moved unless mbind() says so'],
    ['mlocked', (lab, file) => { lab.must(file.task, 'mlock', file.address, 2 * lab.k.m.PAGE_SIZE); }, 'mlocked memory is not moved'],
    ['marked by mbind()', (lab, file) => { lab.must(file.task, 'mbind', file.address, lab.k.m.PAGE_SIZE, 0, null, 0, 8); }, 'mbind() has said that the file is not migrated'],
  ])('a mapping that is passed over: %s', (_, prepare, rule) => {
    expect(why(lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/data/table', 2), 2, 1, 1);
      prepare(lab, file);
      lab.migrate(job, [1], [2]);
    })).toEqual([`2 N1→N1 ${rule} [migrate_vma, ${SELECTION}]`]);
  });
  it('the call was refused: the caller is a stranger', () => {
    expect(why(lab => { const job = lab.job({ uid: 1000 }); lab.anonymous(job, 1); lab.migrate(job, [1], [2], lab.job({ comm: 'other', uid: 1001 })); })).toEqual([
      '1 N1→N1 the call was refused with -EPERM: the caller is neither of the user of the process nor CAP_SYS_ADMIN [sys_migrate_pages, sys_migrate_pages-permissions-check]',
    ]);
  });
  it('the call was refused: a node is on both sides', () => {
    expect(why(lab => { const job = lab.job(); lab.anonymous(job, 1); lab.migrate(job, [1, 2], [2, 3]); })[0]).toContain('-EINVAL: a node is out of range, a new one is not online, or one is on both sides');
  });
  it('a page that could not be moved, with what became of it, and the mapping after it', () => {
    const verdicts = why(lab => {
      const job = lab.job();
      const held = lab.anonymous(job, 2);
      // between the two a hole, so that they are two mappings
      const second = lab.anonymous(job, 3);
      lab.must(job, 'munmap', second.address, lab.k.m.PAGE_SIZE);
      get_page(lab.k.m.mem_map, lab.frame(held));
      lab.migrate(job, [1], [2]);
    });
    expect(verdicts[0]).toMatch(/^1 N1→N1 it could not be moved \(-\w+\): it is back on the LRU with a reference too many/);
    expect(verdicts[1]).toContain('1 N1→N2 it is in a mapping that is migrated');
    expect(verdicts[2]).toMatch(/^2 N1→N1 the call ended with -EAGAIN at the mapping at 0x2000000000000000, before it came here/);
  });
  it('a policy that could not be rewritten', () => {
    expect(why(lab => {
      const job = lab.job();
      lab.anonymous(job, 1);
      lab.must(job, 'set_mempolicy', 1, Uint32Array.of(2, 0, 0, 0, 0, 0, 0, 0), 257);
      injectError(lab.k, 'migrate_process_policy', -12);
      lab.migrate(job, [1], [2]);
    })).toEqual(['1 N1→N1 the call was refused with -ENOMEM: there is no memory to rewrite the policy of the process [sys_migrate_pages, sys_migrate_pages-permissions-check]']);
  });
  it('a page mapped twice was moved with the first mapping', () => {
    const verdicts = why(lab => {
      const job = lab.job();
      const path = lab.file('/data/result', 1);
      lab.mapFile(job, path, 1, 3, 1);
      lab.mapFile(job, path, 1, 1, 1);
      lab.migrate(job, [1], [2]);
    }, 6);
    expect(verdicts.map(line => line.replace(/ \[.*/, ''))).toEqual([
      '1 N1→N2 it is in a mapping that is migrated, on an old node', '1 N1→N2 it was moved with another mapping of it, earlier in the call',
    ]);
  });
  it('a page that went to another node than asked: the new one is full', () => {
    const verdicts = why(lab => {
      lab.boot({ machine: { nodes: [0, 1, 2, 3].map(id => ({ id, pages: id === 2 ? 64 : 256, cpus: [2 * id, 2 * id + 1] })) } });
      const filler = lab.job({ comm: 'filler', node: 2 });
      lab.anonymous(filler, 60);
      const job = lab.job();
      lab.anonymous(job, 8);
      lab.migrate(job, [1], [2]);
    });
    expect(verdicts.at(-1)).toMatch(/N1→N[03] it is in a mapping that is migrated, on an old node; node 2 has no room, or is not allowed to the caller/);
  });
});

describe('the question', () => {
  const scenario = (lab: Lab): string => {
    const job = lab.job();
    lab.anonymous(job, 4);
    lab.mapFile(job, lab.file('/lib/libm.so', 2), 2, 1, 2);
    return lab.result(lab.migrate(job, [1], [2]));
  };
  const START = 0x2000_0000_0000_0000;

  it('may be about one page', () => {
    const { verdicts } = explain(scenario, TOP, { task: 'job', address: START + 16384, pages: 1 });
    expect(verdicts.map(({ start, pages }) => [start - START, pages])).toEqual([[16384, 1]]);
  });
  it('is, with an address alone, about the rest of its mapping', () => {
    const { verdicts } = explain(scenario, TOP, { task: 'job', address: START + 16384 });
    expect(verdicts.map(({ start, pages }) => [start - START, pages])).toEqual([[16384, 3]]);
  });
  it('gets an answer from every level, and levels that say the same are one', () => {
    expect(alike(whyAtEveryLevel(scenario, { task: 'job' })).map(({ levels, explanation }) => [levels, explanation.result])).toEqual([
      ['0-3', '-ENOSYS'], ['4-6', '6'], ['7-10', '4'],
    ]);
  });
  it('has no answer where the tree does not build', () => {
    const tree = { level: 4, hotplug: true };
    expect(explain(scenario, tree, { task: 'job' })).toEqual({ tree, builds: false, result: null, verdicts: [] });
  });
  it('about a process for which no call is made has no answer', () => {
    expect(explain(scenario, TOP, { task: 'nobody' })).toEqual({ tree: TOP, builds: true, result: null, verdicts: [] });
  });
});
