/** All programs of the console. */
import type { Program } from '../program.js';
import { filePrograms } from './files/index.js';
import { kitPrograms } from './kit/index.js';
import { numaPrograms } from './numa/index.js';
import { systemPrograms } from './system/index.js';
import { textPrograms } from './text/index.js';

export const programs: readonly Program[] = [...numaPrograms, ...systemPrograms, ...kitPrograms, ...textPrograms, ...filePrograms];
