/** The series as reviewers read it. */
export { packageSources } from './source/packages.js';
