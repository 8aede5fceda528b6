/** Patch 7: which vmas of the target are migrated. */
import { VM_IO } from '@pmkit/mm-core/include/linux/mm_types';
import { SHM_RDONLY } from '@pmkit/mm-core/include/linux/shm';
import { elfProgram } from '@pmkit/mm-core/model/elf';
import type { Task } from '@pmkit/mm-core';
import type { Behaviour, Expectation, Source } from '../behaviour.js';
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { vmaText } from '../recording.js';
import { move } from './common.js';
import { DEFAULT, DO, DO_NOT, mark } from './marks.js';
import { attach, fork, mappingOf, newSegment, vmaAt } from './policy-scenes.js';

const overview: Source = { from: 'overview', at: 'summary, (2): the algorithm' };
const background: Source = { from: 'overview', at: 'background: what is not migrated by default' };
const override: Source = { from: 'overview', at: 'background: the default decisions can be overridden' };
const code: Source = { from: 'code', at: '7/10, migrate_vma(): VM_LOCKED and VM_IO, no file, the two marks, VM_WRITE, in this order' };
const origin: Source = { from: 'mail', at: 'Ray Bryant to Christoph Hellwig, 28 May 2005: the VM_WRITE rule' };
const follows = (how: string): Source => ({ from: 'deduced', at: `7/10: ${how}` });

/** Two pages at every level: what is migrated always, what is from patch 4 on, and what no longer is from patch 7 on. */
const NEVER: Expectation = { 0: 'N1=2' };
const MOVES: Expectation = { 0: 'N1=2', 4: 'N2=2' };
const DESELECTED: Expectation = { 0: 'N1=2', 4: 'N2=2', 7: 'N1=2' };

/** Where two pages of a job are after a move from node 1 to node 2; `prepare` maps them and says what else is to be looked at. */
const placed = (prepare: (lab: Lab, job: Task) => Mapping) => (lab: Lab): string => {
  const job = lab.job();
  const mapping = prepare(lab, job);
  move(lab, job, [1], [2]);
  return lab.pages(mapping);
};
const mapped = (path: string, prot: number, flags: number, access: 'read' | 'write' = 'read') => (lab: Lab, job: Task): Mapping =>
  lab.mapFile(job, lab.file(path, 2), 2, prot, flags, access);
const protectAgain = (lab: Lab, mapping: Mapping): Mapping => {
  lab.must(mapping.task, 'mprotect', mapping.address, mapping.pages * lab.k.m.PAGE_SIZE, PROT_READ);
  return mapping;
};
const READ_WRITE = PROT_READ | PROT_WRITE;

function entry(id: string, sentence: string, sources: readonly Source[], expect: Expectation, scenario: Behaviour['scenario']): Behaviour {
  return { id, kind: 'claim', sentence, sources, patch: 7, expect, scenario };
}

const anonymous: readonly Behaviour[] = [
  entry('select-anonymous', 'Anonymous memory is migrated.', [overview, code], MOVES, placed((lab, job) => lab.anonymous(job, 2))),
  entry('select-anonymous-read-only', 'Anonymous memory that was made read-only is migrated too: without a file nobody looks at VM_WRITE.',
    [code, follows('a vma without vm_file is migrated before VM_WRITE is tested')], MOVES, placed((lab, job) => protectAgain(lab, lab.anonymous(job, 2)))),
  entry('select-shared-anonymous', 'Shared anonymous memory is a file to the kernel, but a writable one, and migrated.', [code, follows('anonymous is a vma without vm_file')],
    MOVES, placed((lab, job) => sharedAnonymous(lab, job))),
  {
    ...entry('select-shared-anonymous-ro', 'A process that has made its shared anonymous memory read-only keeps it on the old node.',
      [code, follows('anonymous is a vma without vm_file')], DESELECTED, placed((lab, job) => protectAgain(lab, sharedAnonymous(lab, job)))),
    kind: 'defect',
    breaks: 7,
  },
  entry('select-shm', 'A SysV segment that is attached for writing is migrated.', [code, follows('a segment has a file')], MOVES,
    placed((lab, job) => segment(lab, job))),
  {
    ...entry('select-shm-read-only', 'A SysV segment that the target has attached for reading only is not migrated, though it is memory of its job.',
      [code, follows('a segment has a file')], DESELECTED, placed((lab, job) => segment(lab, job, SHM_RDONLY))),
    kind: 'defect',
    breaks: 7,
  },
];

