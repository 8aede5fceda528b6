/** The calendar of the machine, for those who work with files. */
export { BOOT_TIME, timeOfDay } from '../../views/clock.js';
