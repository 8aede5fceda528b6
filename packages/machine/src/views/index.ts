/** What the files of /proc and /sys/devices/system/node say, as functions of the kernel's state. */
export { PROC_PID_FILES } from './process.js';
export { numaMapsLine } from './numa-maps.js';
export { mapsLine } from './maps.js';
export { vmaPlacement, type Placement } from './placement.js';
export { policyText, vmaPolicy } from './policy.js';
export type { View, Views } from './view.js';
