/** touch, after touch.c of GNU coreutils, with the machine's own clock. */
import { EINVAL, EISDIR, EPERM } from '@pmkit/mm-core/include/linux/errno';
import { O_CREAT, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { FileError, timeOfDay } from '../../files/index.js';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { parseDate } from '../system/date.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { quote, statOf, wrongUse } from './common.js';

const TOUCH: Definition = {
  path: '/bin/touch', summary: 'change the times of files', synopsis: ['touch [OPTION]... FILE...'], description: 'Sets the times at which a file was read and written to now, or to the time that is told. A file that is not there is made.',
  options: [
    ['-a, -m, --time=WORD', 'only the time of access, or of modification'], ['-c, --no-create', 'make no file'], ['-d, --date STRING', 'a time as date -d has it'], ['-r, --reference FILE', 'the times of that file'],
    ['-t [[CC]YY]MMDDhhmm[.ss]', 'a time in digits'], ['-h, --no-dereference', 'accepted; links are gone through'],
  ],
  notes: ['Now is the time of the simulated machine; see date.'], run,
};
export const touch = defineProgram(TOUCH);

const TOO_MANY = 'cannot specify times from more than one source';

interface Times { readonly atime: number; readonly mtime: number }

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'acd:fhmr:t:', [none('no-create', 'c'), required('date', 'd'), none('no-dereference', 'h'), required('reference', 'r'), required('time', 'time')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(TOUCH));
    return 0;
  }
  const times = readTimes(p, parsed);
  if (times === TOO_MANY) return wrongUse(p, times);
  if (typeof times === 'string') return p.fail(times);
  if (parsed.operands.length === 0) return wrongUse(p, 'missing file operand');
  const word = parsed.value('time') ?? '';
  const onlyAccess = parsed.has('a') || ['atime', 'access', 'use'].includes(word);
  const onlyModified = parsed.has('m') || ['mtime', 'modify'].includes(word);
  const both = onlyAccess === onlyModified;
  let code = 0;
  for (const path of parsed.operands) if (!(await touchOne(p, path, times, both ? null : onlyAccess ? 'atime' : 'mtime', parsed.has('c')))) code = 1;
  return code;
}

/** null: now; a text says what is wrong. */
function readTimes(p: Process, parsed: Parsed): Times | null | string {
  const now = timeOfDay(p.box.k.m);
  const reference = parsed.value('r');
  const date = parsed.value('d');
  const stamp = parsed.value('t');
  if (stamp !== undefined && (date !== undefined || reference !== undefined)) return TOO_MANY;
  if (reference !== undefined) {
    const stat = statOf(p, reference);
    return typeof stat === 'number' ? `failed to get attributes of ${quote(reference)}: ${p.strerror(stat)}` : stat;
  }
  if (date === undefined && stamp === undefined) return null;
  const time = date === undefined ? posixTime(stamp!, new Date(now).getUTCFullYear()) : parseDate(date, now);
  return time === null ? `invalid date format ${quote(date ?? stamp!)}` : { atime: time.getTime(), mtime: time.getTime() };
}

/** posixtime() of gnulib: two digits of a year are of 1969 to 2068. */
function posixTime(text: string, thisYear: number): Date | null {
  const found = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text);
  if (found === null) return null;
  const [, first, second, ...rest] = found;
  const [month, day, hour, minute, seconds] = rest.map(part => Number(part || 0)) as [number, number, number, number, number];
  const short = Number(second ?? first);
  const year = first === undefined ? thisYear : second === undefined ? (short < 69 ? 2000 : 1900) + short : Number(first) * 100 + short;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, seconds));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && seconds < 61 ? date : null;
}

async function touchOne(p: Process, path: string, times: Times | null, only: keyof Times | null, noCreate: boolean): Promise<boolean> {
  const { files } = p.box;
  let opened = 0;
  if (!p.exists(path)) {
    if (noCreate) return true;
    opened = await attempt(async () => (await files.open(p, path, O_WRONLY | O_CREAT)).close());
  }
  const error = await attempt(() => setTimes(p, path, times, only));
  if (error === 0) return true;
  // open() of a name with a slash behind it says EISDIR
  if (opened !== 0 && !path.endsWith('/') && ![-EISDIR, -EINVAL, -EPERM].includes(opened)) p.fail(`cannot touch ${quote(path)}: ${p.strerror(opened)}`);
  else p.fail(`setting times of ${quote(path)}: ${p.strerror(error)}`);
  return false;
}

async function setTimes(p: Process, path: string, times: Times | null, only: keyof Times | null): Promise<void> {
  if (only === null) return p.box.files.utimes(p, path, times);
  const stat = statOf(p, path);
  if (typeof stat === 'number') throw new FileError(-stat, 'utime', path);
  const time = times?.[only] ?? timeOfDay(p.box.k.m);
  return p.box.files.utimes(p, path, { atime: stat.atime, mtime: stat.mtime, [only]: time });
}
