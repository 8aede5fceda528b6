/** The real series under the type checker: its order, and what a patch may and may not do to the real tree. */
import { describe, expect, it } from 'tstyche';
import { link } from '@pmkit/linker';
import { createMachine } from '@pmkit/mm-core';
import { patch as n10 } from '@pmkit/n10-memsection-migrate';
import { patch as n11 } from '@pmkit/n11-pass-page-list';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p10 } from '@pmkit/p10-hotplug-fixup';
import type { ListHead } from '@pmkit/mm-core';
import { level0, level1, level2, level3, level4, level9, level10 } from '../src/levels.js';

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

describe('the hotplug patches, whose capture_page_range() calls the old prototype', () => {
  it('build on the base tree and on levels 1 and 2', () => {
    expect(link(level0.push(n10), { m }).capture_page_range).type.toBeCallableWith(0, 4);
    expect(link(level0.push(n10).push(n11), { m }).capture_page_range).type.toBeCallableWith(0, 4);
    expect(link(level1.push(n10).push(n11), { m }).capture_page_range).type.toBeCallableWith(0, 4);
    expect(link(level2.push(n10).push(n11), { m }).capture_page_range).type.toBeCallableWith(0, 4);
  });
  it('do not build over patch 3, nor over what follows: what patch 10 exists for', () => {
    expect(link(level3.push(n10), { m })).type.toRaiseError('capture_page_range() calls try_to_migrate_pages() by another prototype');
    expect(link(level3.push(n10).push(n11), { m })).type.toRaiseError('capture_page_range() calls try_to_migrate_pages() by another prototype');
    expect(link(level9.push(n10).push(n11), { m })).type.toRaiseError('capture_page_range() calls try_to_migrate_pages() by another prototype');
  });
  it('build again with patch 10', () => {
    expect(link(level10, { m }).capture_page_range).type.toBeCallableWith(0, 4);
    expect(link(level10, { m }).try_to_migrate_pages).type.toBeCallableWith(1 as ListHead, null);
  });
  it('are what patch 10 applies to: not on the page-migration tree alone', () => {
    expect(level9.push(p10)).type.toRaiseError(
      "N1.2-add-nodemap-to-try_to_migrate_pages-call.patch applies on top of 'N1.1-pass-page_list-to-steal_page.patch', but the top is 'sys_migrate_pages-permissions-check.patch'",
    );
  });
  it('are pushed in their order, and not twice', () => {
    expect(level0.push(n11)).type.toRaiseError(
      "N1.1-pass-page_list-to-steal_page.patch applies on top of 'N1.0-memsection_migrate.patch', but the top is 'AA-PM-99-x86_64-IMMOVABLE.patch'",
    );
    expect(level10.push(n10)).type.toRaiseError('N1.0-memsection_migrate.patch is applied already');
  });
});
