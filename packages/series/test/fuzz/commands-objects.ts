/** Commands that work on files, on System V segments and on policies. */
import { O_CREAT, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { EFAULT, EINVAL, EIO, ENOMEM, ENOSPC, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { MPOL_DEFAULT, MPOL_F_ADDR, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { MAX_NUMNODES, node_isset, nodemask_of, nodes_and, nodes_empty } from '@pmkit/mm-core/include/linux/nodemask';
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, SHM_LOCK, SHM_RDONLY, SHM_UNLOCK } from '@pmkit/mm-core/include/linux/shm';
import { PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { NO_RESULT, runKernel, type MaySleep, type Task } from '@pmkit/mm-core';
import { call, lockFailures, openFile, rangeOf, sharedMemory } from './commands-memory.js';
import type { Command } from './model.js';
import { MARK_LEVEL } from './series-rules.js';
import { Violation, type TrackedFile, type World } from './world.js';

type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

/* files */

/** Opens, does something, closes; nothing when the file may not be opened. */
function withFile(world: World, taskPick: number, filePick: number, action: (task: Task, fd: number, file: TrackedFile) => void): void {
  const task = world.runnable(taskPick);
  const file = world.file(filePick);
  if (task === null || file === null) return;
  const fd = openFile(world, task, file, O_RDWR);
  if (fd < 0) return;
  action(task, fd, file);
  if (task.state === 'R') world.promise('close()', call(world, task, 'close', fd), 0);
}

export function write(world: World, command: Of<'write'>): void {
  withFile(world, command.task, command.file, (task, fd, file) => {
    const { m } = world;
    const { PAGE_SIZE } = m;
    const bytes = command.pages * PAGE_SIZE - (command.partial ? PAGE_SIZE / 2 : 0);
    call(world, task, 'lseek', fd, command.at * PAGE_SIZE);
    const before = m.content_token;
    const result = call(world, task, 'write', fd, bytes);
    const full = file.sb?.free_blocks === 0;
    if (result < bytes && !full) world.promise('write()', result, bytes, ...Array.from({ length: command.pages }, (_, i) => i * PAGE_SIZE), -ENOMEM);
    else if (result < 0) world.promise('write()', result, -ENOSPC, -ENOMEM);
    const chunks = m.content_token - before;
    if (result !== NO_RESULT && chunks !== Math.ceil(Math.max(result, 0) / PAGE_SIZE)) throw new Violation(`write(): ${result} bytes, but ${chunks} pages written to`);
    for (let i = 0; i < chunks; i++) file.object.pages.set(command.at + i, before + 1 + i);
    const written = result === NO_RESULT ? Math.min(chunks * PAGE_SIZE, bytes) : result;
    if (written > 0) file.size = Math.max(file.size, command.at * PAGE_SIZE + written);
  });
}

export function read(world: World, command: Of<'read'>): void {
  withFile(world, command.task, command.file, (task, fd, file) => {
    const { PAGE_SIZE } = world.m;
    const buf = new Uint32Array(command.pages);
    call(world, task, 'lseek', fd, command.at * PAGE_SIZE);
    const result = call(world, task, 'read', fd, command.pages * PAGE_SIZE, buf);
    const expected = Math.max(0, Math.min(file.size - command.at * PAGE_SIZE, command.pages * PAGE_SIZE));
    world.promise('read()', result, expected, ...Array.from({ length: command.pages }, (_, i) => i * PAGE_SIZE), -ENOMEM);
    for (let i = 0; i * PAGE_SIZE < result; i++) {
      const index = command.at + i;
      const token = file.object.pages.get(index) ?? file.object.initial(index);
      if (buf[i] !== token) throw new Violation(`read() of ${file.path ?? ''}, page ${index}: ${buf[i]!}, expected ${token}`);
    }
  });
}

export function truncate(world: World, command: Of<'truncate'>): void {
  withFile(world, command.task, command.file, (task, fd, file) => {
    const size = command.pages * world.m.PAGE_SIZE;
    world.promise('ftruncate()', call(world, task, 'ftruncate', fd, size), 0);
    world.truncated(file, size);
  });
}

export function fsync(world: World, command: Of<'fsync'>): void {
  withFile(world, command.task, command.file, (task, fd) => world.promise('fsync()', call(world, task, 'fsync', fd), 0));
}

export function create(world: World, command: Of<'create'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const path = world.newPath(command.fs);
  const fd = call(world, task, 'open', path, O_RDWR | O_CREAT, 0o666);
  if (fd === NO_RESULT) return;
  if (fd < 0) {
    world.promise('open(O_CREAT)', fd, []);
    return;
  }
  world.track(world.k.path_lookup(path)!, path);
  world.promise('close()', call(world, task, 'close', fd), 0);
}

export function unlink(world: World, command: Of<'unlink'>): void {
  const task = world.runnable(command.task);
  const file = world.file(command.file);
  if (task === null || file === null) return;
  world.promise('unlink()', call(world, task, 'unlink', file.path), 0);
  file.path = null;
}

export function sync(world: World, command: Of<'sync'>): void {
  const task = world.runnable(command.task);
  if (task !== null) world.promise('sync()', call(world, task, 'sync'), 0);
}

export function dropCache(world: World, command: Of<'dropCache'>): void {
  const file = world.file(command.file, true);
  if (file !== null) runKernel(world.k, world.m.init_task, world.k.invalidate_inode_pages(file.inode!.i_mapping));
}

/* System V shared memory */

export function shmget(world: World, command: Of<'shmget'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const size = command.pages * world.m.PAGE_SIZE;
  const id = call(world, task, 'shmget', IPC_PRIVATE, size, 0o666 | IPC_CREAT);
  if (id < 0) {
    world.promise('shmget()', id, []);
    return;
  }
  const file = sharedMemory(size);
  world.segments.push({ id, pages: command.pages, file });
  world.segmentFiles.add(file);
}

export function shmat(world: World, command: Of<'shmat'>): void {
  const task = world.runnable(command.task);
  if (task === null || world.segments.length === 0) return;
  const { id, pages, file } = world.segments[command.segment % world.segments.length]!;
  const space = world.spaceOf(task);
  const start = call(world, task, 'shmat', id, 0, command.readOnly ? SHM_RDONLY : 0);
  if (start < 0) {
    world.promise('shmat()', start, lockFailures(task));
    return;
  }
  /* mprotect() may make a read-only attachment writable: the file behind it is open for writing. */
  world.mapped(space, world.pageOf(start), pages, { prot: command.readOnly ? PROT_READ : PROT_READ | PROT_WRITE, mayWrite: true, file, index: 0, shared: true });
}

/** Detaches what is left of the first attachment that begins, or would begin, at the start of an area. */
export function shmdt(world: World, command: Of<'shmdt'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const space = world.spaceOf(task);
  if (space.areas.length === 0) return;
  const { start } = space.areas[command.area % space.areas.length]!;
  const matching = [...space.pages].filter(([page, rights]) => page >= start && rights.index === page - start && isSegment(world, rights.file)).sort(([a], [b]) => a - b);
  const first = matching[0]?.[1].file;
  /* Two segments that match by chance: which of the second one's pieces go depends on how they are cut. */
  if (matching.some(([, rights]) => rights.file !== first)) return;
  world.promise('shmdt()', call(world, task, 'shmdt', start * world.m.PAGE_SIZE), first === undefined ? -EINVAL : 0);
  for (const [page] of matching) world.unmapped(space, page, 1);
}
/** Shared anonymous memory has no inode number that shmdt() would know; segments are remembered by their files, also destroyed ones. */
const isSegment = (world: World, file: TrackedFile | null): boolean => file !== null && world.segmentFiles.has(file);

export function shmctl(world: World, command: Of<'shmctl'>): void {
  const task = world.runnable(command.task);
  if (task === null || world.segments.length === 0) return;
  const segment = world.segments[command.segment % world.segments.length]!;
  const cmd = [IPC_RMID, SHM_LOCK, SHM_UNLOCK][command.cmd % 3]!;
  const result = call(world, task, 'shmctl', segment.id, cmd);
  world.promise('shmctl()', result, task.uid === 0 ? 0 : [0, -EPERM, -ENOMEM]);
  if (cmd === IPC_RMID && result === 0) world.segments = world.segments.filter(other => other !== segment);
}

/* policies */

/**
 * Ids of nodes by bits, of those that have memory: BIND to a node without any makes a policy from which nothing can be allocated, without
 * a word in the log.
 */
const nodeIds = ({ m }: World, bits: number): number[] => m.node_ids.filter((node, i) => (bits & (1 << i)) !== 0 && m.node_data[node]!.node_present_pages > 0);

/** What get_nodes() leaves of a set for a task, and what mpol_check_policy() thinks of it. */
function policyResult(world: World, task: Task, mode: number, bits: number): number {
  const nodes = nodemask_of(...nodeIds(world, bits));
  const allowed = world.m.config.CONFIG_CPUSETS ? nodes_and(nodes, task.cpuset!.mems_allowed) : nodes;
  if (mode === MPOL_DEFAULT) return nodes_empty(allowed) ? 0 : -EINVAL;
  return mode !== MPOL_PREFERRED && nodes_empty(allowed) ? -EINVAL : 0;
}

export function setMempolicy(world: World, command: Of<'setMempolicy'>): void {
  const task = world.runnable(command.task);
  if (task === null) return;
  const bits = command.mode === MPOL_DEFAULT ? command.nodes & 1 : command.nodes;
  const result = call(world, task, 'set_mempolicy', command.mode, nodemask_of(...nodeIds(world, bits)), MAX_NUMNODES + 1);
  world.promise('set_mempolicy()', result, policyResult(world, task, command.mode, bits));
}

export function mbind(world: World, command: Of<'mbind'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { PAGE_SIZE } = world.m;
  const bits = command.mode === MPOL_DEFAULT ? 0 : command.nodes;
  const result = call(
    world, task, 'mbind', range.start * PAGE_SIZE, range.pages * PAGE_SIZE, command.mode, nodemask_of(...nodeIds(world, bits)), MAX_NUMNODES + 1, command.strict ? 1 : 0,
  );
  const refused = policyResult(world, task, command.mode, bits);
  world.promise('mbind()', result, refused !== 0 ? refused : command.strict ? [0, -EFAULT, -EIO] : [0, -EFAULT]);
}

export function getMempolicy(world: World, command: Of<'getMempolicy'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const policy = { value: -1 };
  const mask = new Uint32Array(MAX_NUMNODES / 32);
  const addr = (command.flags & MPOL_F_ADDR) === 0 ? 0 : range.start * world.m.PAGE_SIZE;
  world.promise('get_mempolicy()', call(world, task, 'get_mempolicy', policy, mask, MAX_NUMNODES + 1, addr, command.flags), [0, -EINVAL, -EFAULT], -ENOMEM);
}

/** mbind() with a migration flag: marks the files of a range. */
export function mark(world: World, command: Of<'mark'>): void {
  const task = world.runnable(command.task);
  const range = task === null ? null : rangeOf(world, task, command);
  if (task === null || range === null) return;
  const { PAGE_SIZE } = world.m;
  const result = call(world, task, 'mbind', range.start * PAGE_SIZE, range.pages * PAGE_SIZE, 0, null, 0, command.flag);
  const several = (command.flag & (command.flag - 1)) !== 0;
  world.promise('mbind() with a migration flag', result, world.level < MARK_LEVEL || several ? -EINVAL : [0, -EFAULT]);
}

/** Cpusets: make one and move into it, change its nodes, go back to the top, remove it. */
export function cpuset(world: World, command: Of<'cpuset'>): void {
  const { k, m, batchd } = world;
  const task = world.any(command.task);
  const path = `/${['a', 'b'][command.name % 2]!}`;
  const ids = nodeIds(world, command.nodes);
  const mems = (ids.length === 0 ? m.node_ids : ids).join(',');
  const echo = (at: string, file: string, text: string): number => runKernel(k, batchd, (function* (): MaySleep<number> {
    return k.cpuset_write(at, file, text);
  })());
  world.cpusetsChanged = true;
  const action = command.action % 6;
  if (action < 3) {
    k.cpuset_mkdir(path);
    echo(path, 'mems', mems);
    echo(path, 'cpus', m.cpus.filter(cpu => ids.length === 0 || node_isset(m.cpu_to_node[cpu]!, nodemask_of(...ids))).join(','));
    if (task !== null) echo(path, 'tasks', String(task.pid));
  } else if (action === 3) echo(path, 'mems', mems);
  else if (action === 4) {
    if (task !== null) echo('/', 'tasks', String(task.pid));
  } else k.cpuset_rmdir(path);
}

export function affinity(world: World, command: Of<'affinity'>): void {
  const task = world.any(command.task);
  if (task === null) return;
  const cpu = world.m.cpus[command.node % world.m.cpus.length]!;
  const allowed = !world.m.config.CONFIG_CPUSETS || task.cpuset!.cpus_allowed.has(cpu);
  world.promise('sched_setaffinity()', call(world, world.batchd, 'sched_setaffinity', task.pid, [cpu]), allowed ? 0 : -EINVAL);
}
