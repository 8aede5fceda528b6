/** What one does with files: GNU coreutils' programs, on the machine's files and with its clock. */
import type { Program } from '../../program.js';
import { cp } from './cp.js';
import { df } from './df.js';
import { directoryPrograms } from './directories.js';
import { du } from './du.js';
import { install } from './install.js';
import { ln } from './ln.js';
import { ls } from './ls.js';
import { makingPrograms } from './making.js';
import { mknod } from './mknod.js';
import { mv } from './mv.js';
import { ownerPrograms } from './owners.js';
import { pathPrograms } from './paths.js';
import { rm } from './rm.js';
import { stat } from './stat.js';
import { touch } from './touch.js';
import { which } from './which.js';

export const filePrograms: readonly Program[] = [cp, df, du, ...directoryPrograms, install, ln, ls, ...makingPrograms, mknod, mv, ...ownerPrograms, ...pathPrograms, rm, stat, touch, which];
