/** A thread that explores one level after another for exploreLevels(). */
import { exploreAt, type Job } from './levels.js';
import { answerJobs } from './workers.js';

answerJobs(async (job: Job) => {
  if (job.setUp !== undefined) await ((await import(job.setUp.module)) as { setUp(data: unknown): Promise<void> }).setUp(job.setUp.data);
  return exploreAt(job);
});
