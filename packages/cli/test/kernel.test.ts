/** The commands over the real linker, base tree and patches. */
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { session } from './helpers.js';

const services = { series: migrationSeries, linkLevel, touchedFiles };
const N10 = 'N1.0-memsection_migrate.patch';
const N11 = 'N1.1-pass-page_list-to-steal_page.patch';
const TOP = 'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch';
/** What a person saw who built the hotplug tree with the series and without patch 10. */
const BUILD_LOG = `mm/page_alloc.c: In function \`capture_page_range':
mm/page_alloc.c: error: too few arguments to function \`try_to_migrate_pages'
make[1]: *** [mm/page_alloc.o] Error 1
make: *** [mm] Error 2
`;

describe('all patches', () => {
  it('push over the hotplug patches, which do not build before patch 10, and pop', async () => {
    const pmkit = session({ services });
    const pushed = await pmkit('push -av');
    expect(pushed).toMatchObject({ code: 0, err: BUILD_LOG + BUILD_LOG });
    expect(pushed.out).toContain('patching file include/linux/mm_inline.h\n');
    expect(pushed.out).toContain('patching file fs/xfs/linux-2.6/xfs_aops.c\n');
    expect(pushed.out).toContain('  changes the prototype of try_to_migrate_pages()\n');
    expect(pushed.out).toContain('  adds sys_migrate_pages()\n');
    expect(pushed.out).toContain('  changes the prototype of steal_page()\n');
    for (const patch of [N10, N11]) expect(pushed.out).toContain(`Applied patch ${patch} (this tree does not build)\n`);
    expect(pushed.out).toMatch(new RegExp(`Now at patch ${TOP}\n$`));
    const popped = await pmkit('pop -a');
    expect(popped).toMatchObject({ code: 0, err: '' });
    expect(popped.out).toContain('Restoring mm/mmigrate.c\n');
    expect(popped.out).toContain('Removing mm/memory_hotplug.c\n');
    // the header is there before patch 3
    expect(popped.out).toContain('Restoring include/linux/mmigrate.h\n');
    expect(popped.out).not.toContain('Removing include/');
  });

  it.each(['goto -q 10', 'push -q N1.2'])('%s goes to patch 10 over what does not build', async (command) => {
    const pmkit = session({ services });
    await pmkit('goto -q 9');
    expect(await pmkit(command)).toMatchObject({ code: 0, err: BUILD_LOG + BUILD_LOG });
    expect((await pmkit('top')).out).toBe(`${TOP}\n`);
  });
});

describe('the hotplug patches without patch 10', () => {
  it.each(['push -q', 'push -q 2', 'push -q N1.1', 'goto -q N1.0'])('%s on level 9 is refused with what the build prints', async (command) => {
    const pmkit = session({ services });
    await pmkit('goto -q 9');
    expect(await pmkit(command)).toMatchObject({ code: 1, err: `${BUILD_LOG}Patch ${N10} does not build on this tree (enforce with -f)\n` });
    expect((await pmkit('top')).out).toBe('sys_migrate_pages-permissions-check.patch\n');
  });

  it('can be forced, and patch 10 mends the tree', async () => {
    const pmkit = session({ services });
    await pmkit('goto -q 9');
    const forced = await pmkit('push -qf');
    expect(forced).toMatchObject({ code: 0, err: BUILD_LOG });
    expect(forced.out).toContain(`Applied patch ${N10} (forced; this tree does not build)\n`);
    expect((await pmkit('push -qf')).err).toBe(BUILD_LOG);
    expect(await pmkit('push -q')).toEqual({ code: 0, out: `Applying patch ${TOP}\nNow at patch ${TOP}\n`, err: '' });
  });
});
