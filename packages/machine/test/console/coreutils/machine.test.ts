/** What the file utilities show and do where no host can be the judge: the simulated machine's own files and clock. */
import { expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { expectSound, newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';

async function seen(script: string, uid = 0): Promise<readonly [stdout: string, stderr: string, exitCode: number]> {
  const box = newBox({ programs, uid });
  const { stdout, stderr, exitCode } = await bash(script, { box });
  expectSound(box);
  return [stdout, stderr, exitCode];
}

it('tee tells what the kernel has against a write, as LTP looks for it', async () => {
  expect(await seen('mkdir /dev/cpuset/x; echo 99 | tee /dev/cpuset/x/mems')).toEqual(['99\n', 'tee: /dev/cpuset/x/mems: No space left on device\n', 1]);
});
it('rm cannot remove what the kernel shows', async () => {
  expect(await seen('rm -f /proc/meminfo')).toEqual(['', "rm: cannot remove '/proc/meminfo': Operation not permitted\n", 1]);
});
it('rmdir removes a cpuset, and not one that has a child', async () => {
  expect(await seen('mkdir -p /dev/cpuset/a/b; rmdir /dev/cpuset/a; rmdir /dev/cpuset/a/b /dev/cpuset/a; ls -d /dev/cpuset/a')).toEqual([
    '', "rmdir: failed to remove '/dev/cpuset/a': Device or resource busy\nls: cannot access '/dev/cpuset/a': No such file or directory\n", 2,
  ]);
});
it('files have the time of the machine', async () => {
  expect(await seen('touch /tmp/f; sleep 60; touch /tmp/g; ls -l --time-style=+%H:%M /tmp | cut -d" " -f6; ls -l /tmp/f')).toEqual([
    '\n16:39\n16:40\n-rw-r--r-- 1 root root 0 Jun 22 16:39 /tmp/f\n', '', 0,
  ]);
});
it('devices have numbers, links lead somewhere', async () => {
  expect(await seen('ls -l /dev/null /dev/sda /bin/sh | sed "s/ [A-Z][a-z][a-z] .* \\// \\//"; mknod -m 600 /tmp/z c 1 5; head -c 3 /tmp/z | wc -c; stat -c "%A %t %T" /tmp/z')).toEqual([
    'lrwxrwxrwx 1 root root    4 /bin/sh -> bash\ncrw-rw-rw- 1 root root 1, 3 /dev/null\nbrw-rw---- 1 root root 8, 0 /dev/sda\n3\ncrw------- 1 5\n', '', 0,
  ]);
});
it('who is not root may not touch the files of others', async () => {
  expect(await seen('touch /etc/passwd; rm /etc/passwd; chmod 777 /etc/passwd; chown user1000 /etc/passwd; cp /etc/passwd ~/p; chown root ~/p; mknod ~/d c 1 3; ls -l ~ | cut -d" " -f1-4', 1000)).toEqual([
    'total 4\n-rw-r--r-- 1 user1000 user1000\n', [
      "touch: setting times of '/etc/passwd': Permission denied", "rm: cannot remove '/etc/passwd': Permission denied", "chmod: changing permissions of '/etc/passwd': Operation not permitted",
      "chown: changing ownership of '/etc/passwd': Operation not permitted", "chown: changing ownership of '/home/user1000/p': Operation not permitted", 'mknod: /home/user1000/d: Operation not permitted', '',
    ].join('\n'), 0,
  ]);
});
it('df and stat -f know the file systems, and count what is used', async () => {
  const [stdout, stderr] = await seen('df -T /dev/shm /dev/cpuset | tail -n +2 | tr -s " " | cut -d" " -f2,7; a=$(df /dev/shm | tail -1 | tr -s " " | cut -d" " -f3); head -c 100000 /dev/zero > /dev/shm/f; b=$(df /dev/shm | tail -1 | tr -s " " | cut -d" " -f3); echo $((b-a)); stat -c %b /dev/shm/f; stat -f -c %T / /proc /dev/shm');
  expect([stdout, stderr]).toEqual(['tmpfs /dev/shm\ncpuset /dev/cpuset\n112\n224\next2/ext3\nproc\ntmpfs\n', '']);
});
it('mv between file systems copies and removes', async () => {
  expect(await seen('mkdir /tmp/d; echo 1 > /tmp/d/f; chmod 640 /tmp/d/f; mv -v /tmp/d /dev/shm; cat /dev/shm/d/f; stat -c %a /dev/shm/d/f; ls /tmp')).toEqual(["copied '/tmp/d' -> '/dev/shm/d'\nremoved '/tmp/d'\n1\n640\n", '', 0]);
});
it('mktemp makes the same names on every machine', async () => {
  const script = 'mktemp; mktemp -d; mktemp -u x.XXXXXX';
  expect(await seen(script)).toEqual(await seen(script));
});
it('head takes so many bytes of a device as were asked for, whatever they are', async () => {
  expect(await seen('head -c 5000 /dev/urandom > /tmp/f; stat -c %s /tmp/f; head -c 3 /tmp/z; head -c 300000 /dev/zero | wc -c; printf "grün\\n" | head -1; printf "grün\\n" | wc -c')).toEqual([
    '5000\n300000\ngrün\n6\n', "head: cannot open '/tmp/z' for reading: No such file or directory\n", 0,
  ]);
});
it('tail -f tells what is added, until its process has ended', async () => {
  const [stdout, stderr] = await seen('echo 1 > /tmp/f; (sleep 1; echo 2 >> /tmp/f; sleep 1; echo 3 >> /tmp/f; sleep 2) & tail -n +1 -f --pid=$! /tmp/f');
  expect([stdout, stderr]).toEqual(['1\n2\n3\n', '']);
});
it('which finds what the shell would run, and tells aliases that it is given', async () => {
  expect(await seen('mkdir /tmp/b; printf "#!/bin/sh\\n" > /tmp/b/ls; chmod +x /tmp/b/ls; PATH=/tmp/b:$PATH; which -a ls; echo "alias ls=\\"ls -F\\"" | which -i ls; cd /tmp/b; which ./ls; which --show-dot ./ls; which nope')).toEqual([
    '/tmp/b/ls\n/bin/ls\nalias ls="ls -F"\n\t/tmp/b/ls\n/tmp/b/ls\n./ls\n', 'which: no nope in (/tmp/b:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin)\n', 1,
  ]);
});
it('du counts what the kernel has allocated', async () => {
  expect(await seen('mkdir -p /tmp/d/e; head -c 100000 /dev/zero > /tmp/d/f; sync; truncate -s 1M /tmp/d/e/hole; stat -c %b /tmp/d/f; du -k /tmp/d/f /tmp/d/e/hole; du -a --inodes /tmp/d')).toEqual([
    '200\n100\t/tmp/d/f\n0\t/tmp/d/e/hole\n1\t/tmp/d/e/hole\n2\t/tmp/d/e\n1\t/tmp/d/f\n4\t/tmp/d\n', '', 0,
  ]);
});
it('numactl tells a command that is not there from one that may not be executed', async () => {
  expect(await seen('touch /tmp/x; numactl --interleave=0 /tmp/x; numactl --interleave=0 nope')).toEqual(['\n\n', "numactl: execution of `/tmp/x': Permission denied\nnumactl: execution of `nope': No such file or directory\n", 1]);
});
it('env shows what is exported and nothing else', async () => {
  expect(await seen('x=1; env | cut -d= -f1 | sort | tr "\\n" " "; echo $MACHTYPE')).toEqual(['HOME LANG LOGNAME OLDPWD PATH PWD SHELL TERM USER ia64-unknown-linux-gnu\n', '', 0]);
});
