import { beforeEach, describe, expect, it } from 'vitest';
import { PROT_NONE, PROT_READ } from '../src/include/asm-ia64/mman.js';
import { EACCES, EEXIST, EFAULT, EIDRM, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOSYS, EPERM } from '../src/include/linux/errno.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { RLIMIT_MEMLOCK } from '../src/include/linux/resource.js';
import { SIGSEGV, type Task } from '../src/include/linux/sched.js';
import {
  IPC_CREAT, IPC_EXCL, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, SHM_DEST, SHM_HUGETLB, SHM_INFO, SHM_LOCK, SHM_LOCKED, SHM_RDONLY, SHM_REMAP, SHM_RND, SHM_UNLOCK, SHMLBA, SHMMAX,
  type ShmidDs,
} from '../src/include/linux/shm.js';
import { BAD_POINTER, load, residentPage, settle, spawn, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { bootWith, PAGE, type Fixture } from './files.js';
import { addSwap, bootSmall, reclaimAll } from './reclaim.js';

const KEY = 0x1234;
let f: Fixture;
beforeEach(() => {
  f = bootWith('ext2');
});
const call = (task: Task, name: string, ...args: readonly unknown[]): number => syscall(f.k, task, name, ...args);
const shmget = (key: number, bytes: number, flags = IPC_CREAT | 0o600, task = f.task): number => call(task, 'shmget', key, bytes, flags);
const shmat = (id: number, task = f.task, address = 0, flags = 0): number => call(task, 'shmat', id, address, flags);
const shmdt = (address: number, task = f.task): number => call(task, 'shmdt', address);
const shmctl = (id: number, cmd: number, task = f.task, buf?: ShmidDs | typeof BAD_POINTER): number => call(task, 'shmctl', id, cmd, buf);
const stat = (id: number, task = f.task): ShmidDs => {
  const buf: ShmidDs = { key: -1, uid: -1, gid: -1, cuid: -1, cgid: -1, mode: -1, size: -1, cpid: -1, lpid: -1, nattch: -1 };
  expect(shmctl(id, IPC_STAT, task, buf)).toBe(0);
  return buf;
};
/** A user without capabilities, in a group of his own. */
function someone(uid = 7): Task {
  const task = spawn(f.k, { uid });
  task.gid = task.egid = task.sgid = uid;
  return task;
}

it('SHM_INFO tells what all segments take together, whoever asks', () => {
  const [small, large] = [shmget(1, PAGE), shmget(2, 3 * PAGE)];
  const at = shmat(large);
  touch(f.k, f.task, at, 2, 'write');
  const info = { used_ids: 0, shm_tot: 0, shm_rss: 0, shm_swp: 0, swap_attempts: 0, swap_successes: 0 };
  expect([call(someone(), 'shmctl', 0, SHM_INFO, info), info]).toEqual([large % 32768, { used_ids: 2, shm_tot: 4, shm_rss: 2, shm_swp: 0, swap_attempts: 0, swap_successes: 0 }]);
  shmctl(small, IPC_RMID);
  expect([call(f.task, 'shmctl', 0, SHM_INFO, info), info.used_ids, call(f.task, 'shmctl', 0, SHM_INFO)]).toEqual([large % 32768, 1, -EFAULT]);
});

describe('shmget()', () => {
  it('makes a segment where there is none, and finds it by its key', () => {
    expect(shmget(KEY, PAGE, 0o600)).toBe(-ENOENT);
    const id = shmget(KEY, 3 * PAGE);
    expect(id).toBeGreaterThanOrEqual(0);
    expect(shmget(KEY, 2 * PAGE, 0)).toBe(id);
    expect(shmget(KEY, 4 * PAGE, 0)).toBe(-EINVAL);
    expect(shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL)).toBe(-EEXIST);
  });

  it('of huge pages makes none: the kernel is built without them', () => {
    expect([shmget(KEY, PAGE, IPC_CREAT | SHM_HUGETLB), shmget(KEY, PAGE, SHM_HUGETLB), shmget(KEY, 0, IPC_CREAT | SHM_HUGETLB)]).toEqual([-ENOSYS, -ENOENT, -EINVAL]);
    const id = shmget(KEY, PAGE);
    expect(shmget(KEY, PAGE, SHM_HUGETLB)).toBe(id);
  });

  it('with IPC_PRIVATE makes a new one every time', () => {
    const ids = [shmget(IPC_PRIVATE, PAGE), shmget(IPC_PRIVATE, PAGE, 0)];
    expect(new Set(ids).size).toBe(2);
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(0);
  });

  it('lets who may', () => {
    const id = shmget(KEY, PAGE, IPC_CREAT | 0o640);
    expect(shmget(KEY, PAGE, 0o400, someone())).toBe(-EACCES);
    const member = someone();
    member.egid = 0;
    expect(shmget(KEY, PAGE, 0o400, member)).toBe(id);
    expect(shmget(KEY, PAGE, 0o200, member)).toBe(-EACCES);
    expect(shmget(KEY, PAGE, 0, someone())).toBe(id);
  });

  it('keeps to the limits for one segment and for all', () => {
    expect(shmget(KEY, 0)).toBe(-EINVAL);
    expect(shmget(KEY, SHMMAX + 1)).toBe(-EINVAL);
    f.k.m.shm_ctlall = 10;
    expect(shmget(IPC_PRIVATE, 10 * PAGE)).toBe(-ENOSPC);
    expect(shmget(IPC_PRIVATE, 8 * PAGE + 1)).toBeGreaterThanOrEqual(0);
    expect(shmget(IPC_PRIVATE, PAGE)).toBe(-ENOSPC);
  });

  it('takes no memory before the segment is used', () => {
    const id = shmget(KEY, 100 * PAGE);
    expect(f.k.m.shm.get(id)!.inode.i_mapping.nrpages).toBe(0);
  });

  it('does not give the id of a segment that is gone to the next one in its place', () => {
    const first = shmget(KEY, PAGE);
    shmctl(first, IPC_RMID);
    const second = shmget(KEY, PAGE);
    expect(second).not.toBe(first);
    expect([shmat(first), shmctl(first, IPC_RMID)]).toEqual([-EIDRM, -EIDRM]);
    expect([shmat(second + 1), shmat(-1)]).toEqual([-EINVAL, -EINVAL]);
  });
});

