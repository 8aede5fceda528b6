/** The real series under the type checker: its order, and what a patch may and may not do to the real tree. */
import { describe, expect, it } from 'tstyche';
import { definePatch, link } from '@pmkit/linker';
import { createMachine } from '@pmkit/mm-core';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import type { K, ListHead, MaySleep } from '@pmkit/mm-core';
import { level0, level1, level3, level4 } from '../src/levels.js';

const m = createMachine({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });

describe('the series', () => {
  it('is pushed in its order and in no other', () => {
    expect(level0.push).type.toBeCallableWith(p01);
    expect(level0.push(p02)).type.toRaiseError(
      "xfs-migrate-page-rc3.patch applies on top of 'hirokazu-steal_page_from_lru.patch', but the top is 'AA-PM-99-x86_64-IMMOVABLE.patch'",
    );
    expect(level1.push(p04)).type.toRaiseError(
      "add-sys_migrate_pages-rc3.patch applies on top of 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch', but the top is 'hirokazu-steal_page_from_lru.patch'",
    );
  });
  it('takes no patch twice', () => {
    expect(level1.push(p01)).type.toRaiseError('hirokazu-steal_page_from_lru.patch is applied already');
  });
  it('changes the prototype of try_to_migrate_pages() with patch 3', () => {
    expect(link(level0, { m }).try_to_migrate_pages).type.not.toBeCallableWith(1 as ListHead, null);
    expect(link(level3, { m }).try_to_migrate_pages).type.toBeCallableWith(1 as ListHead, null);
    expect(link(level4, { m }).sys_migrate_pages).type.toBeCallableWith(1, 1, null, null);
  });
});

describe('a caller of the old prototype', () => {
  const capture = {
    *capture(this: K<'try_to_migrate_pages'>, list: ListHead): MaySleep<number> {
      return yield* this.try_to_migrate_pages(list);
    },
  };
  const before = definePatch({ name: 'capture', package: '@x/capture', after: 'AA-PM-99-x86_64-IMMOVABLE.patch', adds: { 'mm/page_alloc.c': capture } });
  const after = definePatch({ name: 'capture', package: '@x/capture', after: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch', adds: { 'mm/page_alloc.c': capture } });

  it('builds on the base tree', () => {
    expect(link(level0.push(before), { m }).capture).type.toBeCallableWith(1 as ListHead);
  });
  it('does not build over patch 3: what patch 10 exists for', () => {
    expect(link(level3.push(after), { m })).type.toRaiseError('capture() calls try_to_migrate_pages() by another prototype');
  });
});
