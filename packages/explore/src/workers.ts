/** Jobs that are shared out to worker threads. */
import { parentPort, Worker } from 'node:worker_threads';

/** An error keeps its name, its message and where it comes from on the way back, and nothing else. */
type Answer<Done> = { readonly done: Done } | { readonly error: { readonly name: string; readonly message: string; readonly stack: string } };

/**
 * Does the jobs in threads of their own.
 * @param script what a thread runs: a module that calls answerJobs().
 * @param told called after each job with the number of those that are done.
 * @returns what came of them, in the order of the jobs.
 * @throws the first error of a job.
 */
export async function inWorkers<Job, Done>(script: URL, jobs: readonly Job[], workers: number, told: (done: number) => void = () => undefined): Promise<Done[]> {
  const results: Done[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(script, { execArgv: [] }); // also when this file is a source
    try {
      for (let i = next++; i < jobs.length; i = next++) {
        results[i] = await ask<Done>(worker, jobs[i]);
        told(++done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  return results;
}

function ask<Done>(worker: Worker, job: unknown): Promise<Done> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: Answer<Done>) => {
      worker.removeAllListeners('error');
      if ('done' in answer) resolve(answer.done);
      else reject(Object.assign(new Error(answer.error.message), answer.error));
    });
    worker.postMessage(job);
  });
}

/** In the thread: does each job that is sent. */
export function answerJobs<Job, Done>(work: (job: Job) => Done | Promise<Done>): void {
  parentPort!.on('message', (job: Job) => void answer(work, job));
}

async function answer<Job, Done>(work: (job: Job) => Done | Promise<Done>, job: Job): Promise<void> {
  let message: Answer<Done>;
  try {
    message = { done: await work(job) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    message = { error: { name: error.name, message: error.message, stack: error.stack ?? '' } };
  }
  parentPort!.postMessage(message);
}
