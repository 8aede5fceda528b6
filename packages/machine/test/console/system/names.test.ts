import { describe, expect, it } from 'vitest';
import { output, script, systemBox } from './helpers.js';

describe('uname', () => {
  it('names the tree and the patch on top', async () => {
    expect(await output('uname -r', systemBox({ level: 0 }))).toBe('2.6.12-rc5-mhp1\n');
    expect(await output('uname -r', systemBox({ level: 4 }))).toBe('2.6.12-rc5-mhp1+add-sys_migrate_pages-rc3\n');
  });
  it('prints in an order of its own, and with -a everything known', async () => {
    const box = systemBox({ level: 0 });
    expect(await output('uname; uname -ms; uname -a', box)).toBe('Linux\nLinux ia64\nLinux uniform-4n 2.6.12-rc5-mhp1 #1 SMP Wed Jun 22 16:39:08 UTC 2005 ia64 GNU/Linux\n');
  });
  it.each([['uname -Q', "uname: invalid option -- 'Q'\nTry 'uname --help' for more information.\n"], ['uname x', "uname: extra operand 'x'\nTry 'uname --help' for more information.\n"]])('%s fails', async (command, stderr) => {
    expect(await script(command)).toMatchObject({ stderr, exitCode: 1 });
  });
});

it('hostname tells and changes the name, if root does', async () => {
  expect(await output('hostname; hostname altix.sgi.com; hostname; hostname -s; uname -n; cat /proc/sys/kernel/hostname')).toBe('uniform-4n\naltix.sgi.com\naltix\naltix.sgi.com\naltix.sgi.com\n');
  expect((await script('su user1000 -c "hostname x"')).stderr).toBe('hostname: you must be root to change the host name\n');
  expect((await script('hostname -- -x')).stderr).toBe('hostname: the specified hostname is invalid\n');
});

describe('getconf', () => {
  it('tells what scripts ask for', async () => {
    expect(await output('getconf PAGESIZE; getconf PAGE_SIZE; getconf _PAGESIZE 2>/dev/null; getconf LONG_BIT; getconf CLK_TCK; getconf _NPROCESSORS_ONLN; getconf _PHYS_PAGES; getconf PATH_MAX /')).toBe('16384\n16384\n16384\n64\n1024\n8\n8190\n4096\n');
  });
  it('does not know everything', async () => {
    expect(await script('getconf NONSENSE')).toMatchObject({ stderr: "getconf: Unrecognized variable `NONSENSE'\n", exitCode: 2 });
  });
});

describe('ipcs and ipcrm', () => {
  const withSegments = async (): Promise<ReturnType<typeof systemBox>> => {
    const box = systemBox();
    const sys = (name: string, ...args: readonly unknown[]): Promise<number> => box.login.sys(name, ...args);
    await sys('shmget', 0x1234, 100_000, 0o1600);
    const marked = await sys('shmget', 0, 16_384, 0o1644);
    await sys('shmat', marked, 0, 0);
    await sys('shmctl', marked, 0);
    return box;
  };
  it('list segments as scripts parse them', async () => {
    expect(await output('ipcs -m', await withSegments())).toBe('\n------ Shared Memory Segments --------\nkey        shmid      owner      perms      bytes      nattch     status      \n'
      + '0x00001234 0          root       600        100000     0                       \n0x00000000 32769      root       644        16384      1          dest         \n\n');
  });
  it('tell of queues and semaphores that there are none', async () => {
    expect(await output('ipcs | grep -c -- ------')).toBe('3\n');
  });
  it('sum up, and tell limits and one segment', async () => {
    const box = await withSegments();
    expect(await output('ipcs -mu', box)).toBe('\n------ Shared Memory Status --------\nsegments allocated 2\npages allocated 8\npages resident  0\npages swapped   0\nSwap performance: 0 attempts\t 0 successes\n\n');
    expect(await output('ipcs -ml', box)).toContain('max number of segments = 4096\nmax seg size (kbytes) = 32768\n');
    expect(await output('ipcs -m -i 0', box)).toContain('bytes=100000\tlpid=0\tcpid=7\tnattch=0\n');
  });
  it('remove by id and by key', async () => {
    const box = await withSegments();
    expect(await output('ipcrm -M 0x1234; ipcs -m | grep -c 0x00001234; true', box)).toBe('0\n');
    expect(await script('ipcrm -m 77; ipcrm shm 78; ipcrm -M 0x99; su user1000 -c "ipcrm -m 32769"', box)).toMatchObject({
      stderr: 'ipcrm: invalid id (77)\nipcrm: invalid id (78)\nipcrm: invalid key (0x99)\nipcrm: permission denied for id (32769)\n', exitCode: 1,
    });
    expect(await output('ipcrm -a', box)).toBe('');
  });
});

describe('sysctl', () => {
  it('reads and writes settings', async () => {
    expect(await output('sysctl vm.swappiness kernel.ostype; sysctl -w vm.swappiness=10; sysctl -n vm.swappiness; cat /proc/sys/vm/swappiness; sysctl -q vm.swappiness=20; sysctl vm/swappiness')).toBe(
      'vm.swappiness = 60\nkernel.ostype = Linux\nvm.swappiness = 10\n10\n10\nvm.swappiness = 20\n');
  });
  it('takes them from a file', async () => {
    expect(await output('printf "# x\\nvm.swappiness = 33\\n" > /etc/sysctl.conf; sysctl -p; sysctl -a | grep swappiness')).toBe('vm.swappiness = 33\nvm.swappiness = 33\n');
  });
  it.each([
    ['sysctl foo.bar', 'sysctl: cannot stat /proc/sys/foo/bar: No such file or directory'], ['su user1000 -c "sysctl vm.swappiness=1"', 'sysctl: permission denied on key "vm.swappiness"'],
    ['sysctl vm.swappiness=x', 'sysctl: setting key "vm.swappiness": Invalid argument'], ['sysctl -w vm.swappiness', 'sysctl: "vm.swappiness" must be of the form name=value'],
  ])('%s fails', async (command, text) => {
    expect(await script(command)).toMatchObject({ stdout: '', stderr: `${text}\n`, exitCode: 1 });
  });
});
