/** Tools for texts that scripts need to be as they are on a real machine, and that the shell does not bring so. */
import type { Program } from '../../program.js';
import { cut } from './cut.js';

export const textPrograms: readonly Program[] = [cut];
