import { describe, expect, it } from 'vitest';
import { output, script, systemBox } from './helpers.js';
import { expectSound } from '../helpers.js';

describe('mount', () => {
  it('lists what is mounted', async () => {
    expect((await output('mount')).split('\n').slice(0, 2)).toEqual(['/dev/sda on / type ext3 (rw)', 'none on /dev/shm type tmpfs (rw)']);
    expect(await output('mount -t cpuset')).toBe('none on /dev/cpuset type cpuset (rw)\n');
  });
  it.each([['ext2'], ['ext3'], ['xfs']])('mounts an %s that mkfs has made, and finds its files again', async type => {
    const box = systemBox();
    expect(await output(`mkfs.${type} /dev/sdc1; mkdir /mnt/d; mount /dev/sdc1 /mnt/d; echo text > /mnt/d/f; mount | tail -1; umount /mnt/d; ls /mnt/d; mount -t ${type} /dev/sdc1 /mnt/d; cat /mnt/d/f`, box)).toBe(`/dev/sdc1 on /mnt/d type ${type} (rw)\ntext\n`);
    expectSound(box);
  });
  it('mounts a tmpfs, whose files are gone with it', async () => {
    expect(await output('mount -t tmpfs none /mnt; echo x > /mnt/f; ls /mnt; umount /mnt; ls /mnt')).toBe('f\n');
  });
  it('takes the rest from /etc/fstab', async () => {
    expect(await output('umount /dev/cpuset; mount | grep -c cpuset; mount /dev/cpuset; mount -t cpuset; umount /dev/cpuset; mount -a; mount -t cpuset').catch((error: unknown) => String(error))).toBe(
      '0\nnone on /dev/cpuset type cpuset (rw)\nnone on /dev/cpuset type cpuset (rw)\n');
  });
  it.each([
    ['mount -t ext2 /dev/sdd /mnt', 'mount: /mnt: wrong fs type, bad option, bad superblock on /dev/sdd, missing codepage or helper program, or other error.', 32],
    ['mount /dev/none /mnt', 'mount: /mnt: special device /dev/none does not exist.', 32], ['mount -t tmpfs none /nowhere', 'mount: /nowhere: mount point does not exist.', 32],
    ['mount -t nonsense none /mnt', "mount: /mnt: unknown filesystem type 'nonsense'.", 32], ['mount /elsewhere', "mount: /elsewhere: can't find in /etc/fstab.", 1],
    ['mount -t ext3 /etc/passwd /mnt', 'mount: /mnt: /etc/passwd is not a block device.', 32], ['su user1000 -c "mount -t tmpfs none /mnt"', 'mount: /mnt: must be superuser to use mount.', 1],
    ['umount /mnt', 'umount: /mnt: not mounted.', 32], ['umount /', 'umount: /: target is busy.', 32], ['su user1000 -c "umount /dev/shm"', 'umount: /dev/shm: must be superuser to unmount.', 32],
    ['mkfs.ext3 /dev/sda', 'mkfs.ext3: /dev/sda is mounted; will not make a filesystem here!', 1], ['mkfs -t nonsense /dev/sdd', 'mkfs: failed to execute mkfs.nonsense: No such file or directory', 1],
  ])('%s fails', async (command, text, code) => {
    expect(await script(command)).toMatchObject({ stdout: '', stderr: `${text}\n`, exitCode: code });
  });
});
