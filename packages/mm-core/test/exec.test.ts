import { beforeEach, describe, expect, it } from 'vitest';
import { STACK_TOP } from '../src/include/asm-ia64/processor.js';
import { EACCES, ELIBBAD, ENOENT, ENOEXEC } from '../src/include/linux/errno.js';
import { PageAnon, page_mapcount } from '../src/include/linux/mm.js';
import { VM_DENYWRITE, VM_EXECUTABLE, VM_GROWSUP, VM_RESERVED } from '../src/include/linux/mm_types.js';
import { RLIMIT_STACK } from '../src/include/linux/resource.js';
import { CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCHLD, SIGKILL, SIGSEGV } from '../src/include/linux/sched.js';
import { NULL_PAGE } from '../src/include/linux/types.js';
import { load, NO_RESULT, runKernel, spawn, store, syscall, type Kernel, type Task } from '../src/index.js';
import { elfProgram, type ElfProgram } from '../src/model/elf.js';
import { bootSpace, call, consistent, from, k, map, must, newFile, open, PAGE, pageAt, pteOf, s, task, useSpace, vmas } from './memory.js';

const TEXT = 0x4000_0000_0000_0000;
const DATA = 0x6000_0000_0000_0000;
beforeEach(() => useSpace(bootSpace()));

/** A program file; its size is that of text and data. */
function install(path: string, program: Parameters<typeof elfProgram>[0], mode = 0o755): ElfProgram {
  const elf = elfProgram(program);
  newFile(s, path, elf.text + elf.data, mode).program = elf;
  return elf;
}
/** A dynamic program with one library and a locale file. */
function installJob(): void {
  install('/data/ld.so', { e_type: 'ET_DYN', text: 4, data: 2, bss: 1, gap: 2 });
  install('/data/libm.so', { e_type: 'ET_DYN', text: 6, data: 3, bss: 2, gap: 1, relocated: 1, startup: 2 });
  newFile(s, '/data/locale', 5, 0o644);
  install('/data/job', { text: 5, data: 3, bss: 2, interp: '/data/ld.so', needed: ['/data/libm.so'], locale: ['/data/locale'], relocated: 1, startup: 2 });
}
const execve = (path: string, of: Task = task): number => syscall(k, of, 'execve', path);
/** All vmas in words: start, pages, rights, file. */
const layout = (of: Task = task): string[] => [...vmas(of)].map(vma => {
  const rights = `${vma.vm_flags & 1 ? 'r' : '-'}${vma.vm_flags & 2 ? 'w' : '-'}${vma.vm_flags & 4 ? 'x' : '-'}p`;
  return `${vma.vm_start.toString(16)} ${(vma.vm_end - vma.vm_start) / PAGE} ${rights}${vma.vm_file === null ? '' : ` ${vma.vm_file.f_path}@${vma.vm_pgoff}`}`;
});

