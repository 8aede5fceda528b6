/** Backups of what cp, install and mv replace: backupfile.c of gnulib. */
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { optional, required, type Parsed } from '../system/define.js';
import { namesIn, quote, baseName, wrongUse } from './common.js';

type Kind = 'none' | 'simple' | 'existing' | 'numbered';
const KINDS: Readonly<Record<string, Kind>> = { none: 'none', off: 'none', simple: 'simple', never: 'simple', existing: 'existing', nil: 'existing', numbered: 'numbered', t: 'numbered' };

/** Options that they share; `b` and `S:` are the short ones. */
export const BACKUP_OPTIONS = [optional('backup', 'backup'), required('suffix', 'S')] as const;
export const BACKUP_HELP: readonly [option: string, text: string] = ['-b, --backup[=none|simple|existing|numbered]; -S, --suffix TEXT', 'keep what is replaced, under its name with ~ or TEXT behind it, or with a number'];

/** How backups are made. */
export interface Backups { readonly kind: Exclude<Kind, 'none'>; readonly suffix: string }

/** What the options say; null: no backups. A number is the exit code after a message. */
export function backupsOf(p: Process, parsed: Parsed): Backups | null | number {
  if (!parsed.has('b', 'backup', 'S')) return null;
  const given = parsed.value('backup');
  const word = given ?? p.env.get('VERSION_CONTROL') ?? 'existing';
  const kinds = new Set(Object.entries(KINDS).filter(([name]) => name === word || (word !== '' && name.startsWith(word) && KINDS[word] === undefined)).map(([, kind]) => kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) {
    return wrongUse(p, `${kinds.size > 1 ? 'ambiguous' : 'invalid'} argument ${quote(word)} for '${given === undefined ? '$VERSION_CONTROL' : 'backup type'}'\nValid arguments are:\n  - 'none', 'off'\n  - 'simple', 'never'\n  - 'existing', 'nil'\n  - 'numbered', 't'`);
  }
  return kind === 'none' ? null : { kind, suffix: parsed.value('S') ?? p.env.get('SIMPLE_BACKUP_SUFFIX') ?? '~' };
}

/** The name that the backup of a file gets. */
export function backupName(p: Process, path: string, { kind, suffix }: Backups): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const prefix = `${baseName(trimmed)}.~`;
  const names = kind === 'simple' ? [] : namesIn(p, slash < 0 ? '.' : trimmed.slice(0, slash) || '/');
  const numbers = typeof names === 'number' ? [] : names.flatMap(name => (name.startsWith(prefix) && /^[1-9]\d*~$/.test(name.slice(prefix.length)) ? [Number.parseInt(name.slice(prefix.length), 10)] : []));
  return kind === 'simple' || (kind === 'existing' && numbers.length === 0) ? trimmed + suffix : `${trimmed}.~${Math.max(0, ...numbers) + 1}~`;
}

/** Moves a file out of the way. @returns the name it has now; null after a message. */
export async function backUp(p: Process, path: string, backups: Backups): Promise<string | null> {
  const name = backupName(p, path, backups);
  const error = await attempt(() => p.box.files.rename(p, path, name));
  if (error === 0) return name;
  p.fail(`cannot backup ${quote(path)}: ${p.strerror(error)}`);
  return null;
}

/** What -v says of it. */
export const backupNote = (name: string | null): string => (name === null ? '' : ` (backup: ${quote(name)})`);
