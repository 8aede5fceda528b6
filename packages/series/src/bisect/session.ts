/**
 * A bisection that goes on from one command to the next. What was said is kept as a log, one command a line as git's, and the
 * state is what the log says when it is read again.
 */
import { nextStep, type Next } from './steps.js';

/** Words for what the levels are: git's good and bad, or one's own. */
export interface Terms { readonly old: string; readonly new: string }
export const DEFAULT_TERMS: Terms = { old: 'good', new: 'bad' };

export interface Session {
  readonly terms: Terms;
  /** Whether the trees have the hotplug patches. */
  readonly hotplug: boolean;
  /** Name of the level at which the stack stood when it began; `base` for none. */
  readonly origin: string;
  /** The levels that were called old and skipped; the last one that was called new. */
  readonly old: ReadonlySet<number>;
  readonly new: number | null;
  readonly skipped: ReadonlySet<number>;
}

/** Something that cannot be said in a bisection. */
export class BisectError extends Error {
  override readonly name = 'BisectError';
}

const COMMANDS = new Set(['start', 'run', 'skip', 'log', 'replay', 'reset', 'terms', 'next', 'help', 'visualize', 'view']);
/** Words that have a side of their own, and cannot be used for the other. */
const SIDES: Readonly<Record<string, keyof Terms>> = { good: 'old', old: 'old', bad: 'new', new: 'new' };

/** @throws {BisectError} for a word that cannot be a term, one of the other side, or one word for both. */
export function checkTerms(terms: Terms): Terms {
  for (const side of ['old', 'new'] as const) {
    const term = terms[side];
    if (!/^[A-Za-z][\w-]*$/.test(term)) throw new BisectError(`'${term}' is not a valid term: expected a word of letters, digits, - and _`);
    if (COMMANDS.has(term)) throw new BisectError(`can't use the builtin command '${term}' as a term`);
    if (Object.hasOwn(SIDES, term) && SIDES[term] !== side) throw new BisectError(`can't change the meaning of the term '${term}'`);
  }
  if (terms.old === terms.new) throw new BisectError('please use two different terms');
  return terms;
}

/**
 * The terms after a session's first word: as long as no level was marked, `new` and `old` may be said in the place of `bad` and `good`, and hold from
 * then on.
 */
export function termsFor({ terms, entries }: Pick<Log, 'terms' | 'entries'>, term: string): Terms {
  const isOpen = terms.old === DEFAULT_TERMS.old && terms.new === DEFAULT_TERMS.new && entries.every(entry => entry.term === 'skip');
  return isOpen && (term === 'old' || term === 'new') ? { old: 'old', new: 'new' } : terms;
}

export function startSession(origin: string, terms: Terms = DEFAULT_TERMS, hotplug = false): Session {
  return { terms: checkTerms(terms), hotplug, origin, old: new Set(), new: null, skipped: new Set() };
}

/**
 * The session with a level marked by one of its terms, or skipped.
 * @throws {BisectError} for a word that is none of the terms.
 */
export function mark(session: Session, term: string, level: number): Session {
  if (term === 'skip') return { ...session, skipped: new Set([...session.skipped, level]) };
  if (term === session.terms.new) return { ...session, new: level, skipped: without(session.skipped, level) };
  if (term === session.terms.old) return { ...session, old: new Set([...session.old, level]), skipped: without(session.skipped, level) };
  throw new BisectError(`Invalid command: you're currently in a ${session.terms.new}/${session.terms.old} bisect`);
}
const without = (levels: ReadonlySet<number>, level: number): ReadonlySet<number> => new Set([...levels].filter(other => other !== level));

export type Status = Next | { readonly kind: 'waiting'; readonly for: readonly ('old' | 'new')[] };

/**
 * What there is to do now.
 * @throws {BisectError} when a level called old lies above the one called new, or is that one.
 */
export function status({ terms, old, new: fresh, skipped }: Session): Status {
  if (fresh === null || old.size === 0) return { kind: 'waiting', for: [...(old.size === 0 ? ['old' as const] : []), ...(fresh === null ? ['new' as const] : [])] };
  const highest = Math.max(...old);
  if (highest === fresh) throw new BisectError(`Level ${fresh} was both ${terms.old} and ${terms.new}`);
  if (highest > fresh) {
    throw new BisectError(
      `Level ${highest} is ${terms.old} and lies above level ${fresh}, which is ${terms.new}: the change that is looked for may be the other way round.\n` +
        `Start again with the terms exchanged, such as --term-old=${terms.new === 'bad' ? 'broken' : terms.new} --term-new=${terms.old === 'good' ? 'fixed' : terms.old}.`,
    );
  }
  return nextStep({ old: highest, new: fresh, skipped });
}

