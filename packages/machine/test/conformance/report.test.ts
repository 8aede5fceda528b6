import { describe, expect, it } from 'vitest';
import { replay } from '../../src/conformance/replay.js';
import { formatConformance, isExplained, tally } from '../../src/conformance/report.js';
import { recordingOf, region } from './helpers.js';

const state = (r1: object, taskpol = 'default'): object => ({ A: { taskpol, mems: '0-3', r: { r1 }, other: {} } });
const report = replay(recordingOf([
  { op: 'spawn A', ret: 0 },
  { op: 'A mmap r1 anon-private rw 4', ret: 0, state: state(region('-*4')) },
  { op: 'A setpol local none', ret: 0, state: state(region('-*4', { pol: 'local' }), 'local') },
  { op: 'A touch r1 w   # a remark', ret: 4, state: state(region('0*2 3*2', { pol: 'local' }), 'local') },
]), 10);
const page = formatConformance({ level: 10, kernels: ['Linux 6.1'], scenarios: [report], unreplayed: [] }, false);

describe('the page', () => {
  it('counts operations that agree, differ for a reason, and differ without one', () => {
    expect(tally(report)).toEqual({ operations: 4, agree: 2, differ: 1, unexplained: 1 });
    expect(isExplained({ level: 10, kernels: [], scenarios: [report], unreplayed: [] })).toBe(false);
    expect(page).toContain('| a | made up | 4 | 2 | 1 | 1 |\n');
    expect(page).toContain('4 operations in 1 scenarios, 2 agree, 1 differ for a reason given below, **1** unexplained.');
  });
  it('gives each reason once, with date and source', () => {
    expect(page.match(/^\| mode-local \|.*$/gm)).toEqual(['| mode-local | MPOL_LOCAL, a mode of its own; before, PREFERRED without nodes | 3.8 (2013-02) | 479e2802d09f | 1 |']);
  });
  it('names the operations, and says of what is unexplained how it differs', () => {
    expect(page).toContain('| 2 | `A setpol local none` | mode-local |\n| 3 | `A touch r1 w` | **unexplained** |\n');
    expect(page).toContain('Operation 3, `A touch r1 w`:\n\n* A.r1 pages 2-3: 3 there, 0 here (unexplained)\n');
    expect(page).not.toContain('Operation 2,');
  });
  it('says of every difference how it differs, when asked', () => {
    expect(formatConformance({ level: 10, kernels: [], scenarios: [report], unreplayed: [] }, true)).toContain('* result: ret=0 there, ret=-1 err=EINVAL here (mode-local)\n* A policy: local there, default here (mode-local)\n* A.r1 page policy 0-3: local there, default here (mode-local)\n');
  });
  it('lists what could not be replayed', () => {
    const result = { level: 10, kernels: [], scenarios: [], unreplayed: [{ file: 'x.json', message: 'x.json: expected an object' }] };
    expect(formatConformance(result, false)).toContain('## Not replayed\n\n* x.json: expected an object\n');
    expect(isExplained(result)).toBe(false);
  });
});
