/** dd (GNU): copies blocks of files. */
import { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { FileError } from '../../files/error.js';
import type { OpenFile } from '../../files/open-file.js';
import type { Process } from '../../process.js';
import { defineProgram, helpOf } from './define.js';

const DD = {
  path: '/bin/dd', summary: 'copy blocks of a file', synopsis: ['dd [OPERAND]...'],
  description: 'Copies standard input, or if=FILE, to standard output, or of=FILE, block by block.',
  options: [
    ['if=FILE, of=FILE', 'from and to'], ['bs=N, ibs=N, obs=N', 'bytes of a block, 512; the suffixes c w b k K M G and kB MB GB'], ['count=N', 'so many blocks'], ['skip=N, seek=N', 'pass over so many blocks of the input, or output'],
    ['conv=WORDS', 'notrunc, excl, nocreat, fsync, fdatasync, sync (fill blocks with zeros), noerror'], ['oflag=WORDS', 'append; direct, sync and dsync are accepted'], ['status=none|noxfer', 'say nothing at the end, or not how long it took'],
  ] as const,
  notes: ['The time it tells of is the machine\'s, which passes only while it waits for a disk.'],
};

interface Plan {
  from: string | null; to: string | null; bs: number; count: number; skip: number; seek: number;
  readonly conv: Set<string>; readonly oflag: Set<string>; status: string;
}

const CONV = new Set(['notrunc', 'excl', 'nocreat', 'fsync', 'fdatasync', 'sync', 'noerror']);
const FLAGS = new Set(['append', 'direct', 'sync', 'dsync', 'nonblock', 'noatime', 'nofollow', 'noctty', 'fullblock', 'count_bytes', 'skip_bytes']);
const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1, c: 1, w: 2, b: 512, kB: 1000, K: 1024, k: 1024, KiB: 1024, MB: 1e6, M: 2 ** 20, MiB: 2 ** 20, GB: 1e9, G: 2 ** 30, GiB: 2 ** 30, T: 2 ** 40, TiB: 2 ** 40, TB: 1e12,
};

/** `4k`, `2x512`; null: not a number. */
function bytes(text: string): number | null {
  let product = 1;
  for (const factor of text.split('x')) {
    const match = /^(\d+)([a-zA-Z]*)$/.exec(factor);
    const unit = match === null ? undefined : SUFFIXES[match[2]!];
    if (match === null || unit === undefined) return null;
    product *= Number(match[1]) * unit;
  }
  return Number.isSafeInteger(product) ? product : null;
}

/** The operands, or what is wrong with one. */
function planOf(words: readonly string[]): Plan | string {
  const plan: Plan = { from: null, to: null, bs: 512, count: Infinity, skip: 0, seek: 0, conv: new Set(), oflag: new Set(), status: '' };
  let bs: number | null = null;
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]*)=([^]*)$/.exec(word) ?? [];
    if (name === 'if') plan.from = value;
    else if (name === 'of') plan.to = value;
    else if (name === 'status') plan.status = value;
    else if (name === 'conv' || name === 'oflag' || name === 'iflag') {
      const unknown = value.split(',').find(flag => !(name === 'conv' ? CONV : FLAGS).has(flag));
      if (unknown !== undefined) return `invalid ${name === 'conv' ? 'conversion' : name === 'oflag' ? 'output flag' : 'input flag'}: '${unknown}'`;
      if (name !== 'iflag') for (const flag of value.split(',')) plan[name].add(flag);
    } else if (name === 'bs' || name === 'ibs' || name === 'obs' || name === 'count' || name === 'skip' || name === 'seek') {
      const number = bytes(value);
      if (number === null || (number === 0 && name.endsWith('bs'))) return `invalid number: '${value}'`;
      if (name === 'bs') bs = number;
      else if (name === 'ibs' || name === 'obs') plan.bs = Math.max(plan.bs === 512 ? 0 : plan.bs, number);
      else plan[name] = number;
    } else return `unrecognized operand '${word}'`;
  }
  return { ...plan, bs: bs ?? plan.bs };
}

/** Standard input and output, where no file is named. */
function standardInput(p: Process): OpenFile {
  return {
    ...CLOSED, read: count => p.read(count),
    async seek(position) {
      for (let left = position; left > 0; ) {
        const skipped = (await p.read(left)).length;
        if (skipped === 0) return;
        left -= skipped;
      }
    },
  };
}
function standardOutput(p: Process): OpenFile {
  return {
    ...CLOSED, write: data => {
      p.out(data);
      return p.flush().then(() => data.length);
    },
  };
}
const nothing = (): Promise<void> => Promise.resolve();
/** What a stream does not do. */
const CLOSED: OpenFile = { read: () => Promise.resolve(new Uint8Array()), write: () => Promise.resolve(0), seek: nothing, truncate: nothing, close: nothing };

