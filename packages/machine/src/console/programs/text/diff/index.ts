/**
 * diff(1), after GNU diffutils: the options by which scripts ask whether files and trees are the same, and the normal and unified forms. The shell
 * brings one that knows only -u, -q, -s and -i.
 */
import { FileError, type Stat } from '../../../files/index.js';
import { strerror, type Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition, type Parsed } from '../../system/define.js';
import { editsBetween, type Edit } from './edits.js';
import { linesOf, normal, unified, type Lines } from './format.js';

const SAME = 0;
const DIFFERENT = 1;
const TROUBLE = 2;
type Outcome = typeof SAME | typeof DIFFERENT | typeof TROUBLE;

const LONG = [
  none('brief', 'q'), none('report-identical-files', 's'), none('recursive', 'r'), none('new-file', 'N'), none('ignore-case', 'i'), none('ignore-all-space', 'w'),
  none('ignore-space-change', 'b'), none('ignore-blank-lines', 'B'), none('text', 'a'), none('normal'), optional('unified', 'U'), required('label', 'L'),
];

const definition: Omit<Definition, 'run'> = {
  path: '/usr/bin/diff', summary: 'compare files line by line', synopsis: ['diff [OPTION]... FILES'],
  description: 'Compares two files, or all that is in two directories, or a file with the one of its name in a directory, and prints what is to be changed in the first to have '
    + 'the second. - is standard input. The status is 0 when they are the same, 1 when not, and 2 when they could not be compared.',
  options: [
    ['-q, --brief', 'say only whether they differ'], ['-s, --report-identical-files', 'say also when they are the same'], ['-u, -U N, --unified[=N]', 'the unified form, with 3 or N lines around'],
    ['-r, --recursive', 'directories in directories too'], ['-N, --new-file', 'a file that is not there is empty'], ['-i, --ignore-case', 'letters are the same in upper and lower case'],
    ['-w, --ignore-all-space', 'without any white space'], ['-b, --ignore-space-change', 'white space is the same however much it is'], ['-B, --ignore-blank-lines', 'without changes of empty lines only'],
    ['-a, --text', 'all files are text'], ['-L, --label LABEL', 'name in the unified form, for the first file and then for the second'],
  ],
  notes: ['Where several ways to change a file are equally short, another than GNU\'s may be shown. Files that differ in more than 3000 lines are shown as one change.'],
};

interface Job { readonly parsed: Parsed; readonly labels: readonly string[]; readonly context: number | null }
/** A file or directory to compare; `stat` is null when there is none, and it counts as empty. */
interface Side { readonly path: string; readonly stat: Stat | null }

export const diff: Program = defineProgram({
  ...definition,
  async run(p) {
    const parsed = parseOptions(p, 'qsrNiwbBauU:L:', LONG);
    if (parsed === null) return TROUBLE;
    if (parsed.has('help')) {
      p.out(helpOf(definition));
      return 0;
    }
    const context = parsed.has('u', 'U') ? Number(parsed.value('U') ?? 3) : null;
    if (context !== null && !(Number.isInteger(context) && context >= 0)) return p.fail(`invalid context length '${parsed.value('U')}'`, TROUBLE);
    const [from, to, ...more] = parsed.operands;
    if (from === undefined || to === undefined || more.length > 0) {
      p.fail(more.length > 0 ? `extra operand '${more[0]}'` : from === undefined ? "missing operand after 'diff'" : `missing operand after '${from}'`);
      p.err("diff: Try 'diff --help' for more information.\n");
      return TROUBLE;
    }
    const labels = parsed.options.filter(({ opt }) => opt === 'L').map(({ arg }) => arg ?? '');
    return compareOperands(p, { parsed, labels, context }, from, to);
  },
});

async function compareOperands(p: Process, job: Job, from: string, to: string): Promise<Outcome> {
  const isNew = job.parsed.has('N') && (p.exists(from) || p.exists(to));
  const a = sideOf(p, from, isNew);
  const b = sideOf(p, to, isNew);
  if (a === null || b === null) return TROUBLE;
  const [inA, inB] = [a.stat?.type === 'directory', b.stat?.type === 'directory'];
  if (inA === inB || a.stat === null || b.stat === null) return compare(p, job, a, b, false);
  const within = inA ? sideOf(p, below(from, base(to)), isNew) : sideOf(p, below(to, base(from)), isNew);
  if (within === null) return TROUBLE;
  return inA ? compare(p, job, within, b, false) : compare(p, job, a, within, false);
}

const below = (directory: string, name: string): string => `${directory.replace(/\/$/, '')}/${name}`;
const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** null: there is none, and that has been said. */
function sideOf(p: Process, path: string, mayBeAbsent: boolean): Side | null {
  if (path === '-') return { path, stat: null };
  try {
    return { path, stat: p.stat(path) };
  } catch (error) {
    if (mayBeAbsent && error instanceof FileError) return { path, stat: null };
    return trouble(p, path, error);
  }
}
function trouble(p: Process, path: string, error: unknown): null {
  if (!(error instanceof FileError)) throw error;
  p.fail(`${path}: ${strerror(error.errno)}`);
  return null;
}

