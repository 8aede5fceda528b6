/** A thread that runs the catalogue in one tree after another for patchGraph(). */
import { answerJobs } from '@pmkit/explore/workers';
import { observeWithout } from './observe.js';

answerJobs(observeWithout);
