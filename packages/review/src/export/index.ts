export { exportGit, HOTPLUG_BRANCH, MAIN } from './git.js';
export { GitError } from '../git.js';
export { exportMbox, type MboxOptions } from './mbox.js';
export { ExportError, type PlaceOptions } from './place.js';
export { projectFiles } from './project.js';
export { exportQuilt } from './quilt.js';
export { TOOLS } from './template.js';
