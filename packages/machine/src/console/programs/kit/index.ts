import type { Program } from '../../program.js';
import { man } from './man/index.js';
import { quilt } from './quilt/index.js';
import { strace } from './strace/index.js';
import { syscall } from './syscall.js';
import { trace } from './trace/index.js';
import { workload } from './workload/index.js';

export const kitPrograms: readonly Program[] = [man, quilt, strace, syscall, trace, workload];
