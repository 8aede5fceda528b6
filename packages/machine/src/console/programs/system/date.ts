/**
 * date: the machine's clock, in formats of strftime(3) as GNU date has them. The zone is UTC.
 *
 * gettimeofday() costs no system call on ia64 (arch/ia64/kernel/fsys.S), and the kernel of the kit keeps no time of day: it is boot time and simulated time.
 */
import { EPERM } from '@pmkit/mm-core/include/linux/errno';
import { timeOfDay } from '../../files/clock.js';
import { FileError } from '../../files/error.js';
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, required } from './define.js';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill);
const dayOfYear = (date: Date): number => Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

/** ISO 8601 week and the year it belongs to: that of its Thursday. */
function isoWeek(date: Date): readonly [year: number, week: number] {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  return [thursday.getUTCFullYear(), Math.ceil(dayOfYear(thursday) / 7)];
}

const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;

const CONVERSIONS: Readonly<Record<string, (date: Date) => string>> = {
  '%': () => '%', n: () => '\n', t: () => '\t',
  a: date => DAYS[date.getUTCDay()]!.slice(0, 3), A: date => DAYS[date.getUTCDay()]!, b: date => MONTHS[date.getUTCMonth()]!.slice(0, 3), B: date => MONTHS[date.getUTCMonth()]!,
  h: date => MONTHS[date.getUTCMonth()]!.slice(0, 3), c: date => strftime('%a %b %e %H:%M:%S %Y', date), C: date => two(Math.floor(date.getUTCFullYear() / 100)),
  d: date => two(date.getUTCDate()), D: date => strftime('%m/%d/%y', date), e: date => two(date.getUTCDate(), ' '), F: date => strftime('%Y-%m-%d', date),
  g: date => two(isoWeek(date)[0] % 100), G: date => String(isoWeek(date)[0]), H: date => two(date.getUTCHours()), I: date => two(hour12(date)),
  j: date => String(dayOfYear(date)).padStart(3, '0'), k: date => two(date.getUTCHours(), ' '), l: date => two(hour12(date), ' '), m: date => two(date.getUTCMonth() + 1),
  M: date => two(date.getUTCMinutes()), N: date => String((date.getTime() % 1000) * 1_000_000).padStart(9, '0'), p: date => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: date => (date.getUTCHours() < 12 ? 'am' : 'pm'), r: date => strftime('%I:%M:%S %p', date), R: date => strftime('%H:%M', date), s: date => String(Math.floor(date.getTime() / 1000)),
  S: date => two(date.getUTCSeconds()), T: date => strftime('%H:%M:%S', date), u: date => String(date.getUTCDay() || 7),
  U: date => two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)), V: date => two(isoWeek(date)[1]), w: date => String(date.getUTCDay()),
  W: date => two(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7)), x: date => strftime('%m/%d/%y', date), X: date => strftime('%H:%M:%S', date),
  y: date => two(date.getUTCFullYear() % 100), Y: date => String(date.getUTCFullYear()), z: () => '+0000', ':z': () => '+00:00', '::z': () => '+00:00:00', Z: () => 'UTC',
};

