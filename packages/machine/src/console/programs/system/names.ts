/** Who and what this is: uname, hostname, id, whoami, nproc, getconf, sync. */
import { HZ } from '@pmkit/mm-core/include/linux/sched';
import { utsname, type Utsname } from '../../../views/index.js';
import type { Process } from '../../process.js';
import { readNames, readText } from '../numa/libnuma/host.js';
import { getaffinity } from './affinity.js';
import { Accounts } from './accounts.js';
import { defineProgram, helpOf, none, parseOptions, required, type Parsed } from './define.js';
import { memoryOf } from './proc.js';

const UNAME = {
  path: '/bin/uname', summary: 'print names of the system', synopsis: ['uname [-asnrvmpio]'],
  description: 'Prints what uname(2) says, in this order whatever the order of the options; the name of the kernel if there are none.',
  options: [
    ['-a, --all', 'all of them'], ['-s, --kernel-name', 'Linux'], ['-n, --nodename', 'name of the machine'],
    ['-r, --kernel-release', 'the tree, and behind + the patch on top: 2.6.12-rc5-mhp1+sys-migrate-pages-rc3'], ['-v, --kernel-version', 'build'], ['-m, --machine', 'ia64'],
    ['-p, -i', 'processor and platform: unknown'], ['-o, --operating-system', 'GNU/Linux'],
  ] as const,
};
const UNAME_FIELDS: readonly (readonly [opt: string, long: string, value: keyof Utsname | 'unknown' | 'GNU/Linux'])[] = [
  ['s', 'kernel-name', 'sysname'], ['n', 'nodename', 'nodename'], ['r', 'kernel-release', 'release'], ['v', 'kernel-version', 'version'], ['m', 'machine', 'machine'],
  ['p', 'processor', 'unknown'], ['i', 'hardware-platform', 'unknown'], ['o', 'operating-system', 'GNU/Linux'],
];
export const uname = defineProgram({
  ...UNAME,
  run(p) {
    const parsed = parseOptions(p, 'asnrvmpio', [none('all', 'a'), ...UNAME_FIELDS.map(([opt, long]) => none(long, opt))]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(UNAME));
      return 0;
    }
    const [extra] = parsed.operands;
    if (extra !== undefined) return p.fail(`extra operand '${extra}'\nTry '${p.name} --help' for more information.`);
    const names = utsname(p.box.k);
    // -a leaves out what is unknown
    const fields = UNAME_FIELDS.filter(([opt, , value]) => parsed.has(opt) || (parsed.has('a') && value !== 'unknown') || (parsed.options.length === 0 && opt === 's'));
    p.out(`${fields.map(([, , value]) => (value === 'unknown' || value === 'GNU/Linux' ? value : names[value])).join(' ')}\n`);
    return 0;
  },
});

const HOSTNAME = {
  path: '/bin/hostname', summary: 'print or set the name of the machine', synopsis: ['hostname [-s|-f]', 'hostname NAME'],
  description: 'Prints the name that the machine has, or gives it another one, which takes CAP_SYS_ADMIN.',
  options: [['-s, --short', 'up to the first dot'], ['-f, --fqdn', 'in full']] as const,
};
export const hostname = defineProgram({
  ...HOSTNAME,
  async run(p) {
    const parsed = parseOptions(p, 'sf', [none('short', 's'), none('fqdn', 'f'), none('long', 'f')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(HOSTNAME));
      return 0;
    }
    const [name] = parsed.operands;
    if (name === undefined) {
      const { nodename } = utsname(p.box.k);
      p.out(`${parsed.has('s') ? nodename.replace(/\..*/, '') : nodename}\n`);
      return 0;
    }
    if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) return p.fail('the specified hostname is invalid');
    const result = await p.sys('sethostname', name, name.length);
    return result === 0 ? 0 : p.fail(result === -1 ? 'you must be root to change the host name' : 'name too long');
  },
});

