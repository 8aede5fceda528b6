import { beforeEach, describe, expect, it } from 'vitest';
import { MAP_PRIVATE, MAP_SHARED, PROT_READ } from '../src/include/asm-ia64/mman.js';
import { EINTR, EINVAL, ENOMEM } from '../src/include/linux/errno.js';
import { MPOL_INTERLEAVE, MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { page_count, page_mapcount, page_to_nid } from '../src/include/linux/mm.js';
import { VM_DONTCOPY } from '../src/include/linux/mm_types.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import {
  CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_PARENT, CLONE_SIGHAND, CLONE_STOPPED, CLONE_THREAD, CLONE_VM, PF_BORROWED_MM, PID_MAX_DEFAULT, RESERVED_PIDS,
  SIGCHLD, SIGCONT, SIGKILL, SIGUSR1,
} from '../src/include/linux/sched.js';
import { swp_offset, swp_type } from '../src/include/linux/swap.js';
import type { SwpEntry } from '../src/include/linux/types.js';
import { load, runKernel, spawn, store, syscall, touch, type Kernel } from '../src/index.js';
import {
  addSwap, ANON, asTask, bitsAt, bootSpace, call, clone, consistent, forkOf, from, k, map, mapFile, maps, must, newFile, open, PAGE, pageAt,
  REGION1, release, s, SHARED_ANON, task, unmap, unmapToSwap, useSpace, vmaAt, vmas,
} from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const mapcounts = (...addresses: number[]): number[] => addresses.map(at => page_mapcount(k.m.mem_map, pageAt(s, at)));

describe('fork() copies', () => {
  it('the vmas, and the pages by sharing them', () => {
    const at = map(s, 4);
    must(s, 'mprotect', at + 2 * PAGE, 2 * PAGE, PROT_READ);
    touch(k, task, at, 2, 'write');
    const child = forkOf();
    expect([maps(child, at), child.mm!.map_count, child.mm!.total_vm]).toEqual([maps(task, at), 2, 4]);
    expect([child.mm!.rss, child.mm!.anon_rss, mapcounts(at, at + PAGE)]).toEqual([2, 2, [2, 2]]);
    consistent();
  });
  it('private ptes without the right to write, on both sides; the child\'s is old and as dirty as the parent\'s', () => {
    const at = map(s, 1);
    store(k, task, at);
    const child = forkOf();
    expect([bitsAt(s, at), bitsAt(from(s, child), at)]).toEqual(['young dirty', 'dirty']);
  });
  it('shared ptes as they are, but clean: the parent\'s says that the page is dirty', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    store(k, task, at);
    const child = forkOf();
    expect([bitsAt(s, at), bitsAt(from(s, child), at), mapcounts(at)]).toEqual(['young dirty writable', 'writable', [2]]);
    consistent();
  });
  it('private mappings of a file that cannot be written without touching the parent\'s pte', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1), MAP_PRIVATE, PROT_READ);
    load(k, task, at);
    const child = forkOf();
    expect([bitsAt(s, at), bitsAt(from(s, child), at), child.mm!.anon_rss]).toEqual(['young', '', 0]);
    consistent();
  });
  it('ptes of the zero page, which nobody counts', () => {
    const at = map(s, 1);
    load(k, task, at);
    const child = forkOf();
    expect([pageAt(from(s, child), at), child.mm!.rss]).toEqual([k.m.zero_page, 0]);
    consistent();
  });
  it('swap entries, with one more use each', () => {
    addSwap(s);
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = unmapToSwap(at);
    release(page);
    const entry = k.m.mem_map.private[page]! as SwpEntry;
    const uses = (): number => k.m.swap_info[swp_type(entry)]!.swap_map[swp_offset(entry)]!;
    expect(uses()).toBe(2); // the pte and the swap cache
    const child = forkOf();
    expect([bitsAt(from(s, child), at), uses(), child.mm!.rss]).toEqual(['swap entry', 3, 0]);
    expect(load(k, child, at)).toBe(token);
    consistent();
  });
  it('page tables only where the parent has some', () => {
    map(s, 2 ** 18);
    touch(k, task, REGION1 + 2 ** 30, 1, 'write');
    const child = forkOf();
    expect([task.mm!.nr_ptes, child.mm!.nr_ptes]).toEqual([1, 1]);
    consistent();
  });
  it('policies: of the task, of each vma', () => {
    const at = map(s, 1);
    must(s, 'mbind', at, PAGE, MPOL_PREFERRED, nodemask_of(1), 257, 0);
    must(s, 'set_mempolicy', MPOL_INTERLEAVE, nodemask_of(0, 1), 257);
    const child = forkOf();
    expect(vmaAt(child, at).vm_policy).toMatchObject({ policy: MPOL_PREFERRED, preferred_node: 1, refcnt: 1 });
    expect(child.mempolicy).toMatchObject({ policy: MPOL_INTERLEAVE, refcnt: 1 });
    must(s, 'set_mempolicy', 0, null, 0);
    expect(child.mempolicy).not.toBeNull();
    touch(k, child, at, 1, 'write');
    expect(page_to_nid(k.m, pageAt(from(s, child), at))).toBe(1);
    consistent();
  });
  it('open files, which both then have open', () => {
    newFile(s, '/data/file', 1);
    const fd = open(s, '/data/file');
    const child = forkOf();
    expect(child.files.get(fd)).toBe(task.files.get(fd));
    syscall(k, task, 'close', fd);
    expect(child.files.get(fd)!.f_count).toBe(1);
  });
  it('where program, heap and stack are', () => {
    const places = { start_code: 1, end_code: 2, start_data: 3, end_data: 4, start_brk: 5, brk: 6, start_stack: 7, arg_start: 8, arg_end: 9, env_start: 10, env_end: 11 };
    Object.assign(task.mm!, places, { exec_vm: 12, shared_vm: 13, stack_vm: 14 });
    expect(forkOf().mm).toMatchObject({ ...places, exec_vm: 12, shared_vm: 13, stack_vm: 14, mm_users: 1, mm_count: 1, def_flags: 0 });
  });
  it('who the task is and where it may run', () => {
    const user = spawn(k, { comm: 'user', uid: 1000, cpu: 1 });
    const child = forkOf(user);
    expect(child).toMatchObject({ comm: 'user', uid: 1000, euid: 1000, suid: 1000, cap_effective: 0, cpu: 1, session: user.session, parent: user, exit_signal: SIGCHLD, min_flt: 0 });
    expect([child.mems_allowed, child.cpuset]).toEqual([user.mems_allowed, user.cpuset]);
    consistent();
  });
});