interface Counts { inFull: number; inPart: number; outFull: number; outPart: number; bytes: number }

export const dd = defineProgram({
  ...DD,
  async run(p) {
    if (p.argv[1] === '--help') {
      p.out(helpOf(DD));
      return 0;
    }
    const plan = planOf(p.argv.slice(1));
    if (typeof plan === 'string') return p.fail(`${plan}\nTry '${p.name} --help' for more information.`);
    const start = p.box.k.m.now;
    const counts: Counts = { inFull: 0, inPart: 0, outFull: 0, outPart: 0, bytes: 0 };
    const exitCode = await transfer(p, plan, counts);
    if (exitCode === OPEN_FAILED) return 1;
    if (plan.status !== 'none') p.err(report(counts, p.box.k.m.now - start, plan.status));
    return exitCode;
  },
});
/** An exit code of its own, so that nothing is reported. */
const OPEN_FAILED = 2;

async function transfer(p: Process, plan: Plan, counts: Counts): Promise<number> {
  let step = `failed to open '${plan.from ?? 'standard input'}'`;
  let input: OpenFile | null = null;
  let output: OpenFile | null = null;
  try {
    input = plan.from === null ? standardInput(p) : await p.box.files.open(p, plan.from, O_RDONLY);
    step = `failed to open '${plan.to ?? 'standard output'}'`;
    output = plan.to === null ? standardOutput(p) : await openOutput(p, plan.to, plan);
    step = `'${plan.from ?? 'standard input'}': cannot skip`;
    if (plan.skip > 0) await input.seek(plan.skip * plan.bs);
    while (counts.inFull + counts.inPart < plan.count) {
      step = `error reading '${plan.from ?? 'standard input'}'`;
      const block = await input.read(plan.bs);
      if (block.length === 0) break;
      if (block.length === plan.bs) counts.inFull++;
      else counts.inPart++;
      step = `error writing '${plan.to ?? 'standard output'}'`;
      await writeBlock(output, plan.conv.has('sync') ? filled(block, plan.bs) : block, plan.bs, counts);
    }
    if (plan.conv.has('fsync') || plan.conv.has('fdatasync')) await p.sys('sync');
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    p.err(`${p.name}: ${step}: ${p.strerror(-error.errno)}\n`);
    return output === null ? OPEN_FAILED : 1;
  } finally {
    await input?.close();
    await output?.close();
  }
}

async function openOutput(p: Process, path: string, { conv, oflag, seek, bs }: Plan): Promise<OpenFile> {
  const flags = O_WRONLY | (conv.has('nocreat') ? 0 : O_CREAT) | (conv.has('excl') ? O_EXCL : 0) | (oflag.has('append') ? O_APPEND : 0);
  const file = await p.box.files.open(p, path, flags | (conv.has('notrunc') || oflag.has('append') || seek > 0 ? 0 : O_TRUNC));
  if (seek > 0) {
    if (!conv.has('notrunc')) await file.truncate(seek * bs);
    await file.seek(seek * bs);
  }
  return file;
}

function filled(block: Uint8Array, size: number): Uint8Array {
  const full = new Uint8Array(size);
  full.set(block);
  return full;
}

/** Writes all of a block; a disk that is full takes a part of it first. */
async function writeBlock(output: OpenFile, block: Uint8Array, size: number, counts: Counts): Promise<void> {
  let at = 0;
  try {
    while (at < block.length) {
      const written = await output.write(block.subarray(at));
      at += written;
      counts.bytes += written;
    }
  } finally {
    if (at === size) counts.outFull++;
    else if (at > 0) counts.outPart++;
  }
}

/** `1.0 MB`, with powers of 1000 or 1024 (human_readable() of gnulib, one digit behind the point below 10). */
function human(value: number, base: 1000 | 1024): string {
  const units = base === 1000 ? ['B', 'kB', 'MB', 'GB', 'TB'] : ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (value >= base && power < units.length - 1) {
    value /= base;
    power++;
  }
  return `${power > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[power]!}`;
}

/** print_stats(). @param ms of simulated time */
function report({ inFull, inPart, outFull, outPart, bytes: total }: Counts, ms: number, status: string): string {
  const records = `${inFull}+${inPart} records in\n${outFull}+${outPart} records out\n`;
  if (status === 'noxfer') return records;
  const size = `${total} byte${total === 1 ? '' : 's'}${total < 1000 ? '' : total < 1024 ? ` (${human(total, 1000)})` : ` (${human(total, 1000)}, ${human(total, 1024)})`}`;
  return `${records}${size} copied, ${Number((ms / 1000).toPrecision(6))} s, ${ms > 0 ? human((total * 1000) / ms, 1000) : 'Infinity B'}/s\n`;
}