/** All groups of the caller, the effective one first; of a user by name those of /etc/group. */
async function identityOf(p: Process, accounts: Accounts, name: string | undefined): Promise<{ uid: number; euid: number; gid: number; egid: number; groups: number[] } | null> {
  if (name !== undefined) {
    const user = accounts.user(name);
    return user === undefined ? null : { uid: user.uid, euid: user.uid, gid: user.gid, egid: user.gid, groups: accounts.groupsOf(user) };
  }
  const [uid, euid, gid, egid] = [await p.sys('getuid'), await p.sys('geteuid'), await p.sys('getgid'), await p.sys('getegid')];
  const groups: number[] = [];
  await p.sys('getgroups', await p.sys('getgroups', 0, null), groups);
  return { uid, euid, gid, egid, groups: [...new Set([egid, gid, ...groups])] };
}

const ID = {
  path: '/usr/bin/id', summary: 'print user and group ids', synopsis: ['id [-u|-g|-G] [-nrz] [USER]'],
  description: 'Prints the ids of the caller, or those that a user of /etc/passwd would have.',
  options: [['-u, --user', 'only the effective user id'], ['-g, --group', 'only the effective group id'], ['-G, --groups', 'all group ids'], ['-n, --name', 'the name instead of the number'], ['-r, --real', 'the real id instead of the effective one']] as const,
};
export const id = defineProgram({
  ...ID,
  async run(p) {
    const parsed = parseOptions(p, 'ugGnrza', [none('user', 'u'), none('group', 'g'), none('groups', 'G'), none('name', 'n'), none('real', 'r'), none('zero', 'z')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(ID));
      return 0;
    }
    return printIdentity(p, parsed);
  },
});
async function printIdentity(p: Process, parsed: Parsed): Promise<number> {
  const one = ['u', 'g', 'G'].filter(opt => parsed.has(opt));
  if (one.length > 1) return p.fail('cannot print "only" of more than one choice');
  if (one.length === 0 && parsed.has('n', 'r')) return p.fail('cannot print only names or real IDs in default format');
  const accounts = await Accounts.read(p);
  const [name] = parsed.operands;
  const who = await identityOf(p, accounts, name);
  if (who === null) return p.fail(`'${name!}': no such user`);
  const named = (number: number, of: string | undefined): string => (parsed.has('n') ? of ?? String(number) : String(number));
  const uid = parsed.has('r') ? who.uid : who.euid;
  const gid = parsed.has('r') ? who.gid : who.egid;
  if (parsed.has('u')) p.out(`${named(uid, accounts.userName(uid))}\n`);
  else if (parsed.has('g')) p.out(`${named(gid, accounts.groupName(gid))}\n`);
  else if (parsed.has('G')) p.out(`${who.groups.map(group => named(group, accounts.groupName(group))).join(' ')}\n`);
  else {
    const both = (number: number, of: string | undefined): string => (of === undefined ? String(number) : `${number}(${of})`);
    const effective = (who.uid === who.euid ? '' : ` euid=${both(who.euid, accounts.userName(who.euid))}`) + (who.gid === who.egid ? '' : ` egid=${both(who.egid, accounts.groupName(who.egid))}`);
    p.out(`uid=${both(who.uid, accounts.userName(who.uid))} gid=${both(who.gid, accounts.groupName(who.gid))}${effective} groups=${who.groups.map(group => both(group, accounts.groupName(group))).join(',')}\n`);
  }
  return 0;
}

export const whoami = defineProgram({
  path: '/usr/bin/whoami', summary: 'print the name of the effective user', synopsis: ['whoami'], description: 'The same as id -un.',
  async run(p) {
    const uid = await p.sys('geteuid');
    const name = (await Accounts.read(p)).userName(uid);
    if (name === undefined) return p.fail(`cannot find name for user ID ${uid}`);
    p.out(`${name}\n`);
    return 0;
  },
});

