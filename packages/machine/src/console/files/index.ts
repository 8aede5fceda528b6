export { BashFs } from './bash-fs.js';
export { timeOfDay } from './clock.js';
export { FileError } from './error.js';
export { Files, type Stat, type WriteOptions } from './files.js';
export type { MountRequest } from './mounting.js';
export type { Mount } from './mounts.js';
export type { OpenFile } from './open-file.js';
export { Pipe } from './pipe.js';
export { CaptureStream, Descriptors, nullStream, standardDescriptors, TerminalStream, TextStream, type Stream } from './stream.js';
