import type { Program } from '../../program.js';
import { quilt } from './quilt/index.js';
import { strace } from './strace/index.js';
import { syscall } from './syscall.js';
import { trace } from './trace/index.js';
import { workload } from './workload/index.js';

export const kitPrograms: readonly Program[] = [quilt, strace, syscall, trace, workload];
