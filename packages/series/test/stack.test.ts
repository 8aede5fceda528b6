import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appliedPatches,
  emptyStack,
  findLevel,
  findPatch,
  formatSeriesFile,
  formatState,
  loadPatch,
  migrationSeries as series,
  nextPatch,
  parseState,
  planGoto,
  planPop,
  planPush,
  previousPatch,
  stackAt,
  StackError,
  topPatch,
  unappliedAfter,
  withPopped,
  withPushed,
  type PatchEntry,
  type StackReason,
} from '../src/stack/index.js';

const names = (entries: readonly PatchEntry[]): string[] => entries.map(({ name }) => name);
const all = names(series.entries);

function refusal(action: () => unknown): { reason: StackReason; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof StackError) return { reason: error.reason, message: error.message };
    throw error;
  }
  throw new Error('expected a StackError, but nothing was thrown');
}

describe('the series', () => {
  it('has the ten patches of the mail in order, with two host patches before the tenth', () => {
    expect(series.entries.flatMap(({ number }) => number ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(all.slice(9)).toEqual(['N1.0-memsection_migrate.patch', 'N1.1-pass-page_list-to-steal_page.patch', 'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch']);
    expect(new Set(all).size).toBe(12);
  });

  it('has each patch in a package of its own, which has that patch', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { dependencies: object };
    for (const entry of series.entries) {
      expect(Object.keys(manifest.dependencies)).toContain(entry.package);
      expect(await loadPatch(entry)).toMatchObject({ name: entry.name, package: entry.package });
    }
    await expect(loadPatch({ name: 'other.patch', package: '@x/other', summary: '' })).rejects.toThrow('no package @x/other for patch other.patch');
  });

  it('chains: each patch applies on top of the one before, the first host patch on any below it', async () => {
    const belowOf: string[] = [series.base];
    for (const entry of series.entries) {
      const { after } = await loadPatch(entry);
      expect(after).toEqual(entry.name.startsWith('N1.0-') ? belowOf : belowOf.at(-1));
      belowOf.push(entry.name);
    }
  });

  it('prints as a series file in which quilt finds every patch, and both insertions', () => {
    const text = formatSeriesFile(series);
    const asQuiltReads = text.split('\n').filter((line) => !line.startsWith('#'));
    expect(asQuiltReads.filter((line) => line !== '')).toEqual(all);
    expect(text.match(/inserted here/g)).toHaveLength(2);
    expect(text).toContain('sys_migrate_pages-permissions-check.patch\n# memory hotplug, continued\nN1.0-');
  });
});

describe('a patch may be called', () => {
  it.each([
    ['add-sys_migrate_pages-rc3.patch', 4],
    ['add-sys_migrate_pages-rc3', 4],
    ['patches/add-sys_migrate_pages-rc3.patch', 4],
    ['4', 4],
    ['p04', 4],
    ['p4', 4],
    ['p04-sys-migrate-pages', 4],
    ['@pmkit/p04-sys-migrate-pages', 4],
    ['add-sys', 4],
    ['hiro', 1],
    ['p02-x', 2],
    ['10', 10],
    ['N1.2', 10],
  ])('%s', (word, number) => {
    expect(findPatch(series, word).number).toBe(number);
  });

  it('nothing that fits two, which are named', () => {
    expect(refusal(() => findPatch(series, 'N1'))).toMatchObject({ reason: 'ambiguous', message: expect.stringContaining('N1.1-pass-page_list') as string });
  });

  it.each([
    ['hirokasu-steal_page_from_lru.patch', 'hirokazu-steal_page_from_lru.patch'],
    ['xsf-migrate', 'xfs-migrate-page-rc3.patch'],
    ['cpuset', 'sys_migrate_pages-cpuset-support.patch'],
  ])('not %s, but the answer has what was meant', (word, meant) => {
    expect(refusal(() => findPatch(series, word))).toMatchObject({ reason: 'unknown', message: expect.stringMatching(`^Patch ${word} is not in series\nDid you mean [^]*  ${meant}`) as string });
  });

  it.each(['', 'zzz', '11', '99999999', '__proto__'])('not %j', (word) => {
    expect(refusal(() => findPatch(series, word)).message).toBe(`Patch ${word} is not in series`);
  });

  it('nothing that is too long to be a name, which is cut short', () => {
    expect(refusal(() => findPatch(series, 'x'.repeat(1e6))).message).toBe(`Patch ${'x'.repeat(97)}... is not in series`);
  });

  it('by itself wherever it stands: names, numbers and lone beginnings find the same patch', () => {
    for (const entry of series.entries) {
      expect(findPatch(series, entry.name)).toBe(entry);
      expect(findPatch(series, entry.name.slice(0, -1))).toBe(entry);
      if (entry.number !== undefined) expect(findPatch(series, String(entry.number))).toBe(entry);
    }
  });

  it('the base only where a level is asked for', () => {
    for (const word of ['0', 'base', 'p00', series.base]) expect(findLevel(series, word)).toBeUndefined();
    expect(refusal(() => findPatch(series, series.base)).message).toMatch(/is in the base tree/);
  });
});

describe('the stack answers as quilt does', () => {
  const two = stackAt(series, '2');
  const none = emptyStack(series);
  const full = stackAt(series, '10');

  it('about the top', () => {
    expect(topPatch(two).number).toBe(2);
    expect(refusal(() => topPatch(none))).toEqual({ reason: 'none applied', message: 'No patches applied' });
  });

  it('about what is applied', () => {
    expect(names(appliedPatches(two))).toEqual(all.slice(0, 2));
    expect(names(appliedPatches(two, '1'))).toEqual(all.slice(0, 1));
    expect(refusal(() => appliedPatches(two, '3'))).toEqual({ reason: 'not applied', message: `Patch ${all[2]} is not applied` });
    expect(refusal(() => appliedPatches(none)).reason).toBe('none applied');
  });

  it('about what is not', () => {
    expect(names(unappliedAfter(two))).toEqual(all.slice(2));
    expect(names(unappliedAfter(two, '1'))).toEqual(all.slice(1));
    expect(unappliedAfter(two, '10')).toEqual([]);
    expect(refusal(() => unappliedAfter(full))).toEqual({ reason: 'fully applied', message: `File series fully applied, ends at patch ${all[11]}` });
  });

  it('about what comes next', () => {
    expect(nextPatch(none).number).toBe(1);
    expect(nextPatch(two).number).toBe(3);
    expect(nextPatch(two, '7').number).toBe(7);
    expect(refusal(() => nextPatch(two, '1'))).toEqual({ reason: 'currently applied', message: `Patch ${all[0]} is currently applied` });
    expect(refusal(() => nextPatch(full)).reason).toBe('fully applied');
  });

  it('about what came before', () => {
    expect(previousPatch(two)?.number).toBe(1);
    expect(previousPatch(two, '1')).toBeUndefined();
    expect(previousPatch(two, '9')?.number).toBe(2);
    expect(refusal(() => previousPatch(none)).reason).toBe('none applied');
  });

  it('to a push', () => {
    expect(names(planPush(two, { count: 1 }))).toEqual([all[2]]);
    expect(names(planPush(two, { count: 99 }))).toEqual(all.slice(2));
    expect(names(planPush(two, { all: true }))).toEqual(all.slice(2));
    expect(names(planPush(two, { patch: '4' }))).toEqual(all.slice(2, 4));
    expect(refusal(() => planPush(two, { patch: '1' })).reason).toBe('currently applied');
    expect(refusal(() => planPush(two, { count: 0 }))).toEqual({ reason: 'nothing to do', message: 'No patch applied' });
    expect(refusal(() => planPush(full, { count: 0 })).reason).toBe('fully applied');
  });

  it('to a pop', () => {
    expect(names(planPop(two, { count: 1 }))).toEqual([all[1]]);
    expect(names(planPop(two, { count: 99 }))).toEqual([all[1], all[0]]);
    expect(names(planPop(full, { patch: '9' }))).toEqual([all[11], all[10], all[9]]);
    for (const reach of [{ count: 0 }, { patch: '2' }]) {
      expect(refusal(() => planPop(two, reach))).toEqual({ reason: 'nothing to do', message: 'No patch removed' });
    }
    expect(refusal(() => planPop(none, { all: true })).reason).toBe('nothing to do');
    expect(refusal(() => planPop(two, { patch: '3' })).reason).toBe('not applied');
  });
});

describe('laws of the stack', () => {
  const level = fc.integer({ min: 0, max: all.length });
  const at = (height: number) => stackAt(series, all[height - 1] ?? '0');

  it('going to a level and carrying the plan out ends at that level', () => {
    fc.assert(
      fc.property(level, level, (from, to) => {
        const { direction, plan } = planGoto(at(from), all[to - 1] ?? 'base');
        const step = direction === 'push' ? withPushed : withPopped;
        expect(plan.reduce(step, at(from))).toEqual(at(to));
        expect(plan).toHaveLength(Math.abs(to - from));
      }),
    );
  });

  it('applied and unapplied are the series, and a written state is read back', () => {
    fc.assert(
      fc.property(level, (height) => {
        const stack = at(height);
        const rest = height < all.length ? unappliedAfter(stack) : [];
        expect([...stack.applied, ...rest]).toEqual(series.entries);
        expect(parseState(series, formatState(stack))).toEqual(stack);
      }),
    );
  });

  it('a patch out of turn is refused', () => {
    expect(() => withPushed(at(0), findPatch(series, '2'))).toThrow(new RangeError(`cannot push ${all[1]}: the next patch is ${all[0]}`));
    expect(() => withPopped(at(2), findPatch(series, '1'))).toThrow(RangeError);
    expect(() => withPushed(at(12), findPatch(series, '1'))).toThrow(/the next patch is none/);
  });
});

describe('a damaged state', () => {
  const header = '# pmkit-applied-patches 1\n';
  it.each([
    ['', 1, 'first line', '""'],
    ['\0\0\0\0', 1, 'first line', '"\\u0000\\u0000\\u0000\\u0000"'],
    ['# pmkit-applied-patches 2\n', 1, 'format', 'version 2'],
    [`${header}${all[0]}\nbogus.patch\n`, 3, 'patch', '"bogus.patch"'],
    [`${header}${all[1]}\n`, 2, 'patch', `"${all[1]}"`],
    [`${header}${all[0]}\n${all[0]}\n`, 3, 'patch', `"${all[0]}"`],
    [`${header}${all[0]}\n\n`, 3, 'patch', '""'],
    [`${header}${all[0]}\n${all[1]?.slice(0, 9)}`, 3, 'line', '"xfs-migra"'],
    [`${header}${[...all, all[0]].join('\n')}\n`, 14, 'patch', `"${all[0]}"`],
    [`${header}${'y'.repeat(200)}\n`, 2, 'patch', `"${'y'.repeat(77)}..."`],
  ])('%j is found at its line', (text, line, field, found) => {
    expect(parseState(series, text)).toMatchObject({ line, field, found });
  });

  it('is never taken for a stack that was not written', () => {
    const text = formatState(stackAt(series, '4'));
    for (let cut = 0; cut < text.length; cut++) {
      const read = parseState(series, text.slice(0, cut));
      // Cut exactly at the end of a line it is what was written before that line: a beginning, and told from nothing else.
      if ('applied' in read) expect(text.slice(0, cut)).toBe(formatState(read));
      else expect(read.line).toBeGreaterThan(0);
    }
  });
});
