/** Tools for texts and the environment that scripts need to be as they are on a real machine, and that the shell does not bring so. */
import type { Program } from '../../program.js';
import { cat } from './cat.js';
import { cut } from './cut.js';
import { diff } from './diff/index.js';
import { envPrograms } from './env.js';
import { expr } from './expr.js';
import { find } from './find/index.js';
import { head } from './head.js';
import { seq } from './seq.js';
import { tail } from './tail.js';
import { tee } from './tee.js';
import { wc } from './wc.js';
import { xargs } from './xargs.js';
import { yes } from './yes.js';

export const textPrograms: readonly Program[] = [cat, cut, diff, ...envPrograms, expr, find, head, seq, tail, tee, wc, xargs, yes];
