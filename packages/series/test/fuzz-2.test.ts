/** The second half of the sequences of fuzz.test.ts. */
import { describe } from 'vitest';
import { fuzzShard } from './fuzz/shard.js';

describe('random system calls, accesses, memory pressure, migrations and changes of the patch level', () => fuzzShard(1));
