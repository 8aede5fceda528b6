/** Programs about time, which is the machine's: sleep, timeout, uptime. date has a file of its own. */
import { DRIVER_HANDLER, takeCaught } from '@pmkit/mm-core';
import { SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGTERM, WNOHANG } from '@pmkit/mm-core/include/linux/sched';
import { timeOfDay } from '../../files/clock.js';
import { exitCodeOf, fork, ForkError, live } from '../../launch.js';
import { signalNumber } from '../../signals.js';
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { defineProgram, helpOf, none, parseOptions, required } from './define.js';
import { duration, timespec } from './duration.js';

const SLEEP = {
  path: '/bin/sleep', summary: 'wait for a time', synopsis: ['sleep NUMBER[SUFFIX]...'],
  description: 'Waits for the sum of the times given. A number may have a fraction; the suffix is s (seconds, if there is none), m, h or d.',
  notes: ['The time is the machine\'s: it passes at once for who sits in front of it, and everybody else on the machine runs meanwhile.'],
};
export const sleep = defineProgram({
  ...SLEEP,
  async run(p) {
    const parsed = parseOptions(p, '');
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(SLEEP));
      return 0;
    }
    if (parsed.operands.length === 0) return p.fail(`missing operand\nTry '${p.name} --help' for more information.`);
    let ms = 0;
    let wrong = false;
    for (const word of parsed.operands) {
      const time = duration(word);
      if (time === null) p.err(`${p.name}: invalid time interval '${word}'\n`);
      wrong ||= time === null;
      ms += time ?? 0;
    }
    if (wrong) {
      p.err(`Try '${p.name} --help' for more information.\n`);
      return 1;
    }
    const { m } = p.box.k;
    const until = m.now + ms;
    while (m.now < until) await p.sys('nanosleep', timespec(until - m.now)); // a signal may end one of them
    return 0;
  },
});

const TIMEOUT = {
  path: '/usr/bin/timeout', summary: 'run a command, and end it when it takes too long', synopsis: ['timeout [-s SIGNAL] [-k DURATION] [--preserve-status] DURATION COMMAND [ARG]...'],
  description: 'Starts the command as a child and sends it SIGTERM when the time is over. The exit code is that of the command; 124 when it was ended; 125 when timeout itself failed; 137 when the '
    + 'command was killed. A duration of 0 is for ever.',
  options: [
    ['-s, --signal SIGNAL', 'the signal to send'], ['-k, --kill-after DURATION', 'send SIGKILL when it still runs so long afterwards'],
    ['--preserve-status', 'the command\'s exit code also when it was ended'], ['--foreground', 'accepted: nothing is sent to a group'],
  ] as const,
  notes: ['Times are the machine\'s. SIGHUP, SIGINT, SIGQUIT and SIGTERM that are sent to timeout are handed on to the command.'],
};
export const timeout = defineProgram({
  ...TIMEOUT,
  async run(p) {
    const parsed = parseOptions(p, '+s:k:v', [required('signal', 's'), required('kill-after', 'k'), none('preserve-status'), none('foreground'), none('verbose', 'v')]);
    if (parsed === null) return 125;
    if (parsed.has('help')) {
      p.out(helpOf(TIMEOUT));
      return 0;
    }
    const [limit, ...command] = parsed.operands;
    if (limit === undefined || command.length === 0) return p.fail(`missing operand\nTry '${p.name} --help' for more information.`, 125);
    const ms = duration(limit);
    const killAfter = duration(parsed.value('k') ?? 'inf');
    const signal = signalNumber(parsed.value('s') ?? 'TERM');
    if (ms === null || killAfter === null) return p.fail(`invalid time interval '${ms === null ? limit : parsed.value('k')!}'`, 125);
    if (signal === undefined) return p.fail(`${parsed.value('s')!}: invalid signal`, 125);
    return watched(p, command, { ms: ms === 0 ? Infinity : ms, killAfter: killAfter === 0 ? Infinity : killAfter, signal, preserve: parsed.has('preserve-status') });
  },
});

const SIGQUIT = 3;
/** What whoever wants to end timeout sends; it is meant for the command. */
const FORWARDED = [SIGHUP, SIGINT, SIGQUIT, SIGTERM] as const;

