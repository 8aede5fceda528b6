/** mktemp and truncate, after mktemp.c and truncate.c of GNU coreutils. */
import { EEXIST } from '@pmkit/mm-core/include/linux/errno';
import { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition } from '../system/define.js';
import { join, quote, statOf, wrongUse } from './common.js';
import { ioBlockOf } from './blocks.js';
import { parseSize } from './sizes.js';

const MKTEMP: Definition = {
  path: '/bin/mktemp', summary: 'make a file of a new name', synopsis: ['mktemp [OPTION]... [TEMPLATE]'], description: 'Makes a file that was not there and prints its name: TEMPLATE, default tmp.XXXXXXXXXX in $TMPDIR or /tmp, with other letters for the last X.',
  options: [['-d, --directory', 'a directory'], ['-u, --dry-run', 'make nothing'], ['-q, --quiet', 'say nothing of what goes wrong'], ['-p, --tmpdir[=DIR]', 'in DIR'], ['-t', 'in $TMPDIR, or /tmp'], ['--suffix=TEXT', 'TEXT behind it']],
  notes: ['Names are not chosen by chance: the same commands make the same names on every machine.'], run: mktemp,
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const TRIES = LETTERS.length ** 3;

/** Letters for the X: of a generator that begins with the process's number (xorshift32). */
function* letters(p: Process, count: number): Generator<string> {
  let state = (p.pid * 0x9e3779b1) >>> 0 || 1;
  for (;;) {
    let text = '';
    for (let i = 0; i < count; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      text += LETTERS[(state >>> 0) % LETTERS.length]!;
    }
    yield text;
  }
}

async function mktemp(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'dp:qtuV', [none('directory', 'd'), none('dry-run', 'u'), none('quiet', 'q'), required('suffix', 'suffix'), optional('tmpdir', 'tmpdir')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(MKTEMP));
    return 0;
  }
  if (parsed.operands.length > 1) return wrongUse(p, 'too many templates');
  const given = parsed.operands[0];
  const suffixGiven = parsed.value('suffix');
  const template = given ?? 'tmp.XXXXXXXXXX';
  if (suffixGiven !== undefined && !template.endsWith('X')) return p.fail(`with --suffix, template ${quote(template)} must end in X`);
  const end = template.lastIndexOf('X') + 1;
  const start = template.slice(0, end).search(/X*$/);
  const suffix = suffixGiven ?? template.slice(end);
  if (suffix.includes('/')) return p.fail(`invalid suffix ${quote(suffix)}, contains directory separator`);
  if (end - start < 3) return p.fail(`too few X's in template ${quote(template)}`);
  const inDirectory = given === undefined || parsed.has('p', 't', 'tmpdir');
  if (inDirectory && parsed.has('t') && template.includes('/')) return p.fail(`invalid template, ${quote(template)}, contains directory separator`);
  if (inDirectory && template.startsWith('/')) return p.fail(`invalid template, ${quote(template)}; with --tmpdir, it may not be absolute`);
  const directory = (parsed.has('t') ? p.env.get('TMPDIR') ?? parsed.value('p') : parsed.value('p', 'tmpdir') ?? p.env.get('TMPDIR')) || '/tmp';
  const place = (text: string): string => (inDirectory ? join(directory, text) : text);
  return make(p, parsed.has('d'), parsed.has('u'), parsed.has('q'), place(`${template.slice(0, end)}${suffix}`), [place(template.slice(0, start)), end - start, suffix]);
}

async function make(p: Process, isDirectory: boolean, dryRun: boolean, quiet: boolean, template: string, [prefix, count, suffix]: readonly [string, number, string]): Promise<number> {
  const { files } = p.box;
  let tries = 0;
  for (const text of letters(p, count)) {
    const path = `${prefix}${text}${suffix}`;
    const error = dryRun ? (typeof statOf(p, path, false) === 'number' ? 0 : -EEXIST)
      : await attempt(() => (isDirectory ? files.mkdir(p, path, 0o700) : files.open(p, path, O_RDWR | O_CREAT | O_EXCL, 0o600).then(file => file.close())));
    if (error === 0) {
      p.out(`${path}\n`);
      return 0;
    }
    if (error === -EEXIST && ++tries < TRIES) continue;
    return quiet ? 1 : p.fail(`failed to create ${isDirectory ? 'directory' : 'file'} via template ${quote(template)}: ${p.strerror(error)}`);
  }
  return 1;
}

const TRUNCATE: Definition = {
  path: '/usr/bin/truncate', summary: 'set sizes of files', synopsis: ['truncate OPTION... FILE...'], description: 'Cuts files off, or lets them grow by a hole. A file that is not there is made.',
  options: [['-s, --size SIZE', 'a size with K, M, G (or KB = 1000) behind it; before it + or - is relative, < at most, > at least, / and % down and up to a multiple'], ['-r, --reference FILE', 'the size of that file'], ['-c, --no-create', 'make no file'], ['-o, --io-blocks', 'SIZE counts blocks']],
  run: truncate,
};

async function truncate(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'cor:s:', [none('no-create', 'c'), none('io-blocks', 'o'), required('reference', 'r'), required('size', 's')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(TRUNCATE));
    return 0;
  }
  const size = parsed.value('s');
  const reference = parsed.value('r');
  if (size === undefined && reference === undefined) return wrongUse(p, "you must specify either '--size' or '--reference'");
  const [, sign = '', number = ''] = /^\s*([-+<>/%]?)\s*(.*)$/.exec(size ?? '+0')!;
  const value = parseSize(number);
  if (value === null) return p.fail(`Invalid number: ${quote(size!)}`);
  if (value === 0 && (sign === '/' || sign === '%')) return p.fail('division by zero');
  if (reference !== undefined && sign === '') return wrongUse(p, "you must specify a relative '--size' with '--reference'");
  if (parsed.operands.length === 0) return wrongUse(p, 'missing file operand');
  const model = reference === undefined ? null : statOf(p, reference);
  if (typeof model === 'number') return p.fail(`cannot stat ${quote(reference!)}: ${p.strerror(model)}`);
  let code = 0;
  for (const path of parsed.operands) {
    if (parsed.has('c') && !p.exists(path)) continue;
    if (!(await setSize(p, path, sign, value, parsed.has('o'), model?.size ?? null))) code = 1;
  }
  return code;
}

/** @returns false after a message. */
async function setSize(p: Process, path: string, sign: string, value: number, inBlocks: boolean, model: number | null): Promise<boolean> {
  const { files } = p.box;
  const opened = await attempt(async () => (await files.open(p, path, O_WRONLY | O_CREAT)).close());
  if (opened !== 0) {
    p.fail(`cannot open ${quote(path)} for writing: ${p.strerror(opened)}`);
    return false;
  }
  const stat = statOf(p, path);
  const now = model ?? (typeof stat === 'number' ? 0 : stat.size);
  const amount = inBlocks ? value * ioBlockOf(p, files.place(p, path).mount) : value;
  const sizes: Readonly<Record<string, number>> = {
    '': amount, '+': now + amount, '-': Math.max(0, now - amount), '<': Math.min(now, amount), '>': Math.max(now, amount), '/': Math.floor(now / amount) * amount, '%': Math.ceil(now / amount) * amount,
  };
  const error = await attempt(() => files.truncate(p, path, sizes[sign]!));
  if (error !== 0) p.fail(`failed to truncate ${quote(path)} at ${sizes[sign]!} bytes: ${p.strerror(error)}`);
  return error === 0;
}

export const makingPrograms = [defineProgram(MKTEMP), defineProgram(TRUNCATE)];
