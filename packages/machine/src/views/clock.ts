/** The calendar of the simulated machine. */
import type { Machine } from '@pmkit/mm-core';

/** Milliseconds since 1970 at which the machine is booted: when the overview of the series was posted, 22 June 2005, 16:39:08 UTC. */
export const BOOT_TIME = Date.UTC(2005, 5, 22, 16, 39, 8);

/** The time of day, in milliseconds since 1970. */
export const timeOfDay = (m: Machine): number => BOOT_TIME + m.now;
