import { describe, expect, it } from 'vitest';
import { output, script, systemBox } from './helpers.js';
import { expectSound } from '../helpers.js';

describe('ps', () => {
  it('alone shows the caller\'s processes at this terminal', async () => {
    expect(await output('ps')).toBe('  PID TTY          TIME CMD\n    7 pts/0    00:00:00 bash\n    8 pts/0    00:00:00 ps\n');
  });
  it('-ef shows all, kernel threads in brackets', async () => {
    const [heading, init, ...rest] = (await output('ps -ef')).trimEnd().split('\n');
    expect([heading, init]).toEqual(['UID        PID  PPID  C STIME TTY          TIME CMD', 'root         1     0  0 16:39 ?        00:00:00 [init]']);
    expect(rest.at(-1)).toBe('root         8     7  0 16:39 pts/0    00:00:00 ps -ef');
  });
  it('aux is BSD\'s, and -aux the same', async () => {
    const text = await output('ps aux');
    expect(text).toMatch(/^USER {7}PID %CPU %MEM {4}VSZ {3}RSS TTY {6}STAT START {3}TIME COMMAND\nroot +1 +0\.0 +0\.0 +0 +0 \? +Ss +16:39 +0:00 \[init\]\n/);
    expect((await output('ps -aux')).replaceAll('-aux', 'aux')).toBe(text);
  });
  it('-o takes columns and headings; where all are empty there is none', async () => {
    expect(await output('ps -o pid,ppid,comm=NAME -p $$')).toBe('  PID  PPID NAME\n    7     0 bash\n');
    expect(await output('ps -o pid= -o args= -p $$')).toBe('    7 -bash\n');
    expect(await output('ps --no-headers -C kswapd1 -o pid,comm')).toBe('    4 kswapd1\n');
  });
  it('says so by its exit code when there is nothing to show', async () => {
    expect(await script('ps -p 9999')).toMatchObject({ stdout: '  PID TTY          TIME CMD\n', exitCode: 1 });
  });
  it('tells the state, with nice values, threads and locked memory', async () => {
    const box = systemBox();
    expect(await output('sleep 100 & nice -n 5 sleep 100 & hold 1; renice -n -4 $$ >/dev/null; kill -STOP $!; ps -o stat= -C sleep; ps -o stat= -p $$; kill -KILL %1 %2 2>/dev/null || pkill -KILL sleep; wait 2>/dev/null', box))
      .toBe('S\nTN\nS<s\n');
    expectSound(box);
  });
  it('sizes are those of the kernel: kilobytes and pages', async () => {
    const box = systemBox();
    const { mm } = box.login.task;
    expect(await output('ps -o vsz=,rss=,sz=,psr= -p $$', box)).toBe(`${String(mm!.total_vm * 16).padStart(6)} ${String(mm!.rss * 16).padStart(5)} ${String(mm!.total_vm).padStart(5)}   0\n`);
  });
  it('sorts, and selects by user, parent and session', async () => {
    const box = systemBox();
    expect(await output('ps --no-headers -e --sort=-pid -o pid | head -2; ps -U user1000 -o pid= | wc -l; ps --ppid $$ -o comm=', box)).toBe('    9\n    8\n0\nps\n');
  });
  it.each([['-Z', 'unsupported SysV option'], ['--nonsense', 'unknown gnu long option'], ['-o nonsense', 'unknown user-defined format specifier "nonsense"'], ['-u nobody-here', 'user name does not exist'], ['-p x', 'process ID list syntax error']])(
    '%s is an error', async (options, text) => {
      const { stderr, exitCode } = await script(`ps ${options}`);
      expect([stderr.split('\n')[0], exitCode]).toEqual([`error: ${text}`, 1]);
    });
});

describe('top', () => {
  it('-b prints a summary and processes, those with most memory first', async () => {
    const lines = (await output('top -b -n 1')).split('\n');
    expect(lines[0]).toMatch(/^top - 16:39:\d\d up 0 min, {2}1 user, {2}load average: 0\.00, 0\.00, 0\.00$/);
    expect([lines[1], lines[6]]).toEqual(['Tasks:   8 total,   1 running,   7 sleeping,   0 stopped,   0 zombie', '  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND']);
    expect(lines[7]).toMatch(/^ {4}7 root {6}20 {3}0 {2}3776 {2}352 {1,2}\d+ S {2}0\.0 {2}0\.3 {3}0:00\.00 bash$/);
    expect((await output('top -b -n 2 -d 5 -p 7 -u root')).match(/ bash$/gm)).toHaveLength(2);
  });
  it('needs a screen otherwise', async () => {
    expect(await script('top')).toMatchObject({ stderr: 'top: failed tty get\n', exitCode: 1 });
  });
});