function sharedAnonymous(lab: Lab, job: Task): Mapping {
  const address = lab.must(job, 'mmap', 0, 2 * lab.k.m.PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const mapping = { task: job, address, pages: 2 };
  lab.touch(mapping);
  return mapping;
}
/** A segment that another process of the job, also on node 1, has written. */
function segment(lab: Lab, job: Task, flags = 0): Mapping {
  const writer = lab.job({ comm: 'writer' });
  const id = newSegment(lab, writer, 2);
  lab.touch(attach(lab, writer, id, 2));
  const own = attach(lab, job, id, 2, flags);
  lab.touch(own, 'read');
  return own;
}

/** A statically linked program of two pages of text, two of data and two of bss, after start-up on node 1; it has used all of it. */
export function program(lab: Lab): { readonly job: Task; readonly text: Mapping; readonly data: Mapping } {
  const path = lab.file('/data/bin/solver', 4, 0o755);
  const sb = lab.k.m.super_blocks.find(candidate => candidate.s_names.has(path))!;
  sb.s_names.get(path)!.program = elfProgram({ text: 2, data: 2, bss: 2 });
  const job = lab.job({ program: path });
  const segments: Mapping[] = [];
  for (let vma = job.mm!.mmap; vma !== null; vma = vma.vm_next) if (vma.vm_file?.f_path === path) segments.push(mappingOf(lab, job, vma));
  const isText = (mapping: Mapping): boolean => vmaText(vmaAt(lab, mapping)).startsWith('r-x');
  const text = segments.find(isText)!;
  const data = segments.find(mapping => !isText(mapping))!;
  lab.touch(text, 'read');
  lab.touch(data);
  return { job, text, data };
}
const programPlaced = (lab: Lab): string => {
  const { job, text, data } = program(lab);
  move(lab, job, [1], [2]);
  return `text ${lab.pages(text)}, data ${lab.pages(data)}`;
};

const files: readonly Behaviour[] = [
  entry('select-library-text', 'The text of a shared library, mapped for reading and executing, is not migrated.', [overview, background, code], DESELECTED,
    placed(mapped('/lib/libm.so', PROT_READ | PROT_EXEC, MAP_PRIVATE))),
  entry('select-library-data', 'The data segment of a shared library, private and writable, is migrated.', [code, follows('VM_WRITE is set')], MOVES,
    placed(mapped('/lib/libm.so', READ_WRITE, MAP_PRIVATE, 'write'))),
  {
    ...entry('select-library-data-of-others', 'With the data segment of a library go its pages that nobody has written yet, and that all its users share.',
      [follows('the rule looks at the vma, not at the page')], { 0: 'the other\'s N1=2', 4: 'the other\'s N2=2' }, lab => {
        const other = lab.mapFile(lab.job({ comm: 'other' }), lab.file('/lib/libm.so', 2), 2, READ_WRITE, MAP_PRIVATE);
        const job = lab.job();
        lab.mapFile(job, '/lib/libm.so', 2, READ_WRITE, MAP_PRIVATE);
        move(lab, job, [1], [2]);
        return `the other's ${lab.pages(other)}`;
      }),
    kind: 'defect',
  },
  entry('select-locale-file', 'A read-only file below /usr/lib, as for national language support, is not migrated.', [overview, background], DESELECTED,
    placed(mapped('/usr/lib/locale/locale-archive', PROT_READ, MAP_PRIVATE))),
  {
    ...entry('select-user-data-read-only', 'A data file of the user\'s that is mapped read-only is not migrated either, which is not what one wants.',
      [overview, background], DESELECTED, placed(mapped('/data/table', PROT_READ, MAP_SHARED))),
    kind: 'defect',
    breaks: 7,
  },
  entry('select-user-data', 'A file that is mapped shared and writable is migrated.', [overview, code], MOVES,
    placed(mapped('/data/result', READ_WRITE, MAP_SHARED, 'write'))),
  {
    ...entry('select-executable', 'The program itself is not migrated by default: the overview says so, a comment in mempolicy.h says that it is.',
      [overview, { from: 'code', at: '6/10, include/linux/mempolicy.h, comment: "and the program executable"' }, code],
      { 0: 'text N1=2, data N1=2', 4: 'text N2=2, data N2=2', 7: 'text N1=2, data N2=2' }, programPlaced),
    kind: 'discrepancy',
  },
  {
    ...entry('select-mprotected-copies', 'Private copies of a file\'s pages stay behind when the memory was made read-only after they were written.',
      [follows('the vma has a file and no VM_WRITE, whatever its pages are')], DESELECTED,
      placed((lab, job) => protectAgain(lab, mapped('/data/state', READ_WRITE, MAP_PRIVATE, 'write')(lab, job)))),
    kind: 'defect',
    breaks: 7,
  },
  entry('select-by-vma', 'What a read-only mapping keeps, a writable mapping of the same file takes along: the rule is for vmas, not for pages.',
    [follows('each vma is looked at by itself')], { 0: '-ENOSYS, N1=2', 4: '2, N2=2' }, lab => {
      const job = lab.job();
      const reading = mapped('/data/result', PROT_READ, MAP_SHARED)(lab, job);
      lab.mapFile(job, '/data/result', 2, READ_WRITE, MAP_SHARED);
      return move(lab, job, [1], [2], reading);
    }),
  entry('select-by-target', 'A file that the target maps read-only stays, though another process maps it writable.',
    [follows('only the target\'s vmas are looked at')], DESELECTED, lab => {
      const writer = lab.job({ comm: 'writer' });
      mapped('/data/result', READ_WRITE, MAP_SHARED, 'write')(lab, writer);
      const job = lab.job();
      const reading = lab.mapFile(job, '/data/result', 2, PROT_READ, MAP_SHARED);
      move(lab, job, [1], [2]);
      return lab.pages(reading);
    }),
  entry('select-only-one-process', 'A file that a parent maps read-only and its child writable moves with the child alone.',
    [follows('only the target\'s vmas are looked at')], { 0: 'N1=2, N1=2', 4: 'N2=2, N2=2', 7: 'N1=2, N2=2' }, lab => {
      const job = lab.job();
      const file = protectAgain(lab, mapped('/data/result', READ_WRITE, MAP_SHARED)(lab, job));
      const child = fork(lab, job);
      lab.must(child, 'mprotect', file.address, 2 * lab.k.m.PAGE_SIZE, READ_WRITE);
      move(lab, job, [1], [2]);
      const afterParent = lab.pages(file);
      move(lab, child, [1], [2]);
      return `${afterParent}, ${lab.pages(file)}`;
    }),
  entry('select-count', 'The result counts what was selected only: four anonymous pages, three of text, two of data.', [code, follows('a vma that is not selected returns 0')],
    { 0: '-ENOSYS', 4: '9', 7: '6' }, lab => {
      const job = lab.job();
      lab.anonymous(job, 4);
      lab.mapFile(job, lab.file('/lib/libm.so', 3), 3, PROT_READ | PROT_EXEC, MAP_PRIVATE);
      lab.mapFile(job, lab.file('/data/state', 2), 2, READ_WRITE, MAP_PRIVATE, 'write');
      return move(lab, job, [1], [2]);
    }),
];

/**
 * Where two pages of a vma are that has VM_IO, as those of device drivers have. They are read once more: get_user_pages() refuses such a vma, so what
 * is moved is not mapped again by the migration.
 */
const placedForDevice = (...flags: readonly number[]) => (lab: Lab): string => {
  const job = lab.job();
  const device = marked(lab, mapped('/data/result', READ_WRITE, MAP_SHARED)(lab, job), ...flags);
  vmaAt(lab, device).vm_flags |= VM_IO;
  move(lab, job, [1], [2]);
  lab.touch(device, 'read');
  return lab.pages(device);
};
function locked(lab: Lab, mapping: Mapping): Mapping {
  lab.must(mapping.task, 'mlock', mapping.address, mapping.pages * lab.k.m.PAGE_SIZE);
  return mapping;
}
const marked = (lab: Lab, mapping: Mapping, ...flags: readonly number[]): Mapping => {
  for (const flag of flags) mark(lab, mapping, flag);
  return mapping;
};

const overrides: readonly Behaviour[] = [
  entry('select-vm-io', 'A vma with VM_IO is not migrated, writable or not.', [code], DESELECTED, placedForDevice()),
  entry('select-vm-io-marked', 'A vma with VM_IO stays also when its file is marked DO_MMIGRATE.', [code], DESELECTED, placedForDevice(DO)),
  entry('select-mlocked-marked', 'mlocked memory stays also when its file is marked DO_MMIGRATE.', [code], NEVER,
    placed((lab, job) => locked(lab, marked(lab, mapped('/data/result', READ_WRITE, MAP_SHARED)(lab, job), DO)))),
  entry('select-marked-read-only', 'A read-only file of the user\'s that is marked DO_MMIGRATE is migrated.', [override, code],
    { 0: '-EINVAL, N1=2', 4: '-EINVAL, N2=2', 6: '0, N2=2' }, lab => {
      const job = lab.job();
      const file = mapped('/data/table', PROT_READ, MAP_SHARED)(lab, job);
      const result = mark(lab, file, DO);
      move(lab, job, [1], [2]);
      return `${result}, ${lab.pages(file)}`;
    }),
  entry('select-marked-executable', 'A program whose file is marked DO_MMIGRATE is migrated as a whole.', [override, code],
    { 0: 'text N1=2, data N1=2', 4: 'text N2=2, data N2=2' }, lab => {
      const { job, text, data } = program(lab);
      marked(lab, text, DO);
      move(lab, job, [1], [2]);
      return `text ${lab.pages(text)}, data ${lab.pages(data)}`;
    }),
  entry('select-marked-writable', 'A writable file that is marked DO_NOT_MMIGRATE is not migrated.', [override, code, origin], DESELECTED,
    placed((lab, job) => marked(lab, mapped('/data/result', READ_WRITE, MAP_SHARED)(lab, job), DO_NOT))),
  entry('select-marked-default', 'MMIGRATE_DEFAULT takes a mark back: the rule is VM_WRITE again.', [code, { from: 'code', at: '6/10, mbind_migration_policy()' }], DESELECTED,
    placed((lab, job) => marked(lab, mapped('/data/table', PROT_READ, MAP_SHARED)(lab, job), DO, DEFAULT))),
  entry('select-marked-shm', 'A SysV segment can be marked as well: attached for reading only, it is migrated then.', [code, follows('a segment has a file')], MOVES,
    placed((lab, job) => marked(lab, segment(lab, job, SHM_RDONLY), DO))),
  entry('select-marked-anonymous', 'Anonymous memory cannot be kept: a mark is not possible, and it is migrated.',
    [code, { from: 'code', at: '6/10: vmas without a file are passed over' }], MOVES, placed((lab, job) => marked(lab, lab.anonymous(job, 2), DO_NOT))),
];

export const selection: readonly Behaviour[] = [...anonymous, ...files, ...overrides];
