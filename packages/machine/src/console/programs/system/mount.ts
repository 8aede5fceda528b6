/** mount, umount and mkfs (util-linux; texts of today's versions). */
import { EBUSY, EINVAL, ENODEV, ENOENT, ENOTBLK, ENOTDIR, ENXIO, EPERM } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { attempt } from './attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from './define.js';

/** Exit codes of mount(8). */
const USAGE = 1;
const FAILURE = 32;

export interface FsEntry { readonly source: string; readonly target: string; readonly type: string; readonly options: string }

/** Lines of /etc/fstab, /etc/mtab or /proc/mounts. */
export async function fsEntries(p: Process, path: string): Promise<FsEntry[]> {
  const text = await readText(p, path);
  const unescape = (word: string): string => word.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  return (typeof text === 'number' ? '' : text).split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => line.split(/\s+/)).map(([source = '', target = '', type = '', options = 'defaults']) => ({ source: unescape(source), target: unescape(target), type, options }));
}

const DISK_TYPES = ['ext3', 'ext2', 'xfs'];
const VIRTUAL_TYPES = new Set(['proc', 'sysfs', 'tmpfs', 'cpuset']);

const MOUNT: Definition = {
  path: '/bin/mount', summary: 'mount a file system', synopsis: ['mount [-t TYPE] [-o OPTIONS] SOURCE DIRECTORY', 'mount SOURCE|DIRECTORY', 'mount -a', 'mount [-l] [-t TYPE]'],
  description: 'Without operands lists what is mounted. With one of them the rest is taken from /etc/fstab. Types: ext2, ext3, xfs, which lie on a disk that mkfs has been used on; tmpfs, proc, sysfs, cpuset.',
  options: [['-t, --types TYPE', 'the type; without one, or with auto, what is on the disk'], ['-a, --all', 'everything in /etc/fstab that is not mounted yet'], ['-o, --options LIST', 'accepted'], ['-v', 'say what is done']],
  notes: ['Options are not modelled: everything is mounted read-write. There is no bind mount, no remount and no loop device. Disks: sda (the root), sdb1 (swap), sdc, sdc1, sdd and sdd1.'],
  run,
};
export const mount = defineProgram(MOUNT);

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 't:o:avlnrwfF', [required('types', 't'), required('options', 'o'), none('all', 'a'), none('verbose', 'v'), none('bind', 'B')]);
  if (parsed === null) return USAGE;
  if (parsed.has('help')) {
    p.out(helpOf(MOUNT));
    return 0;
  }
  const types = parsed.value('t')?.split(',');
  if (parsed.has('a')) return mountAll(p);
  const [first, second, extra] = parsed.operands;
  if (first === undefined) {
    for (const entry of await fsEntries(p, '/etc/mtab')) {
      if (entry.type !== 'rootfs' && (types?.includes(entry.type) ?? true)) p.out(`${entry.source} on ${entry.target} type ${entry.type} (${entry.options})\n`);
    }
    return 0;
  }
  if (extra !== undefined) return p.fail(`bad usage\nTry '${p.name} --help' for more information.`, USAGE);
  if (parsed.has('B') || /(^|,)(bind|remount)(,|$)/.test(parsed.value('o') ?? '')) return p.fail(`${second ?? first}: bind mounts and remounting are not modelled.`, FAILURE);
  let entry: FsEntry | undefined = { source: first, target: second ?? '', type: types?.[0] ?? 'auto', options: '' };
  if (second === undefined) {
    entry = (await fsEntries(p, '/etc/fstab')).find(({ source, target }) => source === first || target === first);
    if (entry === undefined) return p.fail(`${first}: can't find in /etc/fstab.`, USAGE);
  }
  const exitCode = await mountOne(p, entry, types);
  if (exitCode === 0 && parsed.has('v')) p.out(`mount: ${entry.source} mounted on ${entry.target}.\n`);
  return exitCode;
}

async function mountOne(p: Process, { source, target, type }: FsEntry, types?: readonly string[]): Promise<number> {
  const wanted = types !== undefined && types[0] !== 'auto' ? types[0]! : type;
  // as blkid finds it; a disk with nothing on it is refused by any of them
  const found = wanted === 'auto' ? p.box.files.typeOn(p, source) ?? 'ext3' : wanted;
  const error = await attempt(() => p.box.files.mount(p, { type: found, source, target }));
  return error === 0 ? 0 : explain(p, error, { source, target, type: found });
}

/** mk_exit_code() of libmount: what an errno of mount(2) means here. */
function explain(p: Process, error: number, { source, target, type }: { readonly source: string; readonly target: string; readonly type: string }): number {
  if (error === -EPERM) return p.fail(`${target}: must be superuser to use mount.`, USAGE);
  const onDisk = !VIRTUAL_TYPES.has(type);
  const texts: Readonly<Record<number, string>> = {
    [-ENODEV]: `unknown filesystem type '${type}'.`, [-EBUSY]: `${source} already mounted or mount point busy.`, [-ENOTBLK]: `${source} is not a block device.`, [-ENXIO]: `${source} is not a valid block device.`,
    [-ENOTDIR]: 'mount point is not a directory.', [-ENOENT]: p.exists(target) && onDisk ? `special device ${source} does not exist.` : 'mount point does not exist.',
    [-EINVAL]: `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`,
  };
  return p.fail(`${target}: ${texts[error] ?? `mount(2) system call failed: ${p.strerror(error)}.`}`, FAILURE);
}

