/** pmkit matrix: what is run, how it is shown, and what happens when something is not as expected. */
import { expected, behaviours as catalogue, findBehaviour, HOTPLUG_TREES, LEVEL_TREES, type Behaviour, type Row } from '@pmkit/series/catalogue';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { matrixText } from '../src/matrix/text.js';
import { matrixSchema, type MatrixJson } from '../src/schemas.js';
import { quickServices, session, type Answer } from './helpers.js';

const call = findBehaviour('syscall-1279')!;
/** A behaviour of the same scenario: the system call comes with patch 4. */
const like = (id: string, more: Partial<Behaviour> = {}): Behaviour => ({ ...call, id, ...more });
const wrong = like('late', { sentence: 'The call <comes> with patch 6 & not before.', expect: { 0: '-ENOSYS', 6: '4' } });
const broken = like('broken', { patch: 2, kind: 'defect', scenario: () => { throw new Error('no such mapping'); }, expect: { 0: 'fine' } });
const same = like('no-change', { patch: 0, kind: 'discrepancy', scenario: () => 'a < b', expect: { 0: 'a < b' } });

const ask = (behaviours: readonly Behaviour[], command: string | readonly string[], options = {}): Promise<Answer> => session({ services: { ...quickServices, behaviours }, ...options })(command);
const json = async (behaviours: readonly Behaviour[], command: string): Promise<MatrixJson> => matrixSchema.parse(JSON.parse((await ask(behaviours, `${command} --json`)).out));
const lines = ({ out }: Answer): string[] => out.split('\n');

describe('pmkit matrix', () => {
  it('has a letter where what is seen changes, and says what the letters mean', async () => {
    const answer = await ask([call], 'matrix');
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(lines(answer)).toEqual([
      'Patch 4: add-sys_migrate_pages-rc3.patch',
      '                              0 1 2 3 4 5 6 7 8 9 10',
      '  C syscall-1279              a · · · b · · · · · ·   a -ENOSYS  b 4',
      '',
      'C claim, T text and code disagree, D defect; · as at the level before, ! not what is expected.',
      '1 behaviour, run 11 times: all as expected.',
      '',
    ]);
  });

  it('orders by patch, the base first, and tells kinds apart', async () => {
    const answer = await ask([call, same], 'matrix');
    expect(lines(answer).filter((line) => /^\S.*patch$|^ {2}[CTD] /.test(line)).map((line) => line.slice(0, 24).trimEnd())).toEqual([
      'Base and series: AA-PM-9', '  T no-change', 'Patch 4: add-sys_migrate', '  C syscall-1279',
    ]);
  });

  it('has a second row for the tree with the hotplug patches, which does not build at levels 3 to 9', () => {
    const rows = [{ behaviour: call, outcomes: [...LEVEL_TREES, ...HOTPLUG_TREES].map((tree) => ({ tree, seen: expected(call, tree), expected: expected(call, tree), ok: true })) }];
    const text = matrixText(rows, { width: 100, paint: (_, plain) => plain, patchName: String });
    expect(text).toContain('  C syscall-1279              a · · · b · · · · · ·   a -ENOSYS  b 4\n    with the hotplug patches  a · · - · · · · · · b\n');
    expect(text).toContain('- does not build');
  });

  it('shows one level without a grid', async () => {
    expect(lines(await ask([call], 'matrix --level 4'))[1]).toBe('  C syscall-1279              4');
    expect(lines(await ask([call], 'matrix --level p03'))[1]).toBe('  C syscall-1279              -ENOSYS');
  });

  it.each([[100], [80], [60]])('of the whole catalogue fits in %i columns', (width) => {
    const rows = catalogue.map((behaviour): Row => ({ behaviour, outcomes: [...LEVEL_TREES, ...HOTPLUG_TREES].map((tree) => ({ tree, seen: expected(behaviour, tree), expected: expected(behaviour, tree), ok: true })) }));
    const text = matrixText(rows, { width, paint: (_, plain) => plain, patchName: () => 'name.patch' });
    expect(text.split('\n').filter((line) => line.length > width)).toEqual([]);
    for (const { id } of catalogue) expect(text).toContain(id);
  });

  it('paints on a terminal only, and not under NO_COLOR; the letters are the same', async () => {
    const [plain, painted, noColor] = [await ask([call], 'matrix'), await ask([call], 'matrix', { isTTY: true }), await ask([call], 'matrix', { isTTY: true, env: { NO_COLOR: '1' } })];
    expect(painted.out).toContain('\u001b[33mb');
    // oxlint-disable-next-line no-control-regex
    expect(painted.out.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain.out);
    expect(noColor.out).toBe(plain.out);
  });

  it('draws a bar on a terminal and leaves nothing of it; elsewhere there is no progress', async () => {
    const { err } = await ask([call], 'matrix', { isTTY: true });
    expect(err).toContain('syscall-1279');
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    expect((await ask([call], 'matrix')).err).toBe('');
  });
});