describe('execve()', () => {
  it('maps text, data and bss, the linker and what it loads, stacks, and the NaT page', () => {
    installJob();
    expect(execve('/data/job')).toBe(0);
    expect(layout()).toEqual([
      '0 1 r--p',
      '2000000000000000 4 r-xp /data/ld.so@0',
      '2000000000018000 2 rw-p /data/ld.so@4',
      '2000000000020000 1 rw-p',
      '2000000000024000 6 r-xp /data/libm.so@0',
      '200000000003c000 1 ---p /data/libm.so@6',
      '2000000000040000 3 rw-p /data/libm.so@6',
      '200000000004c000 2 rw-p',
      '2000000000054000 5 r--p /data/locale@0',
      '4000000000000000 5 r-xp /data/job@0',
      '6000000000004000 3 rw-p /data/job@5',
      '6000000000010000 2 rw-p',
      '60000fff7fffc000 1 rw-p',
      '60000ffffffa8000 21 rw-p',
    ]);
    consistent();
  });
  it('tells the mm where things are', () => {
    installJob();
    execve('/data/job');
    expect(task.mm).toMatchObject({
      start_code: TEXT, end_code: TEXT + 5 * PAGE, start_data: DATA + PAGE, end_data: DATA + 4 * PAGE, start_brk: DATA + 6 * PAGE, brk: DATA + 6 * PAGE,
      arg_start: STACK_TOP(k.m) - PAGE, start_stack: STACK_TOP(k.m) - PAGE, env_end: STACK_TOP(k.m), exec_vm: 15, stack_vm: 21,
    });
    expect(task.comm).toBe('job');
  });
  it('touches what start-up runs and relocation writes, and nothing else', () => {
    installJob();
    execve('/data/job');
    const present = (at: number, pages: number): string => Array.from({ length: pages }, (_, i) => {
      const page = pageAt(s, at + i * PAGE);
      return page === 0 ? '.' : PageAnon(k.m.mem_map, page) ? 'a' : 'f';
    }).join('');
    expect([present(TEXT, 5), present(DATA + PAGE, 3), present(DATA + 4 * PAGE, 2)]).toEqual(['ff...', 'a.a', '..']); // the last page of data has bss behind it
    expect([present(0x2000_0000_0002_4000, 6), present(0x2000_0000_0004_0000, 3), present(0x2000_0000_0005_4000, 5)]).toEqual(['ff....', 'a.a', 'f....']);
    expect([present(STACK_TOP(k.m) - 21 * PAGE, 21)]).toEqual(['....................a']);
  });
  it('of two tasks shares text and clean data, never a page that was written', () => {
    installJob();
    execve('/data/job');
    const other = spawn(k, { program: '/data/job' });
    const o = from(s, other);
    expect(pageAt(o, TEXT)).toBe(pageAt(s, TEXT));
    expect(page_mapcount(k.m.mem_map, pageAt(s, TEXT))).toBe(2);
    expect(pageAt(o, DATA + PAGE)).not.toBe(pageAt(s, DATA + PAGE));
    expect([load(k, task, DATA + 2 * PAGE) !== 0, pageAt(o, DATA + 2 * PAGE)]).toEqual([true, NULL_PAGE]);
    consistent();
  });
  it('gives a heap that begins behind bss', () => {
    installJob();
    execve('/data/job');
    expect(call(s, 'brk', DATA + 10 * PAGE)).toBe(DATA + 10 * PAGE);
    expect(layout()[11]).toBe('6000000000010000 6 rw-p');
    expect(load(k, task, DATA + 7 * PAGE)).toBe(0);
    consistent();
  });
  it('of a static program maps no linker', () => {
    install('/data/static', { text: 2, data: 1 });
    expect(execve('/data/static')).toBe(0);
    expect(layout()).toEqual(['0 1 r--p', '4000000000000000 2 r-xp /data/static@0', '6000000000008000 1 rw-p /data/static@2', '60000fff7fffc000 1 rw-p', '60000ffffffa8000 21 rw-p']);
    consistent();
  });
  it('of a position-independent program puts it out of the way of mmap()', () => {
    install('/data/pie', { e_type: 'ET_DYN', text: 2, data: 1, gap: 1 });
    execve('/data/pie');
    expect(layout()[1]).toBe('2000000800000000 2 r-xp /data/pie@0');
    expect(layout()[2]).toBe('200000080000c000 1 rw-p /data/pie@2');
  });
  it('marks what it maps of a program as such', () => {
    install('/data/static', { text: 1 });
    execve('/data/static');
    const text = [...vmas(task)][1]!;
    expect(text.vm_flags & (VM_DENYWRITE | VM_EXECUTABLE)).toBe(VM_DENYWRITE | VM_EXECUTABLE);
    expect([...vmas(task)].filter(vma => (vma.vm_flags & VM_RESERVED) !== 0).map(vma => vma.vm_start)).toEqual([0]);
  });
  it('frees the old memory and keeps descriptors, pid and parent', () => {
    install('/data/static', { text: 1 });
    newFile(s, '/data/file', 1);
    const fd = open(s, '/data/file');
    store(k, task, map(s, 50));
    const { pid, parent } = task;
    execve('/data/static');
    expect([task.pid, task.parent, task.files.has(fd), k.m.mms.size]).toEqual([pid, parent, true, 1]);
    expect(task.mm!.rss).toBe(2); // a page of text and one of arguments
    consistent();
  });
  it('in a child leaves the parent\'s memory and descriptors alone', () => {
    install('/data/static', { text: 1 });
    newFile(s, '/data/file', 1);
    const child = k.m.tasks.get(runKernel(k, task, k.sys_clone(CLONE_VM | 0x400 | SIGCHLD)))!;
    const at = map(s, 1);
    const token = store(k, task, at);
    execve('/data/static', child);
    const fd = open(from(s, child), '/data/file');
    expect([load(k, task, at), task.files.has(fd), task.mm!.mm_users]).toEqual([token, false, 1]);
    consistent();
  });
  it.each([
    ['a process may be dumped', {}, 0o755, 1],
    ['who may not read the program may not have a dump of it', { euid: 9, uid: 9, fsuid: 9, cap_effective: 0 }, 0o711, 0],
    ['who runs as another user is not dumped', { uid: 9 }, 0o755, 0],
    ['who runs as another group is not dumped', { gid: 9 }, 0o755, 0],
  ])('%s', (_what, ids, mode, dumpable) => {
    install('/data/static', { text: 1 }, mode);
    Object.assign(task, ids);
    task.mm!.dumpable = 1 - dumpable;
    expect([execve('/data/static'), task.mm!.dumpable]).toEqual([0, dumpable]);
  });
  it('ends the other threads of the process', () => {
    install('/data/static', { text: 1 });
    const thread = k.m.tasks.get(runKernel(k, task, k.sys_clone(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)))!;
    execve('/data/static');
    expect([thread.state, task.state, task.signal.count, task.comm]).toEqual(['X', 'R', 1, 'static']);
    syscall(k, k.m.init_task, 'kill', task.pid, SIGKILL);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    consistent();
  });
  it('in a thread ends the first one, and the thread goes on as a process', () => {
    install('/data/static', { text: 1 });
    const thread = k.m.tasks.get(runKernel(k, task, k.sys_clone(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)))!;
    expect(execve('/data/static', thread)).toBe(0);
    expect([task.state, thread.state, thread.tgid, thread.exit_signal]).toEqual(['Z', 'R', thread.pid, SIGCHLD]);
    consistent();
  });
});

