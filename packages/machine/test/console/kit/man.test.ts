import { describe, expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { man } from '../../../src/console/programs/kit/man/index.js';
import { expectSound, newBox } from '../helpers.js';

const read = async (line: string, box = newBox()) => box.run(['man', ...line.split(' ').filter(word => word !== '')]);

describe('man', () => {
  it('prints the page of a program', async () => {
    expect(await read('man')).toEqual({ stdout: man.manual, stderr: '', exitCode: 0 });
  });
  it('has a page with a name and a synopsis or description for every program', () => {
    expect(programs.filter(({ manual }) => !/NAME\n +\S/.test(manual) || !/SYNOPSIS\n|DESCRIPTION\n/.test(manual)).map(({ path }) => path)).toEqual([]);
  });
  it('prints the page of a file, by name or by path, and what is in it now', async () => {
    const box = newBox();
    const byName = await read('numa_maps', box);
    expect(byName.stdout).toMatch(/^NUMA_MAPS\(5\) +NUMA_MAPS\(5\)\n\nNAME\n {7}numa_maps - [^\n]+\n\nFILE\n {7}\/proc\/PID\/numa_maps, mode 0\d+\n/);
    expect(byName.stdout).toContain("Since Linux 2.6.14: 2.6.12 had no such file. It is here because today's tools read it.");
    expect(byName.stdout).toMatch(/\nEXAMPLE\n {7}\$ cat \/proc\/self\/numa_maps\n {7}[0-9a-f]+ default\n/);
    const byPath = await read(`/proc/${box.login.pid}/numa_maps`, box);
    expect(byPath.stdout.split('EXAMPLE')[0]).toBe(byName.stdout.split('EXAMPLE')[0]);
    expectSound(box);
  });
  it('prints both pages where two files have the name', async () => {
    const { stdout } = await read('meminfo');
    expect(stdout).toContain('/proc/meminfo, mode');
    expect(stdout).toContain('/sys/devices/system/node/nodeN/meminfo, mode');
  });
  it('prints the page of a system call of the kernel that runs, and who wrote it', async () => {
    expect((await read('2 migrate_pages')).stdout).toContain('Enters sys_migrate_pages() of mm/mmigrate.c, written first by p04-sys-migrate-pages, then by p05-mempolicy-migration, p08-cpuset-support, p09-permissions-check.');
    const old = await read('2 migrate_pages', newBox({ level: 3 }));
    expect([old.stderr, old.exitCode]).toEqual(['No manual entry for migrate_pages in section 2\n', 16]);
  });
  it('lists by word, and marks what came later', async () => {
    const { stdout } = await read('-k numa');
    expect(stdout).toMatch(/^\/proc\/PID\/numa_maps \(5\) - .* \[Linux 2\.6\.14\]$/m);
    expect(stdout).toMatch(/^numactl \(1\) +- /m);
    expect(await read('-k xyzzy')).toEqual({ stdout: '', stderr: 'xyzzy: nothing appropriate.\n', exitCode: 16 });
    expect((await read('-f strace')).stdout).toBe('strace (1)           - trace system calls and signals\n');
  });
  it('without a name lists what there is', async () => {
    const { stdout, exitCode } = await read('');
    expect(exitCode).toBe(0);
    for (const line of ['Programs: man NAME', '  workload (1)         - map and touch memory as told on the command line', 'Files that show the kernel']) expect(stdout).toContain(line);
  });
  it('says where help on other commands is', async () => {
    expect((await read('awk')).stderr).toBe("No manual entry for awk; try 'awk --help'\n");
    expect(await read('frob')).toEqual({ stdout: '', stderr: 'No manual entry for frob\n', exitCode: 16 });
  });
});
