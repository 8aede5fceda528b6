/** What the type checker has judged when the kit was built is so at run time, too: nobody examines the levels again when a machine boots. */
import { describe, expect, it } from 'vitest';
import { linkErrors } from '@pmkit/linker';
import { hotplugAt, levels } from '../src/levels.js';

/** The same tree, which nobody has judged. */
const examined = (series: (typeof levels)[number]) => linkErrors(new Map(series.definitions), { m: undefined });

describe('the linker', () => {
  it.each(levels.map((series, level) => [level, series] as const))('finds every call of level %i in order', (_, series) => {
    expect(examined(series)).toEqual([]);
  });
  it('does find what is wrong in a tree that it examines', () => {
    expect(linkErrors(new Map(hotplugAt(4).definitions), { m: undefined }).map(({ caller, callee }) => [caller, callee])).toEqual([['capture_page_range', 'try_to_migrate_pages']]);
  });
});