async function mountAll(p: Process): Promise<number> {
  const mounted = await fsEntries(p, '/proc/mounts');
  let exitCode = 0;
  for (const entry of await fsEntries(p, '/etc/fstab')) {
    if (entry.type === 'swap' || entry.options.split(',').includes('noauto') || mounted.some(({ target, type }) => target === entry.target && type === entry.type)) continue;
    exitCode = (await mountOne(p, entry)) || exitCode;
  }
  return exitCode;
}

const UMOUNT: Definition = {
  path: '/bin/umount', summary: 'unmount file systems', synopsis: ['umount DIRECTORY|DEVICE...', 'umount -a [-t TYPE]'],
  description: 'Takes file systems out of the tree, after what is dirty on a disk has been written there. One that is in use is busy.',
  options: [['-a, --all', 'all, the last one first, but not the root, /proc, /sys and what is in use'], ['-t, --types TYPE', 'of this type only'], ['-f, -l, -r, -n, -v', 'accepted; -l does not detach what is busy']],
  notes: ['Files in a tmpfs are gone with it. A cpuset tree is the kernel\'s: it is seen again when it is mounted again.'],
  run: runUmount,
};
export const umount = defineProgram(UMOUNT);

async function runUmount(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'at:flrnv', [none('all', 'a'), required('types', 't'), none('force', 'f'), none('lazy', 'l'), none('verbose', 'v')]);
  if (parsed === null) return USAGE;
  if (parsed.has('help')) {
    p.out(helpOf(UMOUNT));
    return 0;
  }
  const mounts = await fsEntries(p, '/proc/mounts');
  let targets = parsed.operands;
  if (parsed.has('a')) {
    const keep = new Set(['/', '/proc', '/sys']);
    targets = mounts.filter(({ target, type }) => !keep.has(target) && (parsed.value('t')?.split(',').includes(type) ?? true)).map(({ target }) => target).reverse();
  }
  if (targets.length === 0 && !parsed.has('a')) return p.fail(`bad usage\nTry '${p.name} --help' for more information.`, USAGE);
  let exitCode = 0;
  for (const name of targets) {
    const target = mounts.findLast(({ source, target: at }) => source === name && at !== name)?.target ?? name;
    const error = await attempt(() => p.box.files.umount(p, target));
    if (error === 0) continue;
    const texts: Readonly<Record<number, string>> = { [-EPERM]: 'must be superuser to unmount.', [-EINVAL]: 'not mounted.', [-EBUSY]: 'target is busy.', [-ENOENT]: 'no mount point specified.' };
    exitCode = p.fail(`${name}: ${texts[error] ?? `umount failed: ${p.strerror(error)}.`}`, FAILURE);
  }
  return exitCode;
}

const MKFS_NOTES = ['Nothing is written, since disks of the model have no bytes: the machine notes that the disk now has an empty file system of that type, and mount knows it.', 'Options about sizes and features are accepted. Disks have room for whatever is written to them.'];

/** mkfs.TYPE; mkfs itself takes the type with -t. */
function mkfsProgram(path: string, fixedType: string | null): ReturnType<typeof defineProgram> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const definition: Definition = {
    path, summary: fixedType === null ? 'make a file system' : `make an ${fixedType} file system`, synopsis: [fixedType === null ? 'mkfs [-t TYPE] DEVICE' : `${name} [options] DEVICE`],
    description: 'Makes an empty file system of the type on a disk. What was on it is gone.', notes: MKFS_NOTES,
    async run(p) {
      const parsed = parseOptions(p, 't:qFfjnvVb:i:I:L:m:N:O:T:U:E:J:d:l:s:c', [required('type', 't')]);
      if (parsed === null) return 1;
      if (parsed.has('help')) {
        p.out(helpOf(definition));
        return 0;
      }
      const type = fixedType ?? parsed.value('t') ?? 'ext2';
      const [device] = parsed.operands;
      if (device === undefined) return p.fail(`no device specified\nTry '${p.name} --help' for more information.`);
      const error = await attempt(() => p.box.files.format(p, device, parsed.has('j') && type === 'ext2' ? 'ext3' : type));
      if (error === 0) return 0;
      if (error === -EBUSY) return p.fail(`${device} is mounted; will not make a filesystem here!`);
      if (error === -EINVAL && !DISK_TYPES.includes(type)) return p.fail(`failed to execute mkfs.${type}: No such file or directory`);
      return p.fail(`${device}: ${p.strerror(error)}`);
    },
  };
  return defineProgram(definition);
}
export const mkfsPrograms = [
  mkfsProgram('/sbin/mkfs', null), mkfsProgram('/sbin/mkfs.ext2', 'ext2'), mkfsProgram('/sbin/mkfs.ext3', 'ext3'), mkfsProgram('/sbin/mkfs.xfs', 'xfs'), mkfsProgram('/sbin/mke2fs', 'ext2'),
];