describe('what is not as expected', () => {
  it('is marked, told with the levels where it is so, and ends with 1', async () => {
    const answer = await ask([call, wrong], 'matrix');
    expect(answer).toMatchObject({ code: 1, err: 'pmkit matrix: 2 of 22 cells are not as expected\n' });
    expect(answer.out).toContain('  C late                      a · · · b!·!· · · · ·   a -ENOSYS  b 4\n');
    expect(answer.out).toContain('! 4–5: seen 4, expected -ENOSYS\n');
    expect(answer.out).toContain('2 behaviours, run 22 times: 2 not as expected.\n');
  });

  it('is a scenario that fails as well, and does not keep the others from being run', async () => {
    const { behaviours, summary } = await json([broken, call], 'matrix');
    expect(behaviours.map(({ id, cells }) => [id, cells[4]!.seen, cells[4]!.ok])).toEqual([['broken', 'scenario failed: no such mapping', false], ['syscall-1279', '4', true]]);
    expect(summary).toEqual({ behaviours: 2, cells: 22, unexpected: 11 });
  });

  it('is a failure of JUnit, with what was seen', async () => {
    const { code, out } = await ask([wrong], 'matrix --junit --level 5');
    expect(code).toBe(1);
    const document = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(out) as unknown;
    expect(document).toMatchObject({
      testsuites: {
        tests: '1',
        failures: '1',
        testsuite: {
          name: 'add-sys_migrate_pages-rc3.patch',
          testcase: { name: 'late at level 5', failure: { message: 'seen 4, expected -ENOSYS', type: 'claim', '#text': 'The call <comes> with patch 6 & not before.' } },
        },
      },
    });
  });
});

describe('as data', () => {
  it('has the cells in the order of the trees, and keeps to its schema', async () => {
    const { trees, behaviours: [first], summary } = await json([call], 'matrix');
    expect(trees.map(({ tree, patch }) => [tree, patch])[4]).toEqual(['4', 'add-sys_migrate_pages-rc3.patch']);
    expect(first!.cells.map(({ tree }) => tree)).toEqual(trees.map(({ tree }) => tree));
    expect(first!.cells.map(({ seen }) => seen)).toEqual([...Array<string>(4).fill('-ENOSYS'), ...Array<string>(7).fill('4')]);
    expect(first).toMatchObject({ id: 'syscall-1279', patch: 4, breaks: null, changes: [4] });
    expect(summary).toEqual({ behaviours: 1, cells: 11, unexpected: 0 });
  });

  it('has a JUnit suite a patch and a case for each behaviour and level, and no time', async () => {
    const { code, out } = await ask([same, call], 'matrix --junit');
    expect(code).toBe(0);
    const { testsuites } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(out) as { testsuites: { tests: string; testsuite: { name: string; testcase: { name: string }[] }[] } };
    expect(testsuites.tests).toBe('22');
    expect(testsuites.testsuite.map(({ name, testcase }) => [name, testcase.length, testcase[10]!.name])).toEqual([
      ['AA-PM-99-x86_64-IMMOVABLE.patch', 11, 'no-change at level 10'],
      ['add-sys_migrate_pages-rc3.patch', 11, 'syscall-1279 at level 10'],
    ]);
    expect(out).not.toContain('time');
    expect((await ask([same, call], 'matrix --junit')).out).toBe(out);
  });
});

describe('a part of it', () => {
  const some = [same, call, like('mlocked-stays', { kind: 'defect', sentence: 'Locked memory stays.' })];
  it.each([
    ['mlocked', ['mlocked-stays']],
    ['Locked stays', ['mlocked-stays']],
    ['*-change', ['no-change']],
    ['--kind claim', ['syscall-1279']],
    ['--patch 4', ['syscall-1279', 'mlocked-stays']],
    ['--patch p04-sys-migrate-pages stays', ['mlocked-stays']],
    ['--patch base', ['no-change']],
  ])('%s', async (options, ids) => {
    expect((await json(some, `matrix --level 3 ${options}`)).behaviours.map(({ id }) => id)).toEqual(ids);
  });

  it('that is empty is an error, with what comes near', async () => {
    const answer = await ask(some, 'matrix mlocked-moves');
    expect(answer).toEqual({ code: 1, out: '', err: "pmkit matrix: no behaviour fits 'mlocked-moves'\nDid you mean one of these?\n  mlocked-stays\n" });
    expect((await ask(some, 'matrix xyzzy')).err).toBe("pmkit matrix: no behaviour fits 'xyzzy'\n(pmkit matrix without a pattern shows all 3)\n");
    expect((await ask(some, 'matrix --patch 9')).err).toContain('no behaviour fits --patch 9\n');
  });

  it.each([
    ['--level 11', 'Patch 11 is not in series'],
    ['--level N1.0', 'is a hotplug patch'],
    ['--patch nobody', 'Patch nobody is not in series'],
    ['--kind bug', "option '--kind <kind>' argument 'bug' is invalid"],
    ['--json --junit', "option '--json' cannot be used with option '--junit'"],
  ])('%s is misuse', async (options, sentence) => {
    const { code, out, err } = await ask(some, `matrix ${options}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
  });
});