const HEADER = '# pmkit bisect 1';
const ORIGIN = '# origin: ';

/** The log: a header, where the stack stood, and the commands that lead to this state. */
export interface LogEntry { readonly term: string; readonly level: number }
export interface Log { readonly terms: Terms; readonly hotplug: boolean; readonly origin: string; readonly entries: readonly LogEntry[] }

/** @param nameOf how a level is called in the comment above each line. */
export function formatLog({ terms, hotplug, origin, entries }: Log, nameOf: (level: number) => string): string {
  const own = terms.old === DEFAULT_TERMS.old && terms.new === DEFAULT_TERMS.new ? '' : ` --term-new=${terms.new} --term-old=${terms.old}`;
  const lines = [HEADER, `${ORIGIN}${origin}`, `pmkit bisect start${hotplug ? ' --hotplug' : ''}${own}`];
  for (const { term, level } of entries) lines.push(`# ${term}: [${level}] ${nameOf(level)}`, `pmkit bisect ${term} ${level}`);
  return `${lines.join('\n')}\n`;
}

const START = /^pmkit bisect start( --hotplug)?(?: --term-new=(\S+) --term-old=(\S+))?$/;
const MARK = /^pmkit bisect (\S+) (\d{1,2})$/;
/** Characters of a log. */
export const MAX_LOG = 64 * 1024;

/**
 * Reads a log.
 * @param top the highest level.
 * @throws {BisectError} naming the line, what was found and what was expected.
 */
export function parseLog(text: string, top: number): Log {
  if (text.length > MAX_LOG) throw new BisectError(`expected ${MAX_LOG} characters at most, found ${text.length}`);
  const lines = text.split('\n');
  if (lines[0] !== HEADER) throw fault(1, lines[0] ?? '', `'${HEADER}'`);
  // The last line is ended too: a log that was cut off is not taken for a shorter one, nor level 10 for level 1.
  if (lines.at(-1) !== '') throw fault(lines.length, lines.at(-1) ?? '', 'a line that is ended; the log may be cut off');
  let log: Log | undefined;
  let origin = 'base';
  const entries: LogEntry[] = [];
  for (const [at, line] of lines.entries()) {
    // Only in the head: below, `# origin: [3] …` is said of a level, where that is a term.
    if (log === undefined && line.startsWith(ORIGIN)) origin = line.slice(ORIGIN.length);
    if (line === '' || line.startsWith('#')) continue;
    if (log === undefined) {
      const start = START.exec(line);
      if (start === null) throw fault(at + 1, line, "'pmkit bisect start'");
      const terms = start[2] === undefined ? DEFAULT_TERMS : { new: start[2], old: start[3]! };
      log = { terms: termsOf(terms, at + 1), hotplug: start[1] !== undefined, origin, entries };
      continue;
    }
    const marked = MARK.exec(line);
    if (marked === null) throw fault(at + 1, line, "'pmkit bisect TERM LEVEL'");
    const [term, level] = [marked[1]!, Number(marked[2])];
    if (level > top) throw fault(at + 1, line, `a level from 0 to ${top}`);
    if (term !== 'skip' && term !== log.terms.old && term !== log.terms.new) throw fault(at + 1, line, `${log.terms.old}, ${log.terms.new} or skip`);
    entries.push({ term, level });
  }
  if (log === undefined) throw fault(lines.length, '', "'pmkit bisect start'");
  return log;
}

function termsOf(terms: Terms, line: number): Terms {
  try {
    return checkTerms(terms);
  } catch (error) {
    throw error instanceof BisectError ? new BisectError(`line ${line}: ${error.message}`) : error;
  }
}

const fault = (line: number, found: string, expected: string): BisectError =>
  new BisectError(`line ${line}: found ${JSON.stringify(found.length > 80 ? `${found.slice(0, 77)}...` : found)}, expected ${expected}`);

/** The session that a log leads to. */
export function replayLog({ terms, hotplug, origin, entries }: Log): Session {
  return entries.reduce((session, { term, level }) => mark(session, term, level), startSession(origin, terms, hotplug));
}
