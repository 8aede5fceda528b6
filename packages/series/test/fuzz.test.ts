/** Random sequences on small machines, with every invariant and all contents checked after every step. The other half: fuzz-2.test.ts. */
import { describe } from 'vitest';
import { fuzzShard } from './fuzz/shard.js';

describe('random system calls, accesses, memory pressure, migrations and changes of the patch level', () => fuzzShard(0));