/** strftime(3) in the C locale, with GNU's flags - (no padding), _ (blanks), 0, ^ (capitals) and a width (%3N cuts). What is no conversion stays as it is. */
export function strftime(format: string, date: Date): string {
  return format.replaceAll(/%([-_0^#]*)(\d*)(:{0,2}[A-Za-z%])/g, (whole, flags: string, width: string, conversion: string) => {
    const convert = CONVERSIONS[conversion];
    if (convert === undefined) return whole;
    let text = convert(date);
    if (conversion === 'N' && width !== '') return text.slice(0, Number(width));
    if (flags.includes('-')) text = text.replace(/^[0 ]+(?=.)/, '');
    if (flags.includes('_')) text = text.replace(/^0+(?=.)/, zeros => ' '.repeat(zeros.length));
    if (flags.includes('^')) text = text.toUpperCase();
    return width === '' ? text : text.padStart(Number(width), /\d/.test(text) && !flags.includes('_') ? '0' : ' ');
  });
}

const ISO: Readonly<Record<string, string>> = { date: '%Y-%m-%d', hours: '%Y-%m-%dT%H%:z', minutes: '%Y-%m-%dT%H:%M%:z', seconds: '%Y-%m-%dT%H:%M:%S%:z', ns: '%Y-%m-%dT%H:%M:%S,%N%:z' };
const RFC_3339: Readonly<Record<string, string>> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' };

/** What -d takes here: `now`, `@SECONDS`, ISO dates with or without time, and differences like `+2 hours` or `3 days ago`. */
export function parseDate(text: string, now: number): Date | null {
  const word = text.trim().toLowerCase();
  if (/^(now|today)?$/.test(word)) return new Date(now);
  if (/^@-?\d+(\.\d+)?$/.test(word)) return new Date(Number(word.slice(1)) * 1000);
  if (word === 'yesterday' || word === 'tomorrow') return new Date(now + (word === 'tomorrow' ? 1 : -1) * 86_400_000);
  const difference = /^(?:now )?([+-]?)\s*(\d+)\s*(sec|second|min|minute|hour|day|week)s?( ago)?$/.exec(word);
  if (difference !== null) {
    const [, sign, count, unit, ago] = difference;
    const ms = { sec: 1000, second: 1000, min: 60_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 }[unit as 'sec'];
    return new Date(now + ((sign === '-') !== (ago !== undefined) ? -1 : 1) * Number(count) * ms);
  }
  const iso = /^(\d{4})-(\d\d?)-(\d\d?)(?:[t ](\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?: ?(?:z|utc|\+0000|\+00:00))?$/.exec(word);
  if (iso === null) return null;
  const [year, month, day, hour, minute, second] = iso.slice(1).map(part => Number(part || 0)) as [number, number, number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 ? date : null;
}

function chosenDate(p: Process, text: string | undefined, file: string | undefined): Date | string {
  const now = timeOfDay(p.box.k.m);
  if (file !== undefined) {
    try {
      return new Date(p.stat(file).mtime);
    } catch (error) {
      if (error instanceof FileError) return `${file}: ${p.strerror(-error.errno)}`;
      throw error;
    }
  }
  return text === undefined ? new Date(now) : parseDate(text, now) ?? `invalid date '${text}'`;
}

const DATE = {
  path: '/bin/date', summary: 'print the date and time', synopsis: ['date [-u] [-d STRING | -r FILE] [+FORMAT]'],
  description: 'Prints the time of the machine in a format of strftime(3).',
  options: [
    ['-d, --date STRING', 'another time than now: @SECONDS, 2005-06-22 16:39:08, 2 hours ago, tomorrow'], ['-r, --reference FILE', 'when the file was last written to'],
    ['-u, --utc', 'accepted: the machine knows no other zone'], ['-I[FMT], --iso-8601[=FMT]', 'date, hours, minutes, seconds or ns'], ['-R, --rfc-email', 'as mails have it'], ['--rfc-3339 FMT', 'date, seconds or ns'],
  ] as const,
  notes: ['The machine is booted at 16:39:08 UTC on 22 June 2005, when the overview of the series was posted; time passes only while somebody on it waits. It cannot be set.'],
};
export const date = defineProgram({
  ...DATE,
  run(p) {
    const parsed = parseOptions(p, 'd:r:uI::Rs:', [
      required('date', 'd'), required('reference', 'r'), none('utc', 'u'), none('universal', 'u'), optional('iso-8601', 'I'), none('rfc-email', 'R'), none('rfc-2822', 'R'), required('rfc-3339'), required('set', 's'),
    ]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(DATE));
      return 0;
    }
    const [format, extra] = parsed.operands;
    if (parsed.has('s')) return p.fail(`cannot set date: ${p.strerror(-EPERM)}`);
    if (extra !== undefined) return p.fail(`extra operand '${extra}'\nTry '${p.name} --help' for more information.`);
    if (format !== undefined && !format.startsWith('+')) return p.fail(`invalid date '${format}'`);
    const found = chosenDate(p, parsed.value('d'), parsed.value('r'));
    if (typeof found === 'string') return p.fail(found);
    const iso = parsed.has('I') ? ISO[parsed.value('I') ?? 'date'] : parsed.has('rfc-3339') ? RFC_3339[parsed.value('rfc-3339')!] : parsed.has('R') ? '%a, %d %b %Y %H:%M:%S %z' : '%a %b %e %H:%M:%S %Z %Y';
    if (iso === undefined) return p.fail(`invalid argument '${parsed.value('I') ?? parsed.value('rfc-3339')!}' for '--${parsed.has('I') ? 'iso-8601' : 'rfc-3339'}'`);
    p.out(`${strftime(format?.slice(1) ?? iso, found)}\n`);
    return 0;
  },
});
