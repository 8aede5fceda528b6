/**
 * What a mapping of workload(1) is, and how it is written: `KIND[:WHAT][:SIZE][:ATTRIBUTE]...`.
 *
 *     anon:16m:bind=1          file:/data/table:4m:ro          shm:0x6a6f62:1m:write=share          stack:8p:read=none
 */
import { parseList } from '../../../../topology/lists.js';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';

const KINDS = ['anon', 'shared', 'heap', 'stack', 'guard', 'file', 'text', 'shm'] as const;
export type Kind = (typeof KINDS)[number];

/** Which pages of a mapping: all; the first half; every n-th; so many picked at random; the part of the process among its fellows. */
export type Pattern =
  | { readonly kind: 'all' | 'half' | 'share' }
  | { readonly kind: 'first' | 'every'; readonly count: number }
  | { readonly kind: 'random'; readonly count: number; readonly seed: number };
interface Access { readonly access: 'read' | 'write'; readonly pattern: Pattern }

export type PolicyMode = 'default' | 'prefer' | 'bind' | 'interleave';
export interface Policy { readonly mode: PolicyMode; readonly nodes: readonly number[] }

export interface MappingSpec {
  /** As it was written. */
  readonly text: string;
  readonly kind: Kind;
  /** Of a file. */
  readonly path: string | null;
  /** Of a SysV segment; 0 is IPC_PRIVATE. */
  readonly key: number;
  /** In bytes or in pages of whatever size they are; null: all of the file. */
  readonly size: { readonly bytes: number; readonly pages: number } | null;
  readonly isPrivate: boolean;
  readonly readOnly: boolean;
  readonly locked: boolean;
  /** Touched in the first round only. */
  readonly once: boolean;
  readonly policy: Policy | null;
  /** mbind() flag of patch 6, or null. */
  readonly migration: 'migrate' | 'no-migrate' | 'migrate-default' | null;
  readonly accesses: readonly Access[];
}

/** What is wrong with a word of the command line. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
}

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** 1 TB: more than a machine of the kit has. */
const MAX_BYTES = 2 ** 40;
const MAX_COUNT = 2 ** 26;

/** `64k`, `16m`, `1g`, `8p` (pages), or bytes. @throws {SpecError} */
function parseSize(text: string): { bytes: number; pages: number } {
  const match = /^(\d{1,15})([kmgp]?)$/i.exec(text);
  if (match === null) throw new SpecError(`expected a size such as 64k, 16m, 1g or 8p (pages), found '${text}'`);
  const unit = match[2]!.toLowerCase();
  const count = Number(match[1]);
  const size = unit === 'p' ? { bytes: 0, pages: count } : { bytes: count * MULTIPLES[unit]!, pages: 0 };
  if (count === 0 || size.bytes > MAX_BYTES || size.pages > MAX_COUNT) throw new SpecError(`expected a size from one byte to 1024g, found '${text}'`);
  return size;
}

/** A count from 1 on. @throws {SpecError} */
export function parseCount(text: string | undefined, what: string, max = MAX_COUNT): number {
  const count = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
  if (count < 1 || count > max) throw new SpecError(`${what}: expected a number from 1 to ${max}, found '${text ?? ''}'`);
  return count;
}

/** @throws {SpecError} */
export function parseNodes(text: string): readonly number[] {
  const parsed = parseList(text, MAX_NUMNODES);
  if (!('numbers' in parsed)) throw new SpecError(`nodes: expected ${parsed.expected}, found ${parsed.found}`);
  if (parsed.numbers.length === 0) throw new SpecError('nodes: expected at least one');
  return parsed.numbers;
}

/** `bind=0,1`, `interleave=0-3`, `prefer=2`, `default`; null when the word is about something else. @throws {SpecError} */
export function parsePolicy(word: string): Policy | null {
  if (word === 'default') return { mode: 'default', nodes: [] };
  const match = /^(bind|interleave|prefer)=(.*)$/.exec(word);
  if (match === null) return null;
  const nodes = parseNodes(match[2]!);
  if (match[1] === 'prefer' && nodes.length > 1) throw new SpecError(`prefer: expected one node, found '${match[2]!}'`);
  return { mode: match[1] as PolicyMode, nodes };
}

