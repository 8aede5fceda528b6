/** dmesg: the kernel's log by syslog(2). */
import { defineProgram, helpOf, none, parseOptions, required } from './define.js';

const SYSLOG_ACTION_READ_ALL = 3;
const SYSLOG_ACTION_READ_CLEAR = 4;
const SYSLOG_ACTION_CLEAR = 5;
const SYSLOG_ACTION_CONSOLE_LEVEL = 8;
const SYSLOG_ACTION_SIZE_BUFFER = 10;

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

const DMESG = {
  path: '/bin/dmesg', summary: 'print the kernel log', synopsis: ['dmesg [-r] [-l LEVEL,...] [-s SIZE]', 'dmesg -c | -C', 'dmesg -n LEVEL'],
  description: 'Prints what the kernel has logged since the log was cleared. Who may not clear it still may read it.',
  options: [
    ['-c, --read-clear', 'clear it afterwards'], ['-C, --clear', 'only clear it'], ['-r, --raw', 'with the level in front of each line'], ['-l, --level LEVEL,...', `only these: ${LEVELS.join(', ')}`],
    ['-s, --buffer-size N', 'the last N bytes'], ['-n, --console-level N', 'what is printed on the console: accepted, 1 to 8 or a name'],
  ] as const,
  notes: ['Lines have no time in front (CONFIG_PRINTK_TIME is off), as on most kernels of 2005. What the simulation itself has to say begins with pmkit.'],
};
export const dmesg = defineProgram({
  ...DMESG,
  async run(p) {
    const parsed = parseOptions(p, 'cCrtl:n:s:', [none('read-clear', 'c'), none('clear', 'C'), none('raw', 'r'), none('notime', 't'), required('level', 'l'), required('console-level', 'n'), required('buffer-size', 's')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(DMESG));
      return 0;
    }
    const console = parsed.value('n');
    if (console !== undefined) {
      const level = /^\d+$/.test(console) ? Number(console) : LEVELS.indexOf(console) + 1;
      const result = level < 1 || level > 8 ? null : await p.sys('syslog', SYSLOG_ACTION_CONSOLE_LEVEL, null, level);
      return result === 0 ? 0 : p.fail(result === null ? `unknown level '${console}'` : `klogctl failed: ${p.strerror(result)}`);
    }
    if (parsed.has('C')) {
      const result = await p.sys('syslog', SYSLOG_ACTION_CLEAR, null, 0);
      return result === 0 ? 0 : p.fail(`clear kernel buffer failed: ${p.strerror(result)}`);
    }
    const wanted = parsed.value('l')?.split(',');
    const unknown = wanted?.find(name => !LEVELS.includes(name));
    if (unknown !== undefined) return p.fail(`unknown level '${unknown}'`);
    const size = parsed.value('s');
    if (size !== undefined && !/^\d+$/.test(size)) return p.fail(`invalid buffer size argument: '${size}'`);
    const buffer = { value: '' };
    const result = await p.sys('syslog', parsed.has('c') ? SYSLOG_ACTION_READ_CLEAR : SYSLOG_ACTION_READ_ALL, buffer, size === undefined ? await p.sys('syslog', SYSLOG_ACTION_SIZE_BUFFER, null, 0) : Number(size));
    if (result < 0) return p.fail(`read kernel buffer failed: ${p.strerror(result)}`);
    p.out(printed(buffer.value, parsed.has('r'), wanted));
    return 0;
  },
});

/** Lines without their level; one that was cut at the front has none. */
function printed(log: string, raw: boolean, wanted: readonly string[] | undefined): string {
  return log.split('\n').slice(0, -1).map(line => {
    const match = /^<(\d)>/.exec(line);
    if (wanted !== undefined && (match === null || !wanted.includes(LEVELS[Number(match[1])]!))) return '';
    return `${raw || match === null ? line : line.slice(match[0].length)}\n`;
  }).join('');
}
