import type { Program } from '../../program.js';

export const kitPrograms: readonly Program[] = [];
