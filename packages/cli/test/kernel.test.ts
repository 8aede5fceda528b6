/** The commands over the real linker, base tree and patches. */
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { session } from './helpers.js';

describe('the patches of this release', () => {
  it('push and pop over the real kernel, which links at every level', async () => {
    const pmkit = session({ services: { series: migrationSeries, linkLevel, touchedFiles } });
    const pushed = await pmkit('push -av');
    expect(pushed).toMatchObject({ code: 0, err: expect.stringMatching(/^Patch .* is not part of this release; .*\n$/) as string });
    expect(pushed.out).toContain('patching file include/linux/mm_inline.h\n');
    expect(pushed.out).toContain('patching file fs/xfs/linux-2.6/xfs_aops.c\n');
    expect(pushed.out).toContain('  changes the prototype of try_to_migrate_pages()\n');
    expect(pushed.out).toContain('  adds sys_migrate_pages()\n');
    const popped = await pmkit('pop -a');
    expect(popped).toMatchObject({ code: 0, err: '' });
    expect(popped.out).toContain('Restoring mm/mmigrate.c\n');
    // the header is there before patch 3
    expect(popped.out).toContain('Restoring include/linux/mmigrate.h\n');
    expect(popped.out).not.toContain('Removing include/');
  });
});
