import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { strftime } from '../../../src/console/programs/system/date.js';
import { duration, timespec } from '../../../src/console/programs/system/duration.js';
import { output, script, systemBox } from './helpers.js';
import { expectSound } from '../helpers.js';

describe('sleep', () => {
  it.each([['1.5', 1500], ['0.2s', 200], ['2m', 120_000], ['1h 1s', 3_601_000], ['1d', 86_400_000], ['0', 0]])('%s takes that much of the machine\'s time', async (words, ms) => {
    const box = systemBox();
    const { now } = box.k.m;
    await output('hold 0; sleep 0', box);
    const before = box.k.m.now;
    await output(`sleep ${words}`, box);
    expect(box.k.m.now - before).toBeCloseTo(ms, 3);
    expect(before).toBeGreaterThanOrEqual(now);
  });
  it.each([['sleep', "sleep: missing operand\nTry 'sleep --help' for more information.\n"], ['sleep 1x', "sleep: invalid time interval '1x'\nTry 'sleep --help' for more information.\n"], ['sleep -1', "sleep: invalid option -- '1'\nTry 'sleep --help' for more information.\n"]])('%s fails', async (command, stderr) => {
    expect(await script(command)).toMatchObject({ stderr, exitCode: 1 });
  });
  it('for ever ends by a signal', async () => {
    expect((await script('sleep infinity & hold 1; pkill sleep; wait $!; echo $?')).stdout).toBe('143\n');
  });
  it('a timespec is never shorter than the time, nor a whole second off', () => {
    fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), ms => {
      const { tv_sec, tv_nsec } = timespec(ms);
      expect(Number.isInteger(tv_sec) && Number.isInteger(tv_nsec) && tv_nsec >= 0 && tv_nsec < 1e9).toBe(true);
      expect(tv_sec * 1000 + tv_nsec / 1e6 - ms).toBeGreaterThanOrEqual(-1e-6);
      expect(tv_sec * 1000 + tv_nsec / 1e6 - ms).toBeLessThan(1e-3);
    }), { seed: 1 });
  });
  it.each([['1e2', 100_000], ['.5', 500], ['5.', 5000], ['inf', Infinity], ['', null], ['1 s', null], ['s', null]])('reads %s', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });
});

describe('timeout', () => {
  it('ends what takes too long, and lets the rest be', async () => {
    const box = systemBox();
    expect((await script('timeout 1 sleep 5; echo $?; timeout 5 sleep 1; echo $?; timeout 0 sleep 9; echo $?; timeout 5 sh -c "exit 3"; echo $?', box)).stdout).toBe('124\n0\n0\n3\n');
    expectSound(box);
  });
  it('sends the signal it is told to, and kills what does not mind', async () => {
    expect((await script('timeout -s KILL 1 sleep 5; echo $?; timeout --preserve-status 1 sleep 5; echo $?; timeout -s STOP -k 1 1 sleep 50; echo $?')).stdout).toBe('137\n143\n137\n');
  });
  it('hands on a signal that it gets itself', async () => {
    expect((await script('timeout 50 sleep 20 & hold 1; pkill timeout; wait $!; echo $?; ps --no-headers -o comm')).stdout).toBe('143\nbash\nps\n');
  });
  it('leaves no process behind, and the shell as it was', async () => {
    expect(await output('timeout 1 sleep 5 || ps --no-headers -o comm')).toBe('bash\nps\n');
  });
  it.each([['timeout', 'timeout: missing operand'], ['timeout x true', "timeout: invalid time interval 'x'"], ['timeout -s FOO 1 true', 'timeout: FOO: invalid signal']])('%s fails with 125', async (command, text) => {
    const { stderr, exitCode } = await script(command);
    expect([stderr.split('\n')[0], exitCode]).toEqual([text, 125]);
  });
});

