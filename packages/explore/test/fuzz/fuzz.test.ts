/**
 * The fuzzer on kernels as they are: nothing but listed defects. FC_SEED another seed, PMKIT_FUZZ_CALLS how many calls, PMKIT_FUZZ_LEVEL which level; `npm run soak -- --fuzz` sets
 * them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BASE_DEFECTS, fuzz, KNOWN_DEFECTS, programText, readCorpus, runProgram, writeCorpus, type Program } from '@pmkit/explore';
import { bootAt } from '@pmkit/series/levels';
import { findBehaviour } from '@pmkit/series/catalogue';
import { syscallNumbers } from '@pmkit/mm-core';
import { TEMPLATES } from '../../src/fuzz/calls.js';
import { at } from '../rig.js';

/** `npm run soak` sets these; the seed is else the day on which -rc3 was posted. */
function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
}
const SEED = fromEnvironment('FC_SEED') ?? 20_050_622;
const CALLS = fromEnvironment('PMKIT_FUZZ_CALLS') ?? 2000;
const LEVEL = fromEnvironment('PMKIT_FUZZ_LEVEL');
const DAY_MS = 24 * 60 * 60 * 1000;
const CORPUS = new URL('../../corpus/level-10.json', import.meta.url);
const corpus = (): Program[] => readCorpus(readFileSync(CORPUS, 'utf8'), 'level-10.json');

describe('random programs', () => {
  it.each(LEVEL === undefined ? [10, 5] : [LEVEL])('find nothing but listed defects at level %i', { timeout: DAY_MS }, async level => {
    const { calls, reports, defects } = await fuzz({ seed: SEED, calls: CALLS, tree: at(level) });
    expect(reports.map(({ failure, program }) => `${failure}\n${programText(program)}`)).toEqual([]);
    expect(calls).toBeGreaterThanOrEqual(CALLS);
    for (const id of defects.keys()) expect(KNOWN_DEFECTS).toContain(id);
  });
  it('are the same for the same seed, and others for another', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const { corpus: kept, covered, uncovered, defects } = await fuzz({ seed, calls: 250, tree: at(10) });
      return { kept, covered, uncovered, defects };
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });
  it('make every system call of the kernel', () => {
    expect([...syscallNumbers(bootAt(10, { nodes: [{ id: 0, pages: 64, cpus: [0] }] })).keys()].filter(name => !(name in TEMPLATES))).toEqual([]);
  });
});

describe('listed defects', () => {
  it('are defects of the catalogue, or of 2.6.12 with where they are said', () => {
    const base = new Map(BASE_DEFECTS.map(defect => [defect.id, defect]));
    for (const id of KNOWN_DEFECTS) expect(findBehaviour(id)?.kind ?? base.get(id)?.source).toMatch(/^defect$|^2\.6\.12 /);
  });
  const anonymous = { id: 0, task: 1, name: 'store', args: [{ area: 0, page: 0, plus: 0 }, 4] } as const;
  const migrate = { id: 1, task: 0, name: 'migrate_pages', args: [{ pid: 1 }, 1, { u32: [0] }, { u32: [2] }] } as const;
  it.each([
    ['no-swap-loses-pages', { stand: 'no-swap', schedule: null, calls: [anonymous, migrate] }],
    ['empty-mask-of-policy', { stand: 'roomy', schedule: null, calls: [{ id: 0, task: 1, name: 'set_mempolicy', args: [3, 'null', 0] }, { id: 1, task: 1, name: 'store', args: [{ area: 8, page: 0, plus: 0 }, 1] }] }],
    ['set-mempolicy-negative-mode', { stand: 'roomy', schedule: null, calls: [{ id: 0, task: 1, name: 'set_mempolicy', args: [-1, 'null', 0] }, { id: 1, task: 1, name: 'store', args: [{ area: 8, page: 0, plus: 0 }, 1] }] }],
    ['oom-victim-waits', { stand: 'tight', schedule: 1, calls: [
      { id: 3, task: 2, name: 'mlockall', args: [1] }, { id: 13, task: 1, name: 'mmap', args: [0, { page: 1, plus: 0 }, 0, 0, 0, { page: 1, plus: 0 }] }, { id: 31, task: 4, name: 'mlockall', args: [1] },
    ] }],
  ] satisfies [string, Program][])('%s is told apart', (id, program) => {
    expect(runProgram(program, at(10))).toEqual({ reports: [], defects: [id] });
  });
});

describe('the corpus', () => {
  it('reaches what it was kept for, and fails nowhere', async () => {
    const programs = corpus();
    const { reports, covered, corpus: kept } = await fuzz({ seed: 1, calls: Infinity, tree: at(10), corpus: programs, corpusOnly: true });
    expect(reports).toEqual([]);
    // a change of the kernel may take from some what they alone reached: scripts/fuzz-corpus.mjs makes it anew when there are many
    expect(kept.length).toBeGreaterThan(0.9 * programs.length);
    expect(covered.functions).toBeGreaterThan(700);
    expect(covered.branches).toBeGreaterThan(3400);
  });
  it('is written as it was read', () => expect(writeCorpus(corpus())).toBe(readFileSync(CORPUS, 'utf8')));
  it.each([
    ['no JSON', '{', /^c\.json: /],
    ['a task that there is not', writeCorpus([{ stand: 'roomy', schedule: null, calls: [{ id: 0, task: 9, name: 'sync', args: [] }] }]), /^c\.json: programs\.0\.calls\.0\.task: /],
    ['a call that there is not', writeCorpus([{ stand: 'roomy', schedule: null, calls: [{ id: 0, task: 0, name: 'reboot', args: [] }] }]), /^c\.json: programs\.0\.calls\.0\.name: expected a system call, load or store$/],
  ])('%s is refused with its place', (_what, text, message) => expect(() => readCorpus(text, 'c.json')).toThrow(message));
});
