/** ipcs and ipcrm (util-linux 2.3x sys-utils/ipcs.c, ipcrm.c). The machine has shared memory segments; message queues and semaphores it has not. */
import { EACCES, EIDRM, EINVAL, ENOENT, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { IPC_RMID, IPC_STAT, SHM_DEST, SHM_INFO, SHM_LOCKED, type ShmidDs, type ShmInfo } from '@pmkit/mm-core/include/linux/shm';
import type { Process } from '../../process.js';
import { wholeNumber } from '../../strtoul.js';
import { readText } from '../numa/libnuma/host.js';
import { Accounts } from './accounts.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from './define.js';

/** A line of /proc/sysvipc/shm. */
interface Segment {
  readonly key: number; readonly id: number; readonly mode: number; readonly size: number; readonly cpid: number; readonly lpid: number; readonly nattch: number;
  readonly uid: number; readonly gid: number; readonly cuid: number; readonly cgid: number;
}
async function segments(p: Process): Promise<Segment[]> {
  const text = await readText(p, '/proc/sysvipc/shm');
  return (typeof text === 'number' ? '' : text).split('\n').slice(1).filter(line => line.trim() !== '').map(line => {
    const [key = '0', id = '0', mode = '0', ...rest] = line.trim().split(/\s+/);
    const [size = 0, cpid = 0, lpid = 0, nattch = 0, uid = 0, gid = 0, cuid = 0, cgid = 0] = rest.map(Number);
    return { key: Number(key), id: Number(id), mode: parseInt(mode, 8), size, cpid, lpid, nattch, uid, gid, cuid, cgid };
  });
}

const hexKey = (key: number): string => `0x${(key >>> 0).toString(16).padStart(8, '0')}`;
const cells = (...words: readonly (string | number)[]): string => words.map(word => String(word).padEnd(10)).join(' ');
const perms = (mode: number): string => (mode & 0o777).toString(8);

/** What there is none of, as the headings say. */
const NOTHING = {
  q: { title: 'Message Queues', columns: ['key', 'msqid', 'owner', 'perms', 'used-bytes', 'messages'], limits: 'Messages Limits', status: 'Messages Status' },
  s: { title: 'Semaphore Arrays', columns: ['key', 'semid', 'owner', 'perms', 'nsems'], limits: 'Semaphore Limits', status: 'Semaphore Status' },
} as const;

const IPCS: Definition = {
  path: '/usr/bin/ipcs', summary: 'show shared memory segments', synopsis: ['ipcs [-m|-q|-s] [-t|-p|-c|-l|-u]', 'ipcs -m -i ID'],
  description: 'Shows System V shared memory segments, message queues and semaphores, of which this machine has the first only.',
  options: [
    ['-m, -q, -s', 'only segments, queues, semaphores'], ['-a, --all', 'all three'], ['-p, --pid', 'who made and who used last'], ['-c, --creator', 'owners and makers'], ['-l, --limits', 'limits'], ['-u, --summary', 'how many, and how much memory'],
    ['-i, --id ID', 'all about one'], ['-t, --time', 'times: not kept by this machine'],
  ],
  notes: ['2.6.12 says in /proc/sysvipc/shm what is shown here, and tells the rest by shmctl(SHM_INFO).'],
  run: runIpcs,
};
export const ipcs = defineProgram(IPCS);

async function runIpcs(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'mqsatpclui:b', [
    none('shmems', 'm'), none('queues', 'q'), none('semaphores', 's'), none('all', 'a'), none('time', 't'), none('pid', 'p'), none('creator', 'c'), none('limits', 'l'), none('summary', 'u'), required('id', 'i'), none('bytes', 'b'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(IPCS));
    return 0;
  }
  const id = parsed.value('i');
  if (id !== undefined) {
    if (!parsed.has('m')) return p.fail('when using an ID, a single resource must be specified');
    return showOne(p, id);
  }
  const all = parsed.has('a') || !parsed.has('m', 'q', 's');
  p.out('\n');
  if (all || parsed.has('q')) showNothing(p, 'q', parsed);
  if (all || parsed.has('m')) await showSegments(p, parsed);
  if (all || parsed.has('s')) showNothing(p, 's', parsed);
  return 0;
}

const heading = (title: string): string => `------ ${title} --------\n`;

function showNothing(p: Process, kind: 'q' | 's', parsed: Parsed): void {
  const { title, columns, limits, status } = NOTHING[kind];
  if (parsed.has('l')) p.out(`${heading(limits)}kernel not configured for ${kind === 'q' ? 'message queues' : 'semaphores'}\n\n`);
  else if (parsed.has('u')) p.out(`${heading(status)}kernel not configured for ${kind === 'q' ? 'message queues' : 'semaphores'}\n\n`);
  else p.out(`${heading(title)}${columns.map((column, i) => column.padEnd(kind === 'q' && i >= 4 ? 12 : 10)).join(' ')}\n\n`);
}

async function showSegments(p: Process, parsed: Parsed): Promise<void> {
  if (parsed.has('l')) p.out(`${await limitsText(p)}\n`);
  else if (parsed.has('u')) p.out(`${await summaryText(p)}\n`);
  else {
    const accounts = await Accounts.read(p);
    const list = await segments(p);
    const user = (uid: number): string => (accounts.userName(uid) ?? String(uid)).slice(0, 10);
    const group = (gid: number): string => (accounts.groupName(gid) ?? String(gid)).slice(0, 10);
    p.out(`${tableText(list, parsed, user, group)}\n`);
  }
}

function tableText(list: readonly Segment[], parsed: Parsed, user: (uid: number) => string, group: (gid: number) => string): string {
  if (parsed.has('p')) return `${heading('Shared Memory Creator/Last-op PIDs')}${cells('shmid', 'owner', 'cpid', 'lpid')}\n${list.map(({ id, uid, cpid, lpid }) => `${cells(id, user(uid), cpid, lpid)}\n`).join('')}`;
  if (parsed.has('c')) {
    return `${heading('Shared Memory Segment Creators/Owners')}${cells('shmid', 'perms', 'cuid', 'cgid', 'uid', 'gid')}\n`
      + list.map(({ id, mode, cuid, cgid, uid, gid }) => `${cells(id, perms(mode), user(cuid), group(cgid), user(uid), group(gid))}\n`).join('');
  }
  if (parsed.has('t')) {
    const wide = (...words: readonly string[]): string => words.map(word => word.padEnd(20)).join(' ');
    return `${heading('Shared Memory Attach/Detach/Change Times')}${cells('shmid', 'owner')} ${wide('attached', 'detached', 'changed')}\n${list.map(({ id, uid }) => `${cells(id, user(uid))} ${wide('Not set', 'Not set', 'Not set')}\n`).join('')}`;
  }
  return `${heading('Shared Memory Segments')}${cells('key', 'shmid', 'owner', 'perms', 'bytes', 'nattch')} ${'status'.padEnd(12)}\n`
    + list.map(({ key, id, uid, mode, size, nattch }) =>
      `${cells(hexKey(key), id, user(uid), perms(mode), size, nattch)} ${((mode & SHM_DEST) !== 0 ? 'dest' : ' ').padEnd(6)} ${((mode & SHM_LOCKED) !== 0 ? 'locked' : ' ').padEnd(6)}\n`).join('');
}

async function limitsText(p: Process): Promise<string> {
  const setting = async (name: string): Promise<number> => {
    const text = await readText(p, `/proc/sys/kernel/${name}`);
    return typeof text === 'number' ? 0 : Number(text);
  };
  const [segmentCount, bytes, pages] = [await setting('shmmni'), await setting('shmmax'), await setting('shmall')];
  return `${heading('Shared Memory Limits')}max number of segments = ${segmentCount}\nmax seg size (kbytes) = ${Math.floor(bytes / 1024)}\nmax total shared memory (kbytes) = ${(pages * p.box.k.m.PAGE_SIZE) / 1024}\nmin seg size (bytes) = 1\n`;
}

async function summaryText(p: Process): Promise<string> {
  const info: ShmInfo = { used_ids: 0, shm_tot: 0, shm_rss: 0, shm_swp: 0, swap_attempts: 0, swap_successes: 0 };
  await p.sys('shmctl', 0, SHM_INFO, info);
  return `${heading('Shared Memory Status')}segments allocated ${info.used_ids}\npages allocated ${info.shm_tot}\npages resident  ${info.shm_rss}\npages swapped   ${info.shm_swp}\n`
    + `Swap performance: ${info.swap_attempts} attempts\t ${info.swap_successes} successes\n`;
}

async function showOne(p: Process, word: string): Promise<number> {
  if (!/^\d+$/.test(word)) return p.fail(`failed to parse id argument: '${word}'`);
  const buf: ShmidDs = { key: 0, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0, size: 0, cpid: 0, lpid: 0, nattch: 0 };
  const result = await p.sys('shmctl', Number(word), IPC_STAT, buf);
  if (result !== 0) return p.fail(result === -EINVAL || result === -EIDRM ? `id ${word} not found` : `shmctl failed: ${p.strerror(result)}`);
  p.out(`\nShared memory Segment shmid=${word}\nuid=${buf.uid}\tgid=${buf.gid}\tcuid=${buf.cuid}\tcgid=${buf.cgid}\nmode=0${buf.mode.toString(8)}\taccess_perms=0${perms(buf.mode)}\n`
    + `bytes=${buf.size}\tlpid=${buf.lpid}\tcpid=${buf.cpid}\tnattch=${buf.nattch}\natt_time=Not set                   \ndet_time=Not set                   \nchange_time=Not set                   \n\n`);
  return 0;
}

const IPCRM: Definition = {
  path: '/usr/bin/ipcrm', summary: 'remove shared memory segments', synopsis: ['ipcrm -m ID | -M KEY...', 'ipcrm -a', 'ipcrm shm ID...'],
  description: 'Marks segments to be destroyed, which happens when nobody has them attached any more.',
  options: [['-m, --shmem-id ID', 'by id'], ['-M, --shmem-key KEY', 'by key: decimal, or 0x and hexadecimal'], ['-a, --all', 'all'], ['-v, --verbose', 'say what is removed']],
  run: runIpcrm,
};
export const ipcrm = defineProgram(IPCRM);

async function runIpcrm(p: Process): Promise<number> {
  if (p.argv[1] === 'shm' || p.argv[1] === 'msg' || p.argv[1] === 'sem') return removeOldStyle(p, p.argv[1], p.argv.slice(2));
  const parsed = parseOptions(p, 'm:M:q:Q:s:S:av', [required('shmem-id', 'm'), required('shmem-key', 'M'), none('all', 'a'), none('verbose', 'v')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(IPCRM));
    return 0;
  }
  if (parsed.options.length === 0) return p.fail(`bad usage\nTry '${p.name} --help' for more information.`);
  let failed = false;
  for (const { opt, arg } of parsed.options) {
    if (opt === 'm') failed = !(await removeId(p, arg!, parsed.has('v'))) || failed;
    else if (opt === 'M') failed = !(await removeKey(p, arg!)) || failed;
    else if (opt === 'a') for (const { id } of await segments(p)) failed = !(await removeId(p, String(id), parsed.has('v'))) || failed;
    else if (opt !== 'v') {
      p.err(`${p.name}: kernel not configured for ${/q/i.test(opt) ? 'message queues' : 'semaphores'}\n`);
      failed = true;
    }
  }
  return failed ? 1 : 0;
}

async function removeOldStyle(p: Process, kind: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return p.fail('not enough arguments');
  if (kind !== 'shm') return p.fail(`kernel not configured for ${kind === 'msg' ? 'message queues' : 'semaphores'}`);
  let failed = false;
  for (const id of ids) failed = !(await removeId(p, id, false)) || failed;
  if (!failed) p.out('resource(s) deleted\n');
  return failed ? 1 : 0;
}

/** @returns whether it is gone, or will be; what is wrong has been printed. */
async function removeId(p: Process, word: string, verbose: boolean): Promise<boolean> {
  if (!/^\d+$/.test(word)) {
    p.err(`${p.name}: failed to parse argument: '${word}'\n`);
    return false;
  }
  if (verbose) p.out(`removing shared memory segment id \`${word}'\n`);
  return removed(p, await p.sys('shmctl', Number(word), IPC_RMID), 'id', word);
}
async function removeKey(p: Process, word: string): Promise<boolean> {
  const key = wholeNumber(word);
  if (key === null || key === 0n) {
    p.err(`${p.name}: ${key === null ? `failed to parse argument: '${word}'` : `illegal key (${word})`}\n`);
    return false;
  }
  const id = await p.sys('shmget', Number(key), 0, 0);
  return removed(p, id < 0 ? id : await p.sys('shmctl', id, IPC_RMID), 'key', word);
}
function removed(p: Process, result: number, what: string, word: string): boolean {
  if (result === 0) return true;
  const text = result === -EACCES || result === -EPERM ? 'permission denied for' : result === -EIDRM ? 'already removed' : result === -EINVAL || result === -ENOENT ? 'invalid' : null;
  p.err(`${p.name}: ${text === null ? `${what} failed (${word}): ${p.strerror(result)}` : `${text} ${what} (${word})`}\n`);
  return false;
}