/** @throws {SpecError} */
function parsePattern(text: string): Pattern {
  const [kind, count, seed, ...rest] = text.split('/');
  if (rest.length === 0) {
    if ((kind === 'all' || kind === 'half' || kind === 'share') && count === undefined) return { kind };
    if ((kind === 'every' || kind === 'first') && seed === undefined) return { kind, count: parseCount(count, kind) };
    if (kind === 'random') return { kind, count: parseCount(count, kind), seed: seed === undefined ? 1 : parseCount(seed, 'seed', 999_999_999) };
  }
  throw new SpecError(`expected all, half, share, first/N, every/N or random/N[/SEED], found '${text}'`);
}

interface Draft { isPrivate: boolean | null; readOnly: boolean; locked: boolean; once: boolean; policy: Policy | null; migration: MappingSpec['migration']; readonly accesses: Access[]; untouched: boolean }

function attribute(draft: Draft, word: string): void {
  const access = /^(read|write)(?:=(.*))?$/.exec(word);
  const policy = parsePolicy(word);
  if (access !== null) {
    if (access[2] === 'none') draft.untouched = true;
    else draft.accesses.push({ access: access[1] as Access['access'], pattern: access[2] === undefined ? { kind: 'all' } : parsePattern(access[2]) });
  } else if (policy !== null) draft.policy = policy;
  else if (word === 'migrate' || word === 'no-migrate' || word === 'migrate-default') draft.migration = word;
  else if (word === 'private' || word === 'shared') draft.isPrivate = word === 'private';
  else if (word === 'ro') draft.readOnly = true;
  else if (word === 'rw') draft.readOnly = false;
  else if (word === 'lock') draft.locked = true;
  else if (word === 'once') draft.once = true;
  else if (word === 'untouched') draft.untouched = true;
  else throw new SpecError(`expected an attribute (see man workload), found '${word}'`);
}

function keyOf(text: string | undefined): number {
  if (text === 'private') return 0;
  const key = /^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text ?? '') ? Number(text) : NaN;
  if (!(key > 0 && key < 2 ** 32)) throw new SpecError(`expected the key of a segment (a number, or private), found '${text ?? ''}'`);
  return key | 0;
}

const isSize = (word: string | undefined): boolean => /^\d+[kmgp]?$/i.test(word ?? '');

/** @throws {SpecError} naming the mapping, what was found in it and what was expected. */
export function parseMapping(text: string): MappingSpec {
  try {
    return parseWords(text, text.split(':'));
  } catch (error) {
    if (error instanceof SpecError) throw new SpecError(`${text}: ${error.message}`);
    throw error;
  }
}

function parseWords(text: string, words: string[]): MappingSpec {
  const kind = KINDS.find(candidate => candidate === words[0]);
  if (kind === undefined) throw new SpecError(`expected one of ${KINDS.join(', ')}, found '${words[0]!}'`);
  words.shift();
  const hasPath = kind === 'file' || kind === 'text';
  const path = hasPath ? (words.shift() ?? '') : null;
  if (path?.includes('/') === false) throw new SpecError(`expected a path with a / in it, found '${path}'`);
  const key = kind === 'shm' ? keyOf(words.shift()) : 0;
  const size = hasPath && !isSize(words[0]) ? null : parseSize(words.shift() ?? '');
  const readOnly = kind === 'text';
  const draft: Draft = { isPrivate: null, readOnly, locked: false, once: false, policy: null, migration: null, accesses: [], untouched: kind === 'guard' };
  for (const word of words) attribute(draft, word);
  check(kind, draft);
  return {
    text, kind, path, key, size, readOnly: draft.readOnly, locked: draft.locked, once: draft.once, policy: draft.policy, migration: draft.migration,
    isPrivate: draft.isPrivate ?? (kind !== 'shared' && kind !== 'shm' && kind !== 'file'), accesses: accessesOf(draft),
  };
}

function check(kind: Kind, { isPrivate, readOnly, accesses, untouched }: Draft): void {
  if (isPrivate !== null && kind !== 'file') throw new SpecError(`private and shared are attributes of a file, not of ${kind}`);
  if (readOnly && (kind === 'heap' || kind === 'stack')) throw new SpecError(`${kind} cannot be read-only`);
  if (untouched && accesses.length > 0) throw new SpecError(kind === 'guard' ? 'a guard cannot be touched' : 'expected either accesses or none, found both');
  if (readOnly && accesses.some(({ access }) => access === 'write')) throw new SpecError('what is read-only cannot be written');
}

function accessesOf({ untouched, accesses, readOnly }: Draft): readonly Access[] {
  if (untouched || accesses.length > 0) return accesses;
  return [{ access: readOnly ? 'read' : 'write', pattern: { kind: 'all' } }];
}