const NPROC = {
  path: '/usr/bin/nproc', summary: 'print the number of processors', synopsis: ['nproc [--all] [--ignore N]'],
  description: 'Prints how many CPUs the caller may run on.', options: [['--all', 'how many there are'], ['--ignore N', 'N less, but one at least']] as const,
};
export const nproc = defineProgram({
  ...NPROC,
  async run(p) {
    const parsed = parseOptions(p, '', [none('all'), required('ignore')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(NPROC));
      return 0;
    }
    const ignore = parsed.value('ignore') ?? '0';
    if (!/^\d+$/.test(ignore)) return p.fail(`invalid number: '${ignore}'`);
    const count = parsed.has('all') ? await configuredCpus(p) : (await getaffinity(p, 0) as readonly number[]).length;
    p.out(`${Math.max(1, count - Number(ignore))}\n`);
    return 0;
  },
});

/** sysconf(_SC_NPROCESSORS_CONF) of glibc: the processors of /proc/cpuinfo, or the directories of sysfs. */
async function configuredCpus(p: Process): Promise<number> {
  const names = await readNames(p, '/sys/devices/system/cpu');
  if (typeof names !== 'number') return names.filter(name => /^cpu\d+$/.test(name)).length;
  const cpuinfo = await readText(p, '/proc/cpuinfo');
  return typeof cpuinfo === 'number' ? 1 : Math.max(1, cpuinfo.match(/^processor/gm)?.length ?? 1);
}

export const sync = defineProgram({
  path: '/bin/sync', summary: 'write dirty pages to the disks', synopsis: ['sync'], description: 'Calls sync(2), which writes what is dirty and waits for the disks.',
  async run(p) {
    await p.sys('sync');
    return 0;
  },
});

/** What sysconf(3) and its like say on ia64 with glibc 2.3; a function where the machine decides. */
const CONF: Readonly<Record<string, number | string | ((p: Process) => Promise<number> | number)>> = {
  ARG_MAX: p => p.box.k.m.PAGE_SIZE * 32, CHAR_BIT: 8, CHILD_MAX: 999, CLK_TCK: HZ, HOST_NAME_MAX: 64, INT_MAX: 2_147_483_647, LOGIN_NAME_MAX: 256, LONG_BIT: 64, NAME_MAX: 255,
  NGROUPS_MAX: 65_536, OPEN_MAX: 1024, PAGESIZE: p => p.box.k.m.PAGE_SIZE, PAGE_SIZE: p => p.box.k.m.PAGE_SIZE, PATH_MAX: 4096, WORD_BIT: 32,
  _AVPHYS_PAGES: async p => pagesOf(p, 'MemFree'), _NPROCESSORS_CONF: configuredCpus, _NPROCESSORS_ONLN: configuredCpus, _PHYS_PAGES: async p => pagesOf(p, 'MemTotal'),
  GNU_LIBC_VERSION: 'glibc 2.3.4',
};
async function pagesOf(p: Process, name: string): Promise<number> {
  const meminfo = await readText(p, '/proc/meminfo');
  return typeof meminfo === 'number' ? 0 : Math.floor((memoryOf(meminfo, name) * 1024) / p.box.k.m.PAGE_SIZE);
}

export const getconf = defineProgram({
  path: '/usr/bin/getconf', summary: 'print values of the configuration', synopsis: ['getconf NAME [PATH]', 'getconf -a'],
  description: `Prints the value of a variable: ${Object.keys(CONF).join(', ')}. _SC_ in front is accepted. CLK_TCK is 1024 on ia64.`,
  async run(p) {
    const [, first = '', second] = p.argv;
    const value = async (name: string): Promise<string> => {
      const entry = CONF[name]!;
      return String(typeof entry === 'function' ? await entry(p) : entry);
    };
    if (first === '-a') {
      for (const name of Object.keys(CONF)) p.out(`${name.padEnd(34)} ${await value(name)}\n`);
      return 0;
    }
    const name = first.replace(/^_SC(?=_)/, '').replace(/^_(?=PAGESIZE$|PAGE_SIZE$|CLK_TCK$|OPEN_MAX$)/, '');
    if (first === '' || (second !== undefined && !second.startsWith('/'))) {
      p.err('Usage: getconf [-v specification] variable_name [pathname]\n');
      return 2;
    }
    if (CONF[name] === undefined) {
      p.err(`getconf: Unrecognized variable \`${first}'\n`);
      return 2;
    }
    p.out(`${await value(name)}\n`);
    return 0;
  },
});
