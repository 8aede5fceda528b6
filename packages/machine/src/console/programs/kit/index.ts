import type { Program } from '../../program.js';
import { workload } from './workload/index.js';

export const kitPrograms: readonly Program[] = [workload];
