import { describe, expect, it } from 'vitest';
import { output, script, systemBox } from './helpers.js';
import { expectSound } from '../helpers.js';

describe('id and whoami', () => {
  it('tell ids of the caller and of others', async () => {
    expect(await output('id; whoami; id user1000; id -u; id -gn user1001; id -G')).toBe(
      'uid=0(root) gid=0(root) groups=0(root)\nroot\nuid=1000(user1000) gid=1000(user1000) groups=1000(user1000)\n0\nuser1001\n0\n');
  });
  it('tell the effective ones apart, and supplementary groups', async () => {
    const box = systemBox();
    Object.assign(box.login.task, { egid: 5, groups: [6, 1000] });
    expect(await output('id; id -G -n; id -g; id -rg', box)).toBe('uid=0(root) gid=0(root) egid=5(tty) groups=5(tty),0(root),6(disk),1000(user1000)\ntty root disk user1000\n5\n0\n');
  });
  it.each([['id nobody', "id: 'nobody': no such user"], ['id -ug', 'id: cannot print "only" of more than one choice'], ['id -n', 'id: cannot print only names or real IDs in default format']])('%s fails', async (command, text) => {
    expect(await script(command)).toMatchObject({ stderr: `${text}\n`, exitCode: 1 });
  });
});

it('who logs in has a group of his own', async () => {
  expect(await output('id', systemBox({ uid: 1000 }))).toBe('uid=1000(user1000) gid=1000(user1000) groups=1000(user1000)\n');
});

describe('su', () => {
  it('runs a command as another user, whose processes it is', async () => {
    const box = systemBox();
    expect(await output(`su user1000 -c 'id; whoami; echo $HOME $USER; touch /tmp/mine; ps -o user= -p $$'; stat -c %u /tmp/mine`, box)).toBe(
      'uid=1000(user1000) gid=1000(user1000) groups=1000(user1000)\nuser1000\n/home/user1000 user1000\nuser1000\n1000\n');
    expectSound(box);
  });
  it('- begins in the home with an environment of its own', async () => {
    expect(await output(`X=1; export X; cd /tmp; su - user1000 -c 'pwd; echo "$PATH:$X"'; su user1000 -c 'pwd; echo $X'; pwd`)).toBe('/home/user1000\n/usr/local/bin:/bin:/usr/bin:\n/tmp\n1\n/tmp\n');
  });
  it('takes commands from standard input, and arguments', async () => {
    expect(await output(`echo whoami | su user1000; su user1000 -c 'echo $0 $1' a b`)).toBe('user1000\na b\n');
  });
  it('refuses who is not root, since nobody has a password', async () => {
    expect(await script(`su user1000 -c 'su -c id'`)).toMatchObject({ stdout: '', stderr: 'Password: \nsu: Authentication failure\n', exitCode: 1 });
  });
  it('does not know everybody, and ends as the command does', async () => {
    expect(await script('su nobody -c id')).toMatchObject({ stderr: 'su: user nobody does not exist or the user entry does not contain all the required fields\n', exitCode: 1 });
    expect((await script('su user1000 -c "exit 7"')).exitCode).toBe(7);
    expect((await script(`su user1000 -c 'kill -9 $$' 2>/dev/null`)).exitCode).toBe(137);
  });
  it('gives capabilities up: the new user is not let to root\'s processes and files', async () => {
    expect((await script(`su user1000 -c 'echo x > /etc/passwd; kill -0 1'`)).exitCode).not.toBe(0);
  });
});

it('a directory of one of one\'s groups can be written to', async () => {
  const box = systemBox();
  await box.files.mkdir(box.login, '/tmp/shared');
  await box.files.chmod(box.login, '/tmp/shared', 0o770);
  await box.files.chown(box.login, '/tmp/shared', 0, 6);
  expect((await script('su user1000 -c "touch /tmp/shared/x"', box)).exitCode).not.toBe(0);
  expect(await output('su -G disk user1000 -c "id -G; touch /tmp/shared/y; ls /tmp/shared"', box)).toBe('1000 6\ny\n');
});

