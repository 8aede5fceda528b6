import type { Program } from '../../program.js';
import { strace } from './strace/index.js';
import { syscall } from './syscall.js';
import { workload } from './workload/index.js';

export const kitPrograms: readonly Program[] = [strace, syscall, workload];
