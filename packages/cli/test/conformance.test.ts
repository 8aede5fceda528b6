/** pmkit conformance. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, session, type Session } from './helpers.js';

const boot = { kernel: 'Linux 6.1', zones: '0:DMA32=4096 1:DMA32=4096', nodes: { 0: { cpus: '0', distance: '10 20' }, 1: { cpus: '', distance: '20 10' } } };
const recording = (results: readonly object[]): string => JSON.stringify({ scenario: 'made-up', title: 'two nodes', boot, results });
const SPAWN = { op: 'spawn A', ret: 0 };

function withRecordings(files: Readonly<Record<string, string>>): Session {
  const cwd = scratch();
  mkdirSync(path.join(cwd, 'rec'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(cwd, 'rec', name), text);
  return session({ cwd });
}

describe('pmkit conformance', () => {
  it('prints the page and succeeds when everything agrees or has a reason', async () => {
    const { code, out, err } = await withRecordings({ 'a.json': recording([SPAWN, { op: 'A setpol bind 1', ret: 0 }, { op: 'A setpol local none', ret: 0 }]) })('conformance rec');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Level 10 of the series against Linux 6.1: 3 operations in 1 scenarios, 2 agree, 1 differ for a reason given below, none unexplained.');
    expect(out).toContain('| 2 | `A setpol local none` | mode-local |');
  });
  it('fails when something is unexplained, and says what', async () => {
    const { code, out } = await withRecordings({ 'a.json': recording([SPAWN, { op: 'A setpol bind 1', ret: -1, err: 'EIO' }]) })('conformance rec');
    expect(code).toBe(1);
    expect(out).toContain('* result: ret=-1 err=EIO there, ret=0 here (unexplained)');
  });
  it('replays the others when one cannot be, and fails with its file, operation and words', async () => {
    const { code, out, err } = await withRecordings({ 'a.json': recording([SPAWN, { op: 'A dance', ret: 0 }]), 'b.json': recording([SPAWN]) })('conformance rec');
    expect(code).toBe(1);
    expect(err).toBe("pmkit conformance: a.json: operation 1: 'A dance': unknown operation 'dance'\n");
    expect(out).toContain('1 operations in 1 scenarios, 1 agree');
  });
  it('replays at another level: before patch 5 policies stay', async () => {
    const state = { A: { taskpol: 'bind:0', mems: '0-1', r: {}, other: {} } };
    const at = withRecordings({ 'a.json': recording([SPAWN, { op: 'A setpol bind 0', ret: 0, state }, { op: 'A migrate pid=self old=0 new=1', ret: 0, state }]) });
    expect((await at('conformance rec --at 4')).out).toContain('3 agree, 0 differ');
    expect((await at('conformance rec --at 5')).out).toContain('policy-migrated');
  });
  it('prints JSON, and with --verbose every difference', async () => {
    const ask = withRecordings({ 'a.json': recording([SPAWN, { op: 'A setpol local none', ret: 0 }]) });
    expect(JSON.parse((await ask('conformance rec --json')).out)).toMatchObject({
      level: 10, scenarios: [{ scenario: 'made-up', steps: [{}, { op: 'A setpol local none', differences: [{ theirs: 'ret=0', ours: 'ret=-1 err=EINVAL', reason: { id: 'mode-local' } }] }] }],
    });
    expect((await ask('conformance rec --verbose')).out).toContain('* result: ret=0 there, ret=-1 err=EINVAL here (mode-local)');
  });
  it.each([
    ['conformance nowhere', 'nowhere: ENOENT'],
    ['conformance .', 'expected recordings (*.json), found none'],
    ['conformance rec --at 3', 'level 3 has no migrate_pages(): say 4 to 10'],
    ['conformance rec --at 99', '99'],
  ])('%s is misuse', async (command, message) => {
    const { code, err } = await withRecordings({ 'a.json': recording([SPAWN]) })(command);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
