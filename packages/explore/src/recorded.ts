/**
 * The recorded instance: the modules of instance.ts as the build prints them, in one file of their own, and the recorder they report to.
 * This file is only what they look like from outside; dist/recorded.js does not come from it line by line (tsup.config.ts).
 */
export * from './instance.js';
export { recorder, type Recorder } from './record/recorder.js';
