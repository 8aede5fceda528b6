/** A thread that explores one level after another for exploreLevels(). */
import { exploreAt } from './levels.js';
import { answerJobs } from './workers.js';

answerJobs(exploreAt);
