/** Patches as others send them: a directory of quilt, a mailbox, a range of a git repository. They are read, and nothing of them is run. */
import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { DiffError, printable, readDiffs, type FileDiff } from '../diff/index.js';
import { git } from '../git.js';
import { readMail } from '../originals/mails.js';
import { MailboxError, splitMailbox } from '../originals/mbox.js';

/** A patch that was sent. */
export interface SentPatch {
  /** File name in a series; of a mail or commit what its subject begins with, as export writes it, and `.patch`. */
  readonly name: string;
  readonly diffs: readonly FileDiff[];
  /** Where a line of its text is, for messages. */
  readonly where: (line: number) => string;
}

/** What is wrong with patches; the message begins with the place. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** A patch may have so many bytes, a series so many patches. */
export const IMPORT_LIMITS = { bytes: 4 << 20, patches: 1000 } as const;

/** What a diff of git may say besides, and a tree of texts has no room for; and hunks of context diffs, which are not read. */
const UNUSABLE = /^(?:rename (?:from|to) |copy (?:from|to) |GIT binary patch|Binary files |old mode |new mode |new file mode (?!100644$)|deleted file mode (?!100644$)|\*{3} \d+(?:,\d+)? \*{4}$)/;
/** What a project has in it: no hidden place, no other drive. */
const PLAIN_PATH = /^[\w+-][\w.+-]*(?:\/[\w+-][\w.+-]*)*$/;
const TOOLS_OWN = new Set(['node_modules', 'build', 'patches']);

function readPatch(name: string, text: string, where: (line: number) => string): SentPatch {
  try {
    const diffs = readDiffs(text);
    for (const { file, line } of diffs) {
      if ((!PLAIN_PATH.test(file) && file !== '.gitignore') || TOOLS_OWN.has(file.split('/')[0]!)) throw new ImportError(`${where(line)}: found a diff of "${printable(file)}"; expected a file of the tree`);
    }
    const lines = text.split('\n');
    const firstDiff = diffs[0]?.line ?? lines.length;
    const odd = lines.findIndex((line, at) => UNUSABLE.test(line) && at >= lines.lastIndexOf('---', firstDiff - 2));
    if (odd >= 0) throw new ImportError(`${where(odd + 1)}: found "${printable(lines[odd]!)}"; expected only changes of text files, as unified diffs`);
    return { name, diffs, where };
  } catch (error) {
    if (error instanceof DiffError) throw new ImportError(`${where(error.line)}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws {ImportError} for a path that leads through a file, or that must not be read. */
function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new ImportError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function readText(file: string): string {
  const status = statusOf(file);
  if (status === undefined) throw new ImportError(`${file}: no such file`);
  if (!status.isFile()) throw new ImportError(`${file}: expected a file`);
  if (status.size > IMPORT_LIMITS.bytes) throw new ImportError(`${file}: ${status.size} bytes, expected ${IMPORT_LIMITS.bytes} at most`);
  return readFileSync(file, 'utf8');
}

/** The text of a file of a directory. @throws {ImportError} also for a link that leads out of it. */
function readWithin(directory: string, name: string): string {
  const file = path.join(directory, name);
  if (statusOf(file) !== undefined && !realpathSync(file).startsWith(realpathSync(directory) + path.sep)) throw new ImportError(`${file}: found a link that leads out of ${directory}; expected a file of it`);
  return readText(file);
}

const checkCount = (count: number, where: string): void => {
  if (count > IMPORT_LIMITS.patches) throw new ImportError(`${where}: ${count} patches, expected ${IMPORT_LIMITS.patches} at most`);
};

/**
 * The patches of `patches/series`, applied or not. Options behind a name, other than `-p1`, are refused.
 * @throws {ImportError}
 */
export function readQuilt(directory: string): SentPatch[] {
  const series = path.join(directory, 'patches/series');
  const named = readWithin(directory, 'patches/series').split('\n').map((text, at) => ({ text: text.replace(/(^|\s)#.*/, '').trim(), line: at + 1 })).filter(({ text }) => text !== '');
  checkCount(named.length, series);
  return named.map(({ text, line }) => {
    const [name = '', ...options] = text.split(/\s+/);
    if (!PLAIN_PATH.test(name)) throw new ImportError(`${series}:${line}: found "${printable(name)}"; expected the name of a patch`);
    if (options.some(option => option !== '-p1')) throw new ImportError(`${series}:${line}: found "${printable(options.join(' '))}"; expected no options but -p1`);
    const file = path.join(directory, 'patches', name);
    return readPatch(name, readWithin(directory, path.join('patches', name)), at => `${file}:${at}`);
  });
}

const SUBJECT = /^(?:\[[^\]]*\]\s*)*(.*)$/s;
const NUMBER = /^\[[^\]]*?\b(\d+)\/\d+\]/;

/** The name that a subject begins with, before a colon; else the subject as git names files after it. */
function nameOf(subject: string): string {
  const title = SUBJECT.exec(subject)![1]!;
  const named = /^([\w.+-]+): /.exec(title)?.[1] ?? title.replace(/[^\w.]+/g, '-').replace(/^-+|[-.]+$/g, '').slice(0, 60);
  return `${named === '' ? 'patch' : named}.patch`;
}

/**
 * The mails of a mailbox that have patches, by the numbers in their subjects where all have one; else in the order of the mailbox.
 * @param name of the file, for messages. @throws {ImportError}
 */
export async function readMbox(bytes: Uint8Array, name: string): Promise<SentPatch[]> {
  try {
    const mails = await Promise.all(splitMailbox(bytes, name).map(raw => readMail(raw, name)));
    const sent = mails.map(({ subject, text, where }) => ({ number: NUMBER.exec(subject)?.[1], patch: readPatch(nameOf(subject), text, where) })).filter(({ patch }) => patch.diffs.length > 0);
    checkCount(sent.length, name);
    if (sent.every(({ number }) => number !== undefined)) sent.sort((a, b) => Number(a.number) - Number(b.number));
    return sent.map(({ patch }) => patch);
  } catch (error) {
    if (error instanceof MailboxError) throw new ImportError(error.message, { cause: error });
    throw error;
  }
}

/** As plain as `git format-patch` can be, whatever the repository is set to. */
const FORMAT = [
  'format-patch', '--stdout', '--format=mboxrd', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-attach', '--no-cover-letter', '--no-thread', '--no-notes', '--no-base', '--no-color', '--unified=3',
  '--src-prefix=a/', '--dst-prefix=b/', '--subject-prefix=PATCH', '-N',
];

/**
 * The commits of a range, `level-0..main`. No program that the repository names is run.
 * @throws {ImportError} @throws {GitError} for what is no repository or no range.
 */
export async function readGit(directory: string, range: string): Promise<SentPatch[]> {
  if (range.startsWith('-')) throw new ImportError(`found the range "${printable(range)}"; expected revisions, such as level-0..main`);
  const mails = git(directory, ['-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', ...FORMAT, '--end-of-options', range]);
  return mails.length === 0 ? [] : readMbox(mails, `${directory} ${range}`);
}
