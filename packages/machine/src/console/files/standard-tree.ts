/** What is on the root file system of a machine that has just been installed: directories, device nodes, a few files of /etc. */
import type { AnyKernel } from '@pmkit/series/levels';
import { utsname } from '../../views/index.js';
import type { Contents } from './contents.js';
import { CHARACTER_DEVICES, DISKS } from './devices.js';
import type { DiskFs, OwnDirectory } from './disk.js';
import type { Creator } from './node.js';

/** What is mounted besides what the kernel mounts by itself: in 2005 the start-up scripts did it; the cpuset file system was left to whoever used it. */
export const VIRTUAL_MOUNTS: readonly (readonly [type: string, target: string])[] = [['proc', '/proc'], ['sysfs', '/sys'], ['cpuset', '/dev/cpuset']];

const ROOT: Creator = { fsuid: 0, egid: 0 };
const DIRECTORIES = [
  '/bin', '/boot', '/dev/cpuset', '/dev/shm', '/etc', '/home', '/lib', '/media', '/mnt', '/opt', '/proc', '/sbin', '/srv', '/sys', '/usr/bin', '/usr/lib', '/usr/local/bin',
  '/usr/sbin', '/usr/share', '/var/lib', '/var/log', '/var/run',
];
const LINKS: readonly (readonly [path: string, target: string])[] = [
  ['/bin/sh', 'bash'], ['/etc/mtab', '/proc/mounts'], ['/dev/fd', '/proc/self/fd'], ['/dev/stdin', 'fd/0'], ['/dev/stdout', 'fd/1'], ['/dev/stderr', 'fd/2'],
];
const OPEN_TO_ALL = 0o1777;
/** Users there are besides those who log in. */
const USERS = [1000, 1001];

/** The directory of a path, made with those above it when it is not there. */
function directory(fs: DiskFs, path: string, mode = 0o755, owner = ROOT): OwnDirectory {
  let at = fs.root;
  for (const name of path.split('/')) {
    if (name !== '') at = at.subdirectory(name);
  }
  at.setAttributes({ mode, uid: owner.fsuid, gid: owner.egid });
  return at;
}
const parentOf = (fs: DiskFs, path: string): OwnDirectory => directory(fs, path.slice(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Makes the tree. `uids`: users who need an entry in /etc/passwd and a home. */
export function makeStandardTree(k: AnyKernel, fs: DiskFs, contents: Contents, uids: readonly number[]): void {
  const users = [...new Set([...USERS, ...uids])].filter(uid => uid !== 0).sort((a, b) => a - b);
  for (const path of DIRECTORIES) directory(fs, path);
  for (const path of ['/tmp', '/var/tmp']) directory(fs, path, OPEN_TO_ALL);
  directory(fs, '/root', 0o700);
  for (const uid of users) directory(fs, `/home/user${uid}`, 0o755, { fsuid: uid, egid: uid });
  const dev = directory(fs, '/dev');
  for (const [name, mode, ...rdev] of CHARACTER_DEVICES) dev.mknod(name, 'character', mode, rdev, ROOT);
  for (const [name, ...rdev] of DISKS) dev.mknod(name, 'block', 0o660, rdev, ROOT);
  for (const [path, target] of LINKS) parentOf(fs, path).symlink(nameOf(path), target, ROOT);
  for (const [path, text] of Object.entries(etcFiles(k, users))) {
    parentOf(fs, path);
    const data = new TextEncoder().encode(text);
    contents.preset(k.new_inode(fs.sb, path, data.length, 0o644), data);
  }
}

function etcFiles(k: AnyKernel, users: readonly number[]): Readonly<Record<string, string>> {
  const { nodename } = utsname(k);
  return {
    '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\n`
      + users.map(uid => `user${uid}:x:${uid}:${uid}::/home/user${uid}:/bin/bash\n`).join(''),
    '/etc/group': `root:x:0:\ndaemon:x:2:\ntty:x:5:\ndisk:x:6:\n${users.map(uid => `user${uid}:x:${uid}:\n`).join('')}`,
    '/etc/hostname': `${nodename}\n`,
    '/etc/hosts': `127.0.0.1\tlocalhost ${nodename}\n`,
    '/etc/shells': '/bin/sh\n/bin/bash\n',
    '/etc/fstab': ['/dev/sda / ext3 defaults 1 1', 'none /dev/shm tmpfs defaults 0 0', 'none /proc proc defaults 0 0', 'none /sys sysfs defaults 0 0',
      'none /dev/cpuset cpuset defaults 0 0', '/dev/sdb1 swap swap defaults 0 0', ''].join('\n'),
  };
}
