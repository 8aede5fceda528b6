export { MAX_REPLAY_LENGTH, readReplay, writeReplay, type Replay, type ReplayStep } from './file.js';
export { formatReplay } from './format.js';
export { toReplay } from './record.js';
export { isSameOutcome, replay, type Parting, type Replayed, type ReplayOptions } from './replay.js';
export { vitestSnippet } from './snippet.js';
export { ReplayError } from './texts.js';
