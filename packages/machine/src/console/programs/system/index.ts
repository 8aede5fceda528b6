import type { Program } from '../../program.js';

export const systemPrograms: readonly Program[] = [];
