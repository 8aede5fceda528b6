export { exportGit, HOTPLUG_BRANCH, MAIN } from './git.js';
export { ExportError, type PlaceOptions } from './place.js';
export { projectFiles } from './project.js';
export { TOOLS } from './template.js';