describe('the lists that reverse mapping walks', () => {
  it('have the child\'s vma of anonymous memory first', () => {
    const at = map(s, 1);
    store(k, task, at);
    const children = [forkOf(), forkOf()];
    const { anon_vma } = vmaAt(task, at);
    const order = [];
    for (let vma = anon_vma!.head; vma !== null; vma = vma.anon_next) order.push(vma.vm_mm);
    expect(order).toEqual([children[1]!.mm, children[0]!.mm, task.mm]);
    consistent();
  });
  it('have the child\'s vma of a file behind the parent\'s, and 2.6.12 forgets to count that it is writable', () => {
    const inode = newFile(s, '/data/file', 1);
    mapFile(s, inode);
    mapFile(from(s, spawn(k)), inode);
    const child = forkOf();
    const { i_mapping } = inode;
    const order = [];
    for (let vma = i_mapping.i_mmap; vma !== null; vma = vma.shared_next) order.push(vma.vm_mm);
    expect([order[0], order[1], order.length]).toEqual([task.mm, child.mm, 3]);
    expect(i_mapping.i_mmap_writable).toBe(2);
    syscall(k, child, 'exit', 0);
    expect(i_mapping.i_mmap_writable).toBe(1);
    consistent();
  });
  it('lose an anon_vma only with its last vma', () => {
    const at = map(s, 1);
    store(k, task, at);
    const { id } = vmaAt(task, at).anon_vma!;
    const child = forkOf();
    unmap(s, at, 1);
    expect(k.m.anon_vmas[id]).not.toBeNull();
    syscall(k, child, 'exit', 0);
    expect(k.m.anon_vmas[id]).toBeNull();
    consistent();
  });
});

it('fork() leaves out what must not be copied, but counts it', () => {
  const at = map(s, 2);
  map(s, 1, { prot: PROT_READ });
  vmaAt(task, at).vm_flags |= VM_DONTCOPY;
  const child = forkOf();
  expect([maps(child, at), child.mm!.total_vm]).toEqual([['2+1 r--p'], 3]);
});

describe('clone()', () => {
  it('with CLONE_VM gives the child the same memory', () => {
    const child = clone(CLONE_VM | SIGCHLD);
    const at = map(s, 1);
    const token = store(k, child, at);
    expect([load(k, task, at), task.mm!.mm_users, task.mm]).toEqual([token, 2, child.mm]);
    consistent();
    syscall(k, task, 'exit', 0);
    expect(load(k, child, at)).toBe(token);
  });
  it('with CLONE_FILES gives it the same descriptors', () => {
    newFile(s, '/data/file', 1);
    const child = clone(CLONE_FILES | SIGCHLD);
    const fd = open(s, '/data/file');
    expect(child.files.get(fd)).toBe(task.files.get(fd));
    syscall(k, child, 'exit', 0);
    expect(task.files.get(fd)!.f_count).toBe(1);
  });
  it('with CLONE_THREAD makes a thread of the same process: its limits, its parent, no word at its end', () => {
    const thread = clone(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | SIGUSR1);
    expect(thread).toMatchObject({ tgid: task.pid, signal: task.signal, parent: task.parent, exit_signal: -1 });
    expect(task.signal).toMatchObject({ count: 2, live: 2 });
    expect(runKernel(k, thread, k.sys_getpid())).toBe(task.pid);
    consistent();
  });
  it('with CLONE_PARENT makes a sibling', () => {
    expect(clone(CLONE_PARENT | SIGCHLD).parent).toBe(task.parent);
  });
  it('with CLONE_STOPPED makes a task that waits for SIGCONT', () => {
    const child = clone(CLONE_STOPPED | SIGCHLD);
    expect(child.state).toBe('T');
    must(s, 'kill', child.pid, SIGCONT);
    expect(child.state).toBe('R');
  });
  it.each([
    ['a thread without the signal handlers', CLONE_THREAD | CLONE_VM],
    ['signal handlers without the memory', CLONE_SIGHAND],
    ['a name space of its own with a shared root', CLONE_NEWNS | CLONE_FS],
  ])('refuses %s', (_what, flags) => {
    expect(runKernel(k, task, k.sys_clone(flags))).toBe(-EINVAL);
  });
});

