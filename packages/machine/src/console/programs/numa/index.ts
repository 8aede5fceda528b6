import type { Program } from '../../program.js';

export const numaPrograms: readonly Program[] = [];
