/** The numactl package: numactl, numastat, migratepages, memhog, migspeed, and what its regression scripts call. */
import type { Program } from '../../program.js';
import { helpers } from './helpers.js';
import { memhog } from './memhog.js';
import { migratepages } from './migratepages.js';
import { migspeed } from './migspeed.js';
import { numactl } from './numactl/index.js';
import { numastat } from './numastat/index.js';

export const numaPrograms: readonly Program[] = [numactl, numastat, migratepages, memhog, migspeed, ...helpers];
