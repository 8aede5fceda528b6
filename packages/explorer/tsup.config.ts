import { library } from '../../tsup.base.js';

// The page's own components are vite's (site/build.mjs).
export default { ...library(), entry: ['src/**/*.ts', '!src/ui/**', '!src/draw/canvas/**'] };