describe('date', () => {
  it('is that of the overview when the machine is booted, and goes on', async () => {
    const box = systemBox();
    expect(await output('date -d @1119458348; sleep 90; date +%F; test $(date +%s) -ge 1119458438 && echo later', box)).toBe('Wed Jun 22 16:39:08 UTC 2005\n2005-06-22\nlater\n');
  });
  it.each([
    ['+%Y-%m-%d %H:%M:%S', '2005-06-22 16:39:08'], ['+%j %U %V %G %u %w', '173 25 25 2005 3 3'], ['+%I %p %l %e %-d %_H %^a', '04 PM  4 22 22 16 WED'], ['+%3N %N', '250 250000000'], ['+%D %T %R %r', '06/22/05 16:39:08 16:39 04:39:08 PM'],
    ['+%z %:z %Z %% %q', '+0000 +00:00 UTC % %q'], ['-Iseconds', '2005-06-22T16:39:08+00:00'], ['-R', 'Wed, 22 Jun 2005 16:39:08 +0000'], ['--rfc-3339=date', '2005-06-22'],
  ])('%s', async (format, text) => {
    expect(await output(`date -d @1119458348.25 ${/^[+]/.test(format) ? `'${format}'` : format}`)).toBe(`${text}\n`);
  });
  it.each([['2005-07-01 12:00', '2005-07-01 12:00:00'], ['1970-01-01', '1970-01-01 00:00:00'], ['@86400', '1970-01-02 00:00:00']])('understands %s', async (text, result) => {
    expect(await output(`date -d '${text}' '+%F %T'`)).toBe(`${result}\n`);
  });
  it('weeks and days agree with a plain count', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40_000 }), day => {
      const date = new Date(day * 86_400_000);
      const start = Date.UTC(date.getUTCFullYear(), 0, 1) / 86_400_000;
      let sundays = 0;
      for (let d = start; d <= day; d++) if (new Date(d * 86_400_000).getUTCDay() === 0) sundays++;
      expect(strftime('%j %U', date)).toBe(`${String(day - start + 1).padStart(3, '0')} ${String(sundays).padStart(2, '0')}`);
      const week = Number(strftime('%V', date));
      expect(week >= 1 && week <= 53).toBe(true);
    }), { seed: 2 });
  });
  it.each([['date -d nonsense', "date: invalid date 'nonsense'"], ['date -s now', 'date: cannot set date: Operation not permitted'], ['date -r /nothing', 'date: /nothing: No such file or directory'], ['date x', "date: invalid date 'x'"], ['date -d 2005-02-30', "date: invalid date '2005-02-30'"]])('%s fails', async (command, text) => {
    expect(await script(command)).toMatchObject({ stderr: `${text}\n`, exitCode: 1 });
  });
});

it('uptime counts simulated time', async () => {
  const box = systemBox();
  expect(await output('uptime -s; sleep 3h; sleep 5m; uptime; uptime -p', box)).toMatch(/^2005-06-22 16:39:\d\d\n 19:44:\d\d up {2}3:05, {2}1 user, {2}load average: 0\.00, 0\.00, 0\.00\nup 3 hours, 5 minutes\n$/);
});

describe('dd', () => {
  it('copies blocks and says so', async () => {
    expect(await script('dd if=/dev/zero of=/tmp/f bs=1M count=2; stat -c %s /tmp/f; dd if=/tmp/f of=/tmp/g bs=16k count=3 skip=1 status=noxfer; stat -c %s /tmp/g')).toMatchObject({
      stdout: '2097152\n49152\n', stderr: expect.stringMatching(/^2\+0 records in\n2\+0 records out\n2097152 bytes \(2\.1 MB, 2\.0 MiB\) copied, [\d.]+ s, .*\/s\n3\+0 records in\n3\+0 records out\n$/) as unknown,
    });
  });
  it('copies bytes as they are, part blocks too, and can leave the rest of the output', async () => {
    expect(await output('printf abcdefgh > /tmp/a; dd if=/tmp/a bs=3 skip=1 count=1 status=none; echo; printf XY | dd of=/tmp/a conv=notrunc bs=1 seek=2 status=none; cat /tmp/a; echo; printf 12345 | dd bs=2 status=none conv=sync | wc -c')).toBe('def\nabXYefgh\n6\n');
  });
  it.each([
    ['dd if=/nothing', "dd: failed to open '/nothing': No such file or directory\n"], ['dd foo=1', "dd: unrecognized operand 'foo=1'\nTry 'dd --help' for more information.\n"], ['dd bs=x', "dd: invalid number: 'x'\nTry 'dd --help' for more information.\n"],
    ['dd conv=foo', "dd: invalid conversion: 'foo'\nTry 'dd --help' for more information.\n"], ['su user1000 -c "dd if=/dev/zero of=/etc/x count=1"', "dd: failed to open '/etc/x': Permission denied\n"],
  ])('%s fails', async (command, stderr) => {
    expect(await script(command)).toMatchObject({ stdout: '', stderr, exitCode: 1 });
  });
  it('tells how much was written when the disk takes no more', async () => {
    expect(await script('dd if=/dev/zero of=/dev/full bs=1k count=1')).toMatchObject({ stderr: expect.stringMatching(/^dd: error writing '\/dev\/full': No space left on device\n1\+0 records in\n0\+0 records out\n0 bytes copied/) as unknown, exitCode: 1 });
  });
});
