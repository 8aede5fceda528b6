/**
 * A random sequence of calls on a small machine at level 10: fork, mmap, touch, files, segments, policies, swap, migrate_pages(). The same
 * seed makes the same calls on whatever instance of the kernel they are made.
 */
import type { Task } from '@pmkit/mm-core';
import type * as instance from './instance.js';

export type Instance = typeof instance;
type Kernel = ReturnType<Instance['bootAt']>;

export interface World { readonly k: Kernel; readonly jobs: Task[]; readonly areas: Map<Task, { address: number; pages: number }[]> }

const MAX_JOBS = 5;

/** Two nodes with little memory, so that there is reclaim, and a swap area and a file to map. */
export function newWorld(i: Instance): World {
  const k = i.bootAt(10, { nodes: [{ id: 0, pages: 128, cpus: [0] }, { id: 1, pages: 128, cpus: [1] }] });
  i.addSwap(k, 256);
  i.newFile(k, '/data', 16);
  const jobs = [i.spawn(k, { comm: 'job', cpu: 0 })];
  return { k, jobs, areas: new Map([[jobs[0]!, []]]) };
}

/** Numbers from 0 up to a limit, always the same for a seed. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Makes one call; what it was. */
export function randomCall(i: Instance, world: World, random: (below: number) => number): string {
  const { k, jobs, areas } = world;
  const task = jobs[random(jobs.length)]!;
  const own = areas.get(task)!;
  const area = own[random(own.length)];
  const call = (name: string, ...args: readonly unknown[]): number => i.syscall(k, task, name, ...args);
  const map = (address: number, pages: number): void => {
    if (address > 0) own.push({ address, pages });
  };
  const kind = random(18);
  const pages = 1 + random(40);
  switch (kind) {
    case 0:
      map(call('mmap', 0, pages * k.m.PAGE_SIZE, i.READ | i.WRITE, i.PRIVATE | i.ANONYMOUS, -1, 0), pages);
      break;
    case 1:
      map(i.mapFile(k, task, '/data', 16, i.READ | i.WRITE, random(2) === 0 ? i.PRIVATE : i.SHARED), 16);
      break;
    case 2:
      if (own.length < 6) map(i.attachSegment(k, task, pages).address, pages);
      break;
    case 3: {
      if (jobs.length === MAX_JOBS) break;
      const child = i.spawn(k, { parent: task, comm: 'child', cpu: random(2) });
      jobs.push(child);
      areas.set(child, []);
      break;
    }
    case 4: {
      const pid = call('fork');
      if (jobs.length === MAX_JOBS || pid <= 0) {
        if (pid > 0) i.syscall(k, k.m.tasks.get(pid)!, 'exit', 0);
        break;
      }
      const child = k.m.tasks.get(pid)!;
      jobs.push(child);
      areas.set(child, [...own]);
      break;
    }
    case 5:
      if (jobs.length > 1) {
        call('exit', 0);
        jobs.splice(jobs.indexOf(task), 1);
      }
      break;
    case 6: call('set_mempolicy', random(4), i.mask(random(2)), i.MAXNODE); break;
    case 7: call('wait4', -1, null, 1, null); break;
    case 8: i.migrate(k, task, jobs[random(jobs.length)]!, [0, 1], random(2) === 0 ? [1, 0] : [1, 1]); break;
    case 9:
      if (area !== undefined) call('mbind', area.address, area.pages * k.m.PAGE_SIZE, random(4), i.mask(random(2)), i.MAXNODE, 0);
      break;
    case 10:
      if (area !== undefined) call('mprotect', area.address, k.m.PAGE_SIZE, i.READ);
      break;
    case 11:
      if (area !== undefined && random(3) === 0) {
        call('munmap', area.address, area.pages * k.m.PAGE_SIZE);
        own.splice(own.indexOf(area), 1);
      }
      break;
    default:
      if (area !== undefined) i.touch(k, task, area.address, area.pages, random(3) === 0 ? 'read' : 'write');
  }
  for (const job of [...jobs]) {
    if (job.state === 'R') continue;
    jobs.splice(jobs.indexOf(job), 1);
  }
  if (jobs.length === 0) {
    const job = i.spawn(k, { comm: 'job', cpu: random(2) });
    jobs.push(job);
    areas.set(job, []);
  }
  return `${kind} by ${task.pid}`;
}
