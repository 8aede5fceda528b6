/** A thread that explores one level after another for exploreLevels(). */
import { parentPort } from 'node:worker_threads';
import { exploreAt, type Answer, type Job } from './levels.js';

parentPort!.on('message', (job: Job) => {
  let answer: Answer;
  try {
    answer = { done: exploreAt(job) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    answer = { error: { name: error.name, message: error.message } };
  }
  parentPort!.postMessage(answer);
});
