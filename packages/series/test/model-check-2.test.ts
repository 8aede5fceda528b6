/** The second half of the cases of model-check.test.ts. */
import { describe } from 'vitest';
import { modelCheckShard } from './model-check/shard.js';

describe('calls of migrate_pages() at all levels', () => modelCheckShard(1));
