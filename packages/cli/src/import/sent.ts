/** Patches that somebody has sent, as a person names them: `quilt:DIR`, `mbox:FILE`, `git:DIR` or `git:DIR#RANGE`. */
import path from 'node:path';
import type { SentPatch, StackEntry } from '@pmkit/review/import';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { readBytes } from '../text-file.js';

const FORMS = ['quilt', 'mbox', 'git'] as const;
export const DEFAULT_RANGE = 'level-0..HEAD';
export interface Source { readonly form: (typeof FORMS)[number]; readonly place: string; readonly range?: string }

/** @throws {CommandError} (misuse) for a word that names no source. */
export function parseSource(word: string): Source {
  const [, form, rest = ''] = /^(\w+):(.+)$/s.exec(word) ?? [];
  if (!FORMS.some(known => known === form)) throw new CommandError(EXIT_MISUSE, `--stack ${word}: expected quilt:DIR, mbox:FILE, git:DIR or git:DIR#RANGE`);
  const [, place = rest, range] = form === 'git' ? (/^(.+?)#(.+)$/s.exec(rest) ?? []) : [];
  return { form: form as Source['form'], place, ...(range === undefined ? {} : { range }) };
}

type Review = typeof import('@pmkit/review/import');

function readSent(io: Io, { readQuilt, readMbox, readGit, IMPORT_LIMITS }: Review, { form, place, range = DEFAULT_RANGE }: Source): SentPatch[] | Promise<SentPatch[]> {
  switch (form) {
    case 'quilt': return readQuilt(path.resolve(io.cwd, place));
    case 'mbox': return readMbox(readBytes(io, place, IMPORT_LIMITS.bytes * 16), place);
    case 'git': return readGit(path.resolve(io.cwd, place), range);
  }
}

/** The stack that they make over the exported base. @throws what the readers throw, see orMisuse(); CommandError (misuse) when there are none. */
export async function stackOf(io: Io, review: Review, command: string, source: Source): Promise<StackEntry[]> {
  const stack = review.importStack(await readSent(io, review, source));
  if (stack.length === 0) throw new CommandError(EXIT_MISUSE, `pmkit ${command}: no patches there`);
  return stack;
}

/** What is wrong with patches is misuse. */
export async function orMisuse<T>({ ImportError, GitError }: Review, command: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ImportError || error instanceof GitError)) throw error;
    throw new CommandError(EXIT_MISUSE, `pmkit ${command}: ${error.message}`, { cause: error });
  }
}