/** @param inside below directories that are compared: then each pair is announced before what differs */
function compare(p: Process, job: Job, a: Side, b: Side, inside: boolean): Promise<Outcome> {
  const kinds = [a.stat, b.stat].map(stat => (stat?.type === 'directory' ? 'directory' : 'regular file'));
  if (kinds[0] === 'directory' && kinds[1] === 'directory') return compareDirectories(p, job, a.path, b.path);
  if (kinds[0] === kinds[1]) return compareFiles(p, job, a, b, inside);
  p.out(`File ${a.path} is a ${kinds[0]} while file ${b.path} is a ${kinds[1]}\n`);
  return Promise.resolve(DIFFERENT);
}

async function compareDirectories(p: Process, job: Job, a: string, b: string): Promise<Outcome> {
  let outcome: Outcome = SAME;
  const note = (found: Outcome): void => { if (found > outcome) outcome = found; };
  const [inA, inB] = [new Set(p.readDir(a)), new Set(p.readDir(b))];
  for (const name of [...new Set([...inA, ...inB])].sort()) {
    const both = inA.has(name) && inB.has(name);
    if (!both && !job.parsed.has('N')) {
      p.out(`Only in ${inA.has(name) ? a : b}: ${name}\n`);
      note(DIFFERENT);
      continue;
    }
    const left = sideOf(p, below(a, name), true)!;
    const right = sideOf(p, below(b, name), true)!;
    if (left.stat?.type === 'directory' && right.stat?.type === 'directory' && !job.parsed.has('r')) p.out(`Common subdirectories: ${left.path} and ${right.path}\n`);
    else note(await compare(p, job, left, right, true));
  }
  return outcome;
}

async function compareFiles(p: Process, job: Job, a: Side, b: Side, inside: boolean): Promise<Outcome> {
  const { parsed, context } = job;
  const [from, to] = [await textOf(p, a), await textOf(p, b)];
  if (from === null || to === null) return TROUBLE;
  const isBinary = !parsed.has('a') && (from.includes('\0') || to.includes('\0'));
  const [left, right] = [linesOf(from), linesOf(to)];
  const edits = isBinary ? [] : differences(parsed, left, right);
  if (isBinary ? from === to : edits.length === 0) {
    if (parsed.has('s')) p.out(`Files ${a.path} and ${b.path} are identical\n`);
    return SAME;
  }
  if (isBinary || parsed.has('q')) p.out(`${isBinary && !parsed.has('q') ? 'Binary files' : 'Files'} ${a.path} and ${b.path} differ\n`);
  else {
    if (inside) p.out(`${['diff', ...p.argv.slice(1).filter(word => word.startsWith('-'))].join(' ')} ${a.path} ${b.path}\n`);
    if (context === null) p.out(normal(left, right, edits));
    else p.out(`--- ${job.labels[0] ?? named(a)}\n+++ ${job.labels[1] ?? named(b)}\n${unified(left, right, edits, context)}`);
  }
  return DIFFERENT;
}

async function textOf(p: Process, { path, stat }: Side): Promise<string | null> {
  if (path === '-') return p.input();
  if (stat === null) return '';
  try {
    return await p.readFile(path);
  } catch (error) {
    return trouble(p, path, error);
  }
}

/** Name and time of last change, as the unified form has them; what is not there is of the epoch. */
function named({ path, stat }: Side): string {
  const time = new Date(stat?.mtime ?? 0).toISOString();
  return `${path}\t${time.slice(0, 10)} ${time.slice(11, 23)}000000 +0000`;
}

/** Edits that count, with the options by which lines are the same. */
function differences(parsed: Parsed, a: Lines, b: Lines): Edit[] {
  const ignoresSpace = parsed.has('w', 'b');
  const key = (line: string): string => {
    const spaced = parsed.has('w') ? line.replace(/\s+/g, '') : parsed.has('b') ? line.replace(/\s+/g, ' ').replace(/ $/, '') : line;
    return parsed.has('i') ? spaced.toLowerCase() : spaced;
  };
  // a last line without its end is another than one with it
  const keys = ({ lines, open }: Lines): string[] => lines.map((line, at) => key(line) + (open && !ignoresSpace && at === lines.length - 1 ? '\n' : ''));
  const edits = editsBetween(keys(a), keys(b));
  if (!parsed.has('B')) return edits;
  const isBlank = ({ lines }: Lines, from: number, to: number): boolean => lines.slice(from, to).every(line => (ignoresSpace ? line.trim() : line) === '');
  return edits.filter(({ aFrom, aTo, bFrom, bTo }) => !isBlank(a, aFrom, aTo) || !isBlank(b, bFrom, bTo));
}