/** Waits for a child as timeout does: SIGCHLD ends its sleep. @returns what wait4() says of the child, or null when `until` has come. */
async function waitUntil(p: Process, child: number, until: number): Promise<{ readonly status: number } | null> {
  const { m } = p.box.k;
  const status = { value: 0 };
  for (;;) {
    for (const signal of takeCaught(p.task)) if (signal !== SIGCHLD) await send(p, child, signal);
    const result = await p.sys('wait4', child, status, WNOHANG);
    if (result !== 0) return { status: result === child ? status.value : 0 };
    if (m.now >= until) return null;
    await p.sys('nanosleep', timespec(until - m.now));
  }
}

async function watched(p: Process, command: readonly string[], { ms, killAfter, signal, preserve }: { ms: number; killAfter: number; signal: number; preserve: boolean }): Promise<number> {
  let task;
  try {
    task = await fork(p.box, p);
  } catch (error) {
    if (error instanceof ForkError) return p.fail(`fork system call failed: ${p.strerror(-error.errno)}`, 125);
    throw error;
  }
  const child = p.forked(task, command);
  for (const caught of [SIGCHLD, ...FORWARDED]) await p.sys('rt_sigaction', caught, { sa_handler: DRIVER_HANDLER }, null, 8);
  let over = false;
  p.box.scheduler.start(child, async () => {
    await live(child, () => child.exec(command));
    over = true;
  });
  let ended = await waitUntil(p, child.pid, p.box.k.m.now + ms);
  const timedOut = ended === null;
  let killed = signal === SIGKILL;
  if (ended === null) {
    await send(p, child.pid, signal);
    ended = await waitUntil(p, child.pid, p.box.k.m.now + killAfter);
    if (ended === null) {
      killed = true;
      await send(p, child.pid, SIGKILL);
      ended = await waitUntil(p, child.pid, Infinity);
    }
  }
  // its task is gone; what it ran comes to its end now
  await p.box.scheduler.wait(p, Infinity, () => over);
  const code = exitCodeOf(ended?.status ?? 0);
  return timedOut && !preserve && !(killed && code === 128 + SIGKILL) ? 124 : code;
}
/** With SIGCONT behind it, as a stopped process would not notice. */
async function send(p: Process, pid: number, signal: number): Promise<void> {
  await p.sys('kill', pid, signal);
  if (signal !== SIGKILL && signal !== SIGCONT) await p.sys('kill', pid, SIGCONT);
}

const UPTIME = {
  path: '/usr/bin/uptime', summary: 'how long the machine has been up', synopsis: ['uptime [-p] [-s]'],
  description: 'Prints the time of day, how long ago the machine was booted, users and load averages.',
  options: [['-p, --pretty', 'only how long'], ['-s, --since', 'only when it was booted']] as const,
  notes: ['Users are those of the console: one. The simulated kernel counts no load.'],
};
export const uptime = defineProgram({
  ...UPTIME,
  async run(p) {
    const parsed = parseOptions(p, 'ps', [none('pretty', 'p'), none('since', 's')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(UPTIME));
      return 0;
    }
    const text = await readText(p, '/proc/uptime');
    if (typeof text === 'number') return p.fail(`/proc/uptime: ${p.strerror(text)}`);
    const seconds = Math.floor(Number(text.split(' ')[0]));
    const now = timeOfDay(p.box.k.m);
    if (parsed.has('s')) p.out(`${new Date(now - seconds * 1000).toISOString().replace('T', ' ').slice(0, 19)}\n`);
    else if (parsed.has('p')) p.out(`up ${pretty(seconds)}\n`);
    else {
      const load = await readText(p, '/proc/loadavg');
      p.out(` ${new Date(now).toISOString().slice(11, 19)} up ${upTime(seconds)},  1 user,  load average: ${typeof load === 'number' ? '0.00, 0.00, 0.00' : load.split(' ').slice(0, 3).join(', ')}\n`);
    }
    return 0;
  },
});
/** sprint_uptime() of procps: `2 days,  3:04` or `12 min`. */
export function upTime(seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const clock = hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`;
  return `${days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `}${clock}`;
}
function pretty(seconds: number): string {
  const parts = [[Math.floor(seconds / 86_400), 'day'], [Math.floor(seconds / 3600) % 24, 'hour'], [Math.floor(seconds / 60) % 60, 'minute']] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(', ');
  return text === '' ? '0 minutes' : text;
}