describe('runuser', () => {
  it('-u runs a program directly', async () => {
    expect(await output('runuser -u user1001 -- id -un; runuser -u user1001 id -u; runuser user1000 -c whoami; runuser -g disk -u user1000 id -gn')).toBe('user1001\n1001\nuser1000\ndisk\n');
  });
  it('is for root, and for users that there are', async () => {
    expect((await script('runuser -u user1000 runuser -u user1001 id')).stderr).toBe('runuser: may not be used by non-root users\n');
    expect((await script('runuser -u nobody id')).exitCode).toBe(1);
  });
});

describe('nice values', () => {
  it('are told, raised and lowered by nice', async () => {
    expect(await output('nice; nice nice; nice -n 5 nice; nice -5 nice; nice --3 nice; nice -n 5 nice -n 3 nice')).toBe('0\n10\n5\n5\n-3\n8\n');
  });
  it('can only be raised by who is not root: nice says so and runs the command', async () => {
    expect(await script('su user1000 -c "nice -n -5 nice; nice -n 5 nice"')).toMatchObject({ stdout: '0\n5\n', stderr: 'nice: cannot set niceness: Permission denied\n', exitCode: 0 });
  });
  it('of others are changed by renice', async () => {
    expect(await output('renice -n 3 -p $$; renice 5 $$; ps -o ni= -p $$')).toBe('7 (process ID) old priority 0, new priority 3\n7 (process ID) old priority 3, new priority 5\n  5\n');
  });
  it.each([
    ['su user1000 -c "renice 5 1"', 'renice: failed to set priority for 1 (process ID): Operation not permitted'], ['renice 5 9999', 'renice: failed to get priority for 9999 (process ID): No such process'], ['renice 5 x', 'renice: bad process ID value: x'],
    ['renice 5 -u x', 'renice: unknown user x'], ['nice -n x true', "nice: invalid adjustment 'x'"],
  ])('%s fails', async (command, text) => {
    const { stderr, exitCode } = await script(command);
    expect([stderr, exitCode === 0]).toEqual([`${text}\n`, false]);
  });
});

describe('taskset', () => {
  it('runs a command on some CPUs, by mask or list', async () => {
    expect(await output('taskset 0x5 nproc; taskset -c 2-3,6 nproc; taskset -c 3 ps -C ps -o psr=; nproc; nproc --all; nproc --ignore 100')).toBe('2\n3\n  3\n8\n8\n1\n');
  });
  it('tells and changes those of a process', async () => {
    expect(await output('taskset -p $$; taskset -cp 0-2 $$; taskset -p f0 $$')).toBe(
      "pid 7's current affinity mask: ff\npid 7's current affinity list: 0-7\npid 7's new affinity list: 0-2\npid 7's current affinity mask: 7\npid 7's new affinity mask: f0\n");
  });
  it.each([
    ['taskset -c 99 true', "taskset: failed to set pid 8's affinity: Invalid argument"], ['taskset -p 9999', "taskset: failed to get pid 9999's affinity: No such process"], ['taskset xyz true', 'taskset: failed to parse CPU mask: xyz'],
    ['taskset -c 3-1 true', 'taskset: failed to parse CPU list: 3-1'], ['su user1000 -c "taskset -p 1 1"', "taskset: failed to set pid 1's affinity: Operation not permitted"],
  ])('%s fails', async (command, text) => {
    const { stderr, exitCode } = await script(command);
    expect([stderr, exitCode]).toEqual([`${text}\n`, 1]);
  });
});

describe('sessions and hang-ups', () => {
  it('setsid begins a session', async () => {
    expect(await output('setsid ps -C ps -o pid,sid,tty')).toBe('  PID   SID TT\n    8     8 ?\n');
  });
  it('nohup lets a command survive SIGHUP', async () => {
    expect((await script('nohup sleep 3 & hold 1; /bin/kill -HUP $!; wait $!; echo $?; sleep 3 & hold 1; /bin/kill -HUP $!; wait $!; echo $?')).stdout).toBe('0\n129\n');
  });
});