describe('execve() refuses, and leaves everything as it was,', () => {
  it.each([
    ['a file that is not there', '/data/nothing', -ENOENT],
    ['a file that is no program', '/data/text', -ENOEXEC],
    ['a program whose linker is not there', '/data/orphan', -ENOENT],
    ['a program whose linker is no program', '/data/odd', -ELIBBAD],
  ])('%s', (_what, path, error) => {
    newFile(s, '/data/text', 1, 0o755);
    install('/data/orphan', { text: 1, interp: '/data/nothing' });
    install('/data/odd', { text: 1, interp: '/data/text' });
    const at = map(s, 1);
    const token = store(k, task, at);
    expect(execve(path)).toBe(error);
    expect([load(k, task, at), task.comm, k.m.mms.size]).toEqual([token, 'test', 1]);
    consistent();
  });
  it('a file that nobody may execute, root included, or that the user may not', () => {
    install('/data/plain', { text: 1 }, 0o644);
    install('/data/private', { text: 1 }, 0o700);
    expect(execve('/data/plain')).toBe(-EACCES);
    expect(execve('/data/private', spawn(k, { uid: 1000 }))).toBe(-EACCES);
    expect(execve('/data/private')).toBe(0);
  });
  it('when there is no memory for a page directory', () => {
    install('/data/static', { text: 1 });
    const broken: Kernel = { ...k, *pgd_alloc() { yield* []; return 0; } };
    expect(runKernel(broken, task, broken.do_execve('/data/static'))).toBe(-12);
    expect([task.comm, k.m.mms.size]).toEqual(['test', 1]);
    consistent();
  });
});

describe('behind the point of no return', () => {
  it('a failure kills the task', () => {
    install('/data/static', { text: 1 });
    let tables = 1;
    const broken: Kernel = { ...k, *pgtable_quicklist_alloc() { return tables-- > 0 ? yield* k.pgtable_quicklist_alloc() : 0; } };
    expect(() => runKernel(broken, task, broken.do_execve('/data/static'))).toThrow(/died/);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    consistent();
  });
  it('a library that is not there ends the program with status 127, as ld.so does', () => {
    install('/data/ld.so', { e_type: 'ET_DYN', text: 1 });
    install('/data/job', { text: 1, interp: '/data/ld.so', needed: ['/data/nothing.so'] });
    expect(execve('/data/job')).toBe(NO_RESULT);
    expect([task.state, task.exit_code]).toEqual(['Z', 127 << 8]);
    consistent();
  });
  it('a locale that is not there does not matter', () => {
    install('/data/ld.so', { e_type: 'ET_DYN', text: 1 });
    install('/data/job', { text: 1, interp: '/data/ld.so', locale: ['/data/nothing'] });
    expect(execve('/data/job')).toBe(0);
  });
});

describe('the stacks of a program', () => {
  beforeEach(() => {
    install('/data/static', { text: 1 });
    execve('/data/static');
  });

  it('grow towards each other: memory downwards, registers upwards by one page at a time', () => {
    const top = STACK_TOP(k.m);
    store(k, task, top - 100 * PAGE);
    const registers = [...vmas(task)].find(vma => (vma.vm_flags & VM_GROWSUP) !== 0)!;
    const end = registers.vm_end;
    store(k, task, end);
    expect([registers.vm_end - end, task.mm!.stack_vm]).toEqual([PAGE, 101]); // 100 pages and the one the register stack grew by
    expect(store(k, task, end + 2 * PAGE)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
  it('end at RLIMIT_STACK', () => {
    const limit = task.signal.rlim[RLIMIT_STACK]!.rlim_cur;
    store(k, task, STACK_TOP(k.m) - limit);
    expect(store(k, task, STACK_TOP(k.m) - limit - PAGE)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
  it('a null pointer is SIGSEGV, though there is a vma', () => {
    expect(load(k, task, 0)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
});

it('the register stack lies as far below the stack as the hard limit says', () => {
  install('/data/static', { text: 1 });
  task.signal.rlim[RLIMIT_STACK]!.rlim_max = 64 * PAGE;
  execve('/data/static');
  expect([...vmas(task)].find(vma => (vma.vm_flags & VM_GROWSUP) !== 0)!.vm_start).toBe(STACK_TOP(k.m) - 64 * PAGE);
  must(s, 'getpid');
  expect(pteOf(s, 0)).toBeNull();
});
