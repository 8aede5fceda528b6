/**
 * Kernel threads that can begin anew. The function of a thread remembers things between two pieces of work (kswapd its order), and no
 * checkpoint can see them; so a race begins with functions that have never run, and gets new ones after an execution in which they did.
 */
import { newPath, stepPath } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import type { ThreadActor, ThreadPath } from './actor.js';

/**
 * The threads of a machine at rest, as new.
 * @throws {RangeError} when one of them is in the middle of something.
 */
export function threadActors(k: AnyKernel): ThreadActor[] {
  return k.m.kthreads.map(thread => {
    const path: ThreadPath = k.m.paths.get(thread.task) ?? newPath(thread.task, thread.main());
    if (path.wait !== null && path.wait.kind !== 'wakeup') throw new RangeError(`${thread.task.comm}: expected a thread that waits for work`);
    const actor: ThreadActor = { kind: 'thread', name: thread.task.comm, thread, path, ran: false };
    renew(k, actor);
    return actor;
  });
}

/** Gives the thread a new function, and lets it go to where it waits for work. What that writes is for the checkpoint to put right. @returns the function. */
export function renew(k: AnyKernel, { thread, path }: ThreadActor): ThreadPath['body'] {
  path.body = thread.main();
  thread.wake.woken = false;
  stepPath(k, path);
  return path.body;
}
