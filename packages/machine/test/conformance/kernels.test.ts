import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatConformance, isExplained, LOWEST_LEVEL, parseRecording, replay, replayDirectory, tally } from '../../src/conformance/index.js';

// Recordings of Linux 6.1, kept beside the repository and not in it. Without them these tests are skipped.
const here = path.dirname(fileURLToPath(import.meta.url));
const recordings = path.join(here, '../../../../../shared/data/kernels/6.1');
const page = path.join(here, '../../../../docs/conformance.md');

describe.skipIf(!existsSync(recordings))('Linux 6.1 (skipped without its recordings)', () => {
  const result = existsSync(recordings) ? replayDirectory(recordings, 10) : { level: 10, kernels: [], scenarios: [], unreplayed: [] };
  it('is replayed throughout, and every difference has a reason', () => {
    expect(result.unreplayed).toEqual([]);
    const unexplained = result.scenarios.flatMap(({ scenario, steps }) =>
      steps.filter(step => step.differences.some(({ reason }) => reason === null)).map(step => `${scenario} ${step.index}: ${step.op}`));
    expect(unexplained).toEqual([]);
    expect(isExplained(result)).toBe(true);
  });
  it('is as docs/conformance.md says: pmkit conformance DIR prints that page', () => {
    expect(readFileSync(page, 'utf8') === formatConformance(result, false)).toBe(true);
  });
  it('is at least in half of all operations what 2.6.12 did already', () => {
    const tallies = result.scenarios.map(tally);
    const sum = (of: 'operations' | 'agree'): number => tallies.reduce((total, t) => total + t[of], 0);
    expect(sum('agree') / sum('operations')).toBeGreaterThan(0.5);
  });
  it('has no unexplained difference from the lowest level either', () => {
    expect(replayDirectory(recordings, LOWEST_LEVEL).scenarios.filter(report => tally(report).unexplained > 0).map(({ scenario }) => scenario)).toEqual([]);
  }, 30_000);
  it('comes out the same every time', () => {
    expect(replay(parseRecording('f', readFileSync(path.join(recordings, '23-fork-cow-shared.json'), 'utf8')), 10))
      .toEqual(replay(parseRecording('f', readFileSync(path.join(recordings, '23-fork-cow-shared.json'), 'utf8')), 10));
  });
});

describe('a level that cannot be compared', () => {
  it.each([0, LOWEST_LEVEL - 1, 11, 4.5])('%d', level => {
    expect(() => replayDirectory('.', level)).toThrow(`level: expected 4 to 10, found ${level}`);
  });
});
