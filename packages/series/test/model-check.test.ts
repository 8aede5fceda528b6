/** The simulation against the independent model of migrate_pages(), on random machines, processes and calls. The other half: model-check-2.test.ts. */
import { describe } from 'vitest';
import { modelCheckShard } from './model-check/shard.js';

describe('calls of migrate_pages() at all levels', () => modelCheckShard(0));