describe('shmat()', () => {
  it('shares the segment between processes; it is zeroed at first', () => {
    const id = shmget(KEY, 2 * PAGE, IPC_CREAT | 0o666);
    const mine = shmat(id);
    const other = someone();
    const its = shmat(id, other);
    expect(load(f.k, other, its)).toBe(0);
    const token = store(f.k, f.task, mine + PAGE);
    expect(load(f.k, other, its + PAGE)).toBe(token);
    expect(residentPage(f.k.m, other, its + PAGE)).toBe(residentPage(f.k.m, f.task, mine + PAGE));
    expect(stat(id).nattch).toBe(2);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('with SHM_RDONLY gives a mapping that cannot be stored to, and needs only the right to read', () => {
    const id = shmget(KEY, PAGE, IPC_CREAT | 0o644);
    const other = someone();
    expect(shmat(id, other)).toBe(-EACCES);
    const address = shmat(id, other, 0, SHM_RDONLY);
    expect(touch(f.k, other, address, 1, 'write')).toBe(0);
    expect(other.exit_code).toBe(SIGSEGV);
  });

  it('puts the segment where it is told to, a multiple of SHMLBA when it may round', () => {
    const id = shmget(KEY, PAGE);
    const base = shmat(id);
    const place = (Math.floor(base / SHMLBA) + 16) * SHMLBA;
    expect(shmat(id, f.task, place + PAGE)).toBe(place + PAGE);
    expect(shmat(id, f.task, place + PAGE / 2)).toBe(-EINVAL);
    expect(shmat(id, f.task, place + 5 * PAGE, SHM_RND)).toBe(place);
  });

  it('refuses a place that is taken, unless it is to be mapped over', () => {
    const id = shmget(KEY, 2 * PAGE);
    const other = shmget(IPC_PRIVATE, PAGE);
    const address = shmat(id);
    const token = store(f.k, f.task, address);
    expect(shmat(other, f.task, address)).toBe(-EINVAL);
    expect(load(f.k, f.task, address)).toBe(token);
    expect(shmat(other, f.task, 0, SHM_REMAP)).toBe(-EINVAL);
    expect(shmat(other, f.task, address, SHM_REMAP)).toBe(address);
    expect(load(f.k, f.task, address)).toBe(0);
    expect([stat(id).nattch, stat(other).nattch]).toEqual([1, 1]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('shm_nattch', () => {
  it('counts vmas: fork, a split and a merge change it, exit and shmdt take back', () => {
    const id = shmget(KEY, 4 * PAGE);
    const address = shmat(id);
    expect(stat(id)).toMatchObject({ nattch: 1, lpid: f.task.pid, cpid: f.task.pid });
    const child = f.k.m.tasks.get(call(f.task, 'fork'))!;
    expect(stat(id).nattch).toBe(2);
    call(f.task, 'mprotect', address + PAGE, PAGE, PROT_READ);
    expect(stat(id).nattch).toBe(4);
    call(child, 'exit', 0);
    expect(stat(id)).toMatchObject({ nattch: 3, lpid: child.pid });
    expect(shmdt(address)).toBe(0);
    expect(stat(id)).toMatchObject({ nattch: 0, lpid: f.task.pid });
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('shmdt()', () => {
  it('wants the address that shmat() returned', () => {
    const id = shmget(KEY, 2 * PAGE);
    const address = shmat(id);
    expect([shmdt(address + PAGE), shmdt(address - PAGE)]).toEqual([-EINVAL, -EINVAL]);
    expect(shmdt(address)).toBe(0);
    expect(shmdt(address)).toBe(-EINVAL);
  });

  it('takes all pieces that are left of the mapping, and nothing of a neighbour', () => {
    const id = shmget(KEY, 4 * PAGE);
    const address = shmat(id);
    const next = shmat(id, f.task, address + 4 * PAGE);
    call(f.task, 'munmap', address + PAGE, PAGE);
    call(f.task, 'mprotect', address + 3 * PAGE, PAGE, PROT_NONE);
    expect(shmdt(address)).toBe(0);
    expect(stat(id).nattch).toBe(1);
    expect(f.k.find_vma(f.task.mm!, address)!.vm_start).toBe(next);
  });

  it('finds a segment by the address it was attached at, though its first page has been unmapped', () => {
    const id = shmget(KEY, 2 * PAGE);
    const address = shmat(id);
    call(f.task, 'munmap', address, PAGE);
    expect(shmdt(address)).toBe(0);
    expect(stat(id).nattch).toBe(0);
  });
});

describe('IPC_RMID', () => {
  it('frees a segment that nobody has attached at once', () => {
    const id = shmget(KEY, 2 * PAGE);
    const address = shmat(id);
    touch(f.k, f.task, address, 2, 'write');
    shmdt(address);
    expect(f.k.m.shm_tot).toBe(2);
    expect(shmctl(id, IPC_RMID)).toBe(0);
    expect([f.k.m.shm_tot, f.k.m.shm.size, f.k.m.shm_mnt!.inodes.size]).toEqual([0, 0, 0]);
    expect(shmctl(id, IPC_RMID)).toBe(-EINVAL);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('of a segment in use takes its key away; by its id it can still be attached, until the last one lets go', () => {
    const id = shmget(KEY, PAGE);
    const address = shmat(id);
    const token = store(f.k, f.task, address);
    expect(shmctl(id, IPC_RMID)).toBe(0);
    expect(stat(id)).toMatchObject({ key: IPC_PRIVATE, mode: SHM_DEST | 0o600 });
    expect(shmget(KEY, PAGE, 0)).toBe(-ENOENT);
    const other = spawn(f.k);
    const its = shmat(id, other);
    expect(load(f.k, other, its)).toBe(token);
    shmdt(address);
    expect(f.k.m.shm.has(id)).toBe(true);
    call(other, 'exit', 0);
    expect([f.k.m.shm.has(id), f.k.m.shm_tot, f.k.m.shm_mnt!.inodes.size]).toEqual([false, 0, 0]);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is for the owner, the creator and CAP_SYS_ADMIN', () => {
    const id = shmget(KEY, PAGE, IPC_CREAT | 0o666, someone(7));
    expect(shmctl(id, IPC_RMID, someone(8))).toBe(-EPERM);
    expect(shmctl(id, IPC_RMID, someone(7))).toBe(0);
    const next = shmget(KEY, PAGE, IPC_CREAT | 0o666, someone(7));
    expect(shmctl(next, IPC_RMID)).toBe(0);
  });
});

describe('IPC_STAT and IPC_SET', () => {
  it('tell about a segment whoever may read it, and change owner and mode for its owners', () => {
    const owner = someone(7);
    const id = shmget(KEY, 5000, IPC_CREAT | 0o640, owner);
    expect(stat(id, owner)).toEqual({ key: KEY, uid: 7, gid: 7, cuid: 7, cgid: 7, mode: 0o640, size: 5000, cpid: owner.pid, lpid: 0, nattch: 0 });
    const stranger = someone(8);
    const buf = stat(id, owner);
    expect(shmctl(id, IPC_STAT, stranger, buf)).toBe(-EACCES);
    expect(shmctl(id, IPC_SET, stranger, { ...buf, uid: 8 })).toBe(-EPERM);
    expect(shmctl(id, IPC_SET, owner, { ...buf, uid: 8, mode: 0o7600 })).toBe(0);
    expect(stat(id, stranger)).toMatchObject({ uid: 8, cuid: 7, mode: 0o600 });
    expect(shmctl(id, IPC_RMID, stranger)).toBe(0);
  });

  it('refuse what is no segment, no command and no address', () => {
    const id = shmget(KEY, PAGE);
    expect([shmctl(id, 99), shmctl(-1, IPC_RMID), shmctl(id, -1), shmctl(12_345, IPC_RMID)]).toEqual([-EINVAL, -EINVAL, -EINVAL, -EINVAL]);
    expect([shmctl(id, IPC_STAT, f.task, BAD_POINTER), shmctl(id, IPC_SET, f.task, BAD_POINTER)]).toEqual([-EFAULT, -EFAULT]);
  });
});

describe('SHM_LOCK', () => {
  const limit = (task: Task, pages: number): void => {
    task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = pages * PAGE;
  };

  it('keeps the pages out of swap until SHM_UNLOCK', () => {
    f = bootSmall('tmpfs');
    addSwap(f.k, 64);
    const id = shmget(KEY, 4 * PAGE);
    const address = shmat(id);
    touch(f.k, f.task, address, 4, 'write');
    const tokens = [0, 1, 2, 3].map(i => load(f.k, f.task, address + i * PAGE));
    shmdt(address);
    expect(shmctl(id, SHM_LOCK)).toBe(0);
    expect(stat(id).mode & SHM_LOCKED).toBe(SHM_LOCKED);
    reclaimAll(f);
    const { inode } = f.k.m.shm.get(id)!;
    expect([inode.shmem!.swapped, inode.i_mapping.nrpages]).toEqual([0, 4]);
    expect(shmctl(id, SHM_UNLOCK)).toBe(0);
    reclaimAll(f);
    expect([inode.shmem!.swapped, inode.i_mapping.nrpages]).toEqual([4, 0]);
    const again = shmat(id);
    expect([0, 1, 2, 3].map(i => load(f.k, f.task, again + i * PAGE))).toEqual(tokens);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is limited by RLIMIT_MEMLOCK over all segments of a user, and for nobody else\'s segments', () => {
    const user = someone();
    const [a, b] = [3, 2].map(pages => shmget(IPC_PRIVATE, pages * PAGE, 0o600, user)) as [number, number];
    limit(user, 4);
    expect(shmctl(a, SHM_LOCK, user)).toBe(0);
    expect(shmctl(b, SHM_LOCK, user)).toBe(-ENOMEM);
    expect(shmctl(a, SHM_UNLOCK, user)).toBe(0);
    expect(shmctl(b, SHM_LOCK, user)).toBe(0);
    limit(user, 0);
    expect(shmctl(a, SHM_LOCK, user)).toBe(-EPERM);
    expect(shmctl(shmget(IPC_PRIVATE, PAGE), SHM_LOCK, user)).toBe(-EPERM);
    expect(f.k.m.locked_shm.get(7)).toBe(2);
    shmctl(b, IPC_RMID, user);
    expect(f.k.m.locked_shm.get(7)).toBe(0);
  });

  it('a second time, by another user, charges nobody, and SHM_UNLOCK takes the charge back from the wrong one', () => {
    const user = someone();
    const id = shmget(KEY, 2 * PAGE, IPC_CREAT | 0o666, user);
    expect(shmctl(id, SHM_LOCK, user)).toBe(0);
    expect(shmctl(id, SHM_LOCK)).toBe(0);
    expect(shmctl(id, SHM_UNLOCK)).toBe(0);
    expect([f.k.m.locked_shm.get(7), f.k.m.locked_shm.get(0)]).toEqual([2, -2]);
  });
});

describe('a segment on a NUMA machine', () => {
  it('has its pages where its policy says, whoever touches them first', () => {
    const id = shmget(KEY, 4 * PAGE);
    const address = shmat(id);
    expect(call(f.task, 'mbind', address + 2 * PAGE, 2 * PAGE, 2, new Uint32Array([0b10]), 64, 0)).toBe(0);
    const other = spawn(f.k, { cpu: 0 });
    const its = shmat(id, other);
    touch(f.k, other, its, 4, 'write');
    expect([0, 1, 2, 3].map(i => page_to_nid(f.k.m, residentPage(f.k.m, other, its + i * PAGE)))).toEqual([0, 0, 1, 1]);
    shmdt(address);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('shows up in a process under its key, with its id as inode number', () => {
    const id = shmget(KEY, PAGE);
    const { vm_file } = f.k.find_vma(f.task.mm!, shmat(id))!;
    expect([vm_file!.f_path, vm_file!.f_inode.i_ino]).toEqual(['/SYSV00001234 (deleted)', id]);
  });
});
