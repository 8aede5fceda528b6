/** What the files of /proc and /sys/devices/system/node say, as functions of the kernel's state. */
export { PROC_FILES } from './machine-files.js';
export { NODE_FILES, NODE_LISTS } from './node.js';
export { PROC_PID_FILES } from './process.js';
export { numaMapsLine } from './numa-maps.js';
export { mappedName, mapsLine } from './maps.js';
export { vmaPlacement, type Placement } from './placement.js';
export { eachPteRun } from './ptes.js';
export { policyText, vmaPolicy } from './policy.js';
export { utsname, type Utsname } from './release.js';
export { escapePath, type View, type Views } from './view.js';