describe('kill as a program', () => {
  const KILL = '/bin/kill';
  it('stops, continues and ends a process', async () => {
    const box = systemBox();
    const { stdout } = await script(`sleep 100 & hold 1; ${KILL} -STOP $!; ps -o stat= -p $!; ${KILL} -s CONT $!; hold 1; ps -o stat= -p $!; ${KILL} -9 $!; wait $!; echo $?`, box);
    expect(stdout).toBe('T\nS\n137\n');
    expectSound(box);
  });
  it.each([['-l', 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS\n'], ['-l 9 TERM 137', 'KILL\n15\nKILL\n']])('%s lists names', async (options, text) => {
    expect(await output(`${KILL} ${options}`)).toBe(text);
  });
  it.each([
    ['9999', 'kill: sending signal to 9999 failed: No such process', 1], ['-FOO 1', 'kill: unknown signal: FOO', 1], ['', 'kill: not enough arguments', 1], ['nothing-runs', 'kill: cannot find process "nothing-runs"', 1], ['-s', "kill: option requires an argument -- 's'", 1],
  ])('%s is an error', async (options, text, code) => {
    expect(await script(`${KILL} ${options}`)).toMatchObject({ stderr: `${text}\n`, exitCode: code });
  });
  it('says 64 when only some could be signalled, and asks with 0', async () => {
    expect((await script(`${KILL} -0 $$ 9999`)).exitCode).toBe(64);
    expect((await script(`${KILL} -0 $$`)).exitCode).toBe(0);
  });
  it('is not allowed to everybody', async () => {
    expect(await script(`su user1000 -c "${KILL} -0 $$"`)).toMatchObject({ stderr: 'kill: sending signal to 7 failed: Operation not permitted\n', exitCode: 1 });
  });
});

describe('pgrep and pkill', () => {
  it('find by name, command line and user, and not themselves', async () => {
    expect(await output('sleep 50 & hold 1; pgrep sleep; pgrep -l sl; pgrep -f "ep 50"; pgrep -a -x sleep; pgrep -c .; pgrep -u user1000 || echo none; pkill -KILL sleep; wait 2>/dev/null; true'))
      .toBe('8\n8 sleep\n8\n8 sleep 50\n8\nnone\n');
  });
  it('send what they are told to, to the newest if they are', async () => {
    expect((await script('sleep 50 & a=$!; hold 1; sleep 60 & hold 1; pkill -TERM -n sleep; wait $!; echo $?; pgrep sleep; pkill -9 sleep; wait $a; echo $?')).stdout).toBe('143\n8\n137\n');
  });
  it('say that there is none, or what is wrong', async () => {
    expect((await script('pgrep nothing')).exitCode).toBe(1);
    expect((await script('pkill nothing')).exitCode).toBe(1);
    expect(await script('pgrep')).toMatchObject({ exitCode: 2, stderr: "pgrep: no matching criteria specified\nTry `pgrep --help' for more information.\n" });
    expect(await script('pgrep "("')).toMatchObject({ exitCode: 2, stderr: 'pgrep: (: not a regular expression\n' });
  });
  it('killall takes names, and can wait for the end', async () => {
    expect(await script('sleep 50 & sleep 60 & hold 1; killall -9 -w sleep; pgrep sleep; killall -v sleep; killall -q sleep; echo $?; killall -s FOO sleep')).toMatchObject({
      stdout: '1\n', stderr: 'sleep: no process found\nFOO: unknown signal; killall -l lists signals.\n', exitCode: 1,
    });
  });
  it('pidof tells the pids of a program, the newest first', async () => {
    expect(await output('sleep 50 & sleep 60 & hold 1; pidof sleep; pidof -s sleep; pkill sleep; wait 2>/dev/null; true')).toBe('9 8\n9\n');
  });
});
