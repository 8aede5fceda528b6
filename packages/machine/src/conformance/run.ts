/** All recordings of a directory, replayed. */
import { parseRecording, RecordingError, recordingFiles, type Recording } from './recording.js';
import { replay, type ScenarioReport } from './replay.js';
import type { Conformance, Unreplayed } from './report.js';

/** The lowest level that can be compared: patch 4 brings migrate_pages(). */
export const LOWEST_LEVEL = 4;

/**
 * Replays the recordings of a directory, each on a machine of its own. One that cannot be replayed is named in the result, and the others are replayed all the same.
 * @param level 4…10
 * @throws {RecordingError} when there is nothing to read; {RangeError} for another level.
 */
export function replayDirectory(directory: string, level: number): Conformance {
  if (!Number.isInteger(level) || level < LOWEST_LEVEL || level > 10) throw new RangeError(`level: expected ${LOWEST_LEVEL} to 10, found ${level}: migrate_pages() comes with patch 4`);
  const kernels = new Set<string>();
  const scenarios: ScenarioReport[] = [];
  const unreplayed: Unreplayed[] = [];
  for (const { file, text } of recordingFiles(directory)) {
    try {
      const recording: Recording = parseRecording(file, text);
      kernels.add(recording.boot.kernel);
      scenarios.push(replay(recording, level));
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      unreplayed.push({ file, message: error.message });
    }
  }
  return { level, kernels: [...kernels].sort(), scenarios, unreplayed };
}
