import { describe, expect, test } from 'vitest';
import { packageSources, sourcesAt, symbolsAt } from '@pmkit/review';
import { printModule, readModule } from '../../src/source/module.js';

test('a module is the sum of its parts', () => {
  for (const text of packageSources('@pmkit/mm-core').values()) expect(printModule(readModule(text))).toBe(text);
});

describe('a patch on the sources of the tree', () => {
  const at = (level: number, module: string, hotplug = false): string => sourcesAt({ level, hotplug }).get(module)!;

  test('a declaration takes the place of the old one, with its comment and what it imports', () => {
    const before = at(0, 'include/linux/mm_inline.ts');
    const after = at(1, 'include/linux/mm_inline.ts');
    expect(after.indexOf('function steal_page_from_lru(')).toBeGreaterThan(after.indexOf('function __steal_page_from_lru('));
    expect(before).toContain('TestSetPageLRU } from');
    expect(after).toContain('TestSetPageLRU, PageLRU } from');
    expect(after.match(/export function steal_page_from_lru\(/g)).toHaveLength(1);
  });

  test('a new one goes behind the one it follows; a helper in front of who uses it, until nobody does', () => {
    expect(at(7, 'mm/mmigrate.ts')).toMatch(/function isSelected\([^]*\n\}\n\n\/\*\*[^/]*\*\/\nexport function\* migrate_vma\(/);
    expect(at(2, 'fs/xfs/linux-2.6/xfs_aops.ts')).toMatch(/\n\};\n\n\/\*\*[^/]*\*\/\nexport function\* linvfs_migrate_page\(/);
    expect(at(5, 'mm/mempolicy.ts')).toContain('const short =');
  });

  test('where a kernel file is several modules, the one is changed that has the symbol', () => {
    expect(at(6, 'mm/mempolicy_syscalls.ts')).toContain('function migrationPolicyOf(');
    expect(at(6, 'mm/mempolicy.ts')).not.toContain('function* sys_mbind(');
  });

  test('a table with a row more is the table with that row', () => {
    expect(at(2, 'fs/xfs/linux-2.6/xfs_buf.ts')).toContain("= { sync_page: 'block_sync_page', migrate_page: 'xfs_skip_migrate_page' };");
    expect(at(4, 'kernel/sys_ni.ts')).toContain("sys_swapoff: 'CONFIG_SWAP', sys_migrate_pages: 'CONFIG_MEMORY_MIGRATE' }");
  });

  test('what a new definition calls of the old one stays beside it, for the module itself', () => {
    const text = at(0, 'mm/page_alloc.ts', true);
    expect(text).toContain('\nfunction free_hot_page_before(');
    expect(text).toContain('if (!freeIntoCapture(this.m, page)) free_hot_page_before.call(this, page);');
  });

  test('who calls what is declared by the table of the tree, whatever the patch', () => {
    for (const [module, text] of sourcesAt({ level: 10, hotplug: false })) {
      expect(text, module).not.toMatch(/\b(?:Kernel\d+|KernelN\d+|K\d+|KN\d+)\b/);
      expect(text, module).not.toContain("from '@pmkit/p");
    }
    expect(at(10, 'mm/page_alloc.ts')).toMatch(/export function\* capture_page_range\(\n {2}this: K<\n {4}\| 'try_to_migrate_pages'/);
  });
});

describe('the index of symbols', () => {
  const find = (name: string, level: number, module?: string) => symbolsAt({ level, hotplug: false }).find(symbol => symbol.name === name && (module === undefined || symbol.module === module));

  test('where a symbol is, which patch wrote it, and whom it calls', () => {
    const symbol = find('try_to_migrate_pages', 3)!;
    expect(symbol).toMatchObject({
      kind: 'function', module: 'mm/mmigrate.ts', file: 'mm/mmigrate.c', isLinked: true, patch: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
      callees: ['prepare_migration', 'node_migrate_onepage', 'putback_page_to_lru', 'put_page'],
    });
    expect(find('try_to_migrate_pages', 2)).toMatchObject({ patch: 'AA-PM-99-x86_64-IMMOVABLE.patch' });
    const lines = sourcesAt({ level: 3, hotplug: false }).get('mm/mmigrate.ts')!.split('\n').slice(symbol.firstLine - 1, symbol.lastLine);
    expect(lines.join('\n')).toBe(symbol.text);
  });

  test('a kernel file may be several modules; headers, types and helpers are there too', () => {
    expect(find('sys_mbind', 6)).toMatchObject({ module: 'mm/mempolicy_syscalls.ts', file: 'mm/mempolicy.c', patch: 'add-mempolicy-control-rc3.patch' });
    expect(find('MPOL_MF_DO_MMIGRATE', 6)).toMatchObject({ kind: 'constant', file: 'include/linux/mempolicy.h', isLinked: false });
    expect(find('NodeMap', 3)).toMatchObject({ kind: 'type', file: 'include/linux/mmigrate.h' });
    expect(find('isSelected', 7)).toMatchObject({ kind: 'function', isLinked: false, file: 'mm/mmigrate.c' });
    expect(find('Machine', 0, 'machine.ts')).toMatchObject({ file: null });
  });
});