describe('a fork() that fails', () => {
  it.each([[0], [1], [2], [3]])('for want of page tables after %d leaves nothing behind', tables => {
    const at = map(s, 3 * k.m.PTRS);
    for (let i = 0; i < 3; i++) store(k, task, at + i * k.m.PTRS * PAGE);
    newFile(s, '/data/file', 1);
    open(s, '/data/file');
    let left = tables;
    const broken: Kernel = { ...k, *pgtable_quicklist_alloc() { return left-- > 0 ? yield* k.pgtable_quicklist_alloc() : 0; } };
    const before = k.m.tasks.size;
    expect(runKernel(broken, task, broken.do_fork(SIGCHLD))).toBe(-ENOMEM);
    expect([k.m.tasks.size, k.m.mms.size, mapcounts(at), task.files.get(0)!.f_count, task.signal.count]).toEqual([before, 1, [1], 1, 1]);
    consistent();
    expect(store(k, task, at)).toBeGreaterThan(0);
  });
  it('because the parent is about to be killed is -EINTR: the child does not escape', () => {
    task.pending.add(SIGKILL);
    const before = k.m.tasks.size;
    expect(runKernel(k, task, k.do_fork(SIGCHLD))).toBe(-EINTR);
    expect(k.m.tasks.size).toBe(before);
    consistent();
  });
});

describe('pids', () => {
  it('are given out in order, and from RESERVED_PIDS again when they run out', () => {
    const first = forkOf();
    expect(first.pid).toBe(task.pid + 1);
    k.m.next_pid = PID_MAX_DEFAULT - 1;
    expect([forkOf().pid, forkOf().pid, forkOf().pid]).toEqual([PID_MAX_DEFAULT - 1, RESERVED_PIDS, RESERVED_PIDS + 1]);
  });
  it('skip those that are in use', () => {
    const first = forkOf();
    k.m.next_pid = first.pid;
    expect(forkOf().pid).toBe(first.pid + 1);
  });
  it('1 is init, which the kernel makes before everything else', () => {
    expect(k.m.tasks.get(1)).toMatchObject({ comm: 'init', mm: null, state: 'R' });
    expect([...k.m.tasks.values()].filter((other) => other.comm === 'init').map((init) => init.pid)).toEqual([1]);
  });
});

describe('an mm_struct', () => {
  it('outlives its users as long as somebody counts on the struct, without any memory', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    const page = pageAt(s, at);
    const mm = task.mm!;
    mm.mm_count++;
    syscall(k, task, 'exit', 0);
    expect([mm.mm_users, mm.mmap, mm.rss, page_count(k.m.mem_map, page), k.m.mms.has(mm.id)]).toEqual([0, null, 0, 0, true]);
    asTask(from(s, k.m.init_task), () => k.mmdrop(mm));
    expect(k.m.mms.has(mm.id)).toBe(false);
    consistent();
  });
  it('is handed to who asks for a task\'s memory, with a user more; not that of a kernel thread or one that borrows it', () => {
    expect(k.get_task_mm(task)).toBe(task.mm);
    expect(task.mm!.mm_users).toBe(2);
    asTask(s, () => k.mmput(task.mm!));
    task.flags |= PF_BORROWED_MM;
    expect([k.get_task_mm(task), k.get_task_mm(k.m.kthreads[0]!.task), task.mm!.mm_users]).toEqual([null, null, 1]);
  });
});

it('shared memory written by a child after fork() is read by the parent, private memory is not', () => {
  const shared = map(s, 1, { flags: SHARED_ANON });
  const own = map(s, 1, { flags: ANON });
  const file = mapFile(s, newFile(s, '/data/file', 1), MAP_SHARED);
  store(k, task, own);
  const child = forkOf();
  const tokens = [shared, file].map(at => store(k, child, at));
  const before = load(k, task, own);
  store(k, child, own);
  expect([load(k, task, shared), load(k, task, file), load(k, task, own)]).toEqual([...tokens, before]);
  expect([...vmas(child)]).toHaveLength(3);
  expect(call(from(s, child), 'munmap', shared, PAGE)).toBe(0);
  consistent();
});
