/**
 * The language of the recordings' operations, one a line. Read strictly: what is not known here is an error that names it.
 *
 *     spawn NAME [uid= on= cpu= nocap= exe=]      NAME mmap REGION KIND PERM PAGES [file=]       NAME migrate pid= old= new= [maxnode=]
 *     cpuset create|attach|write|rm …             NAME touch|check RANGE …                       NAME mbind RANGE MODE [NODES] [flags= …]
 *
 * RANGE is `region`, or `region:first:count` in pages. NODES is a list such as `0,2-3`; `none` is a mask without bits, NULL and BAD are pointers.
 * What follows a `#` is a remark.
 */
import { numbersOf, RecordingError } from './recording.js';

export interface Range { readonly region: string; readonly first: number; /** Pages; null: to the end of the region. */ readonly count: number | null }
/** A node mask as a caller hands it in: node ids, or the pointers NULL and BAD. */
export type Mask = readonly number[] | 'NULL' | 'BAD';
export type Mode = { readonly mode: string; readonly flags: readonly string[] };

interface Call<Kind extends string> { readonly kind: Kind; readonly actor: string }
/** One member of the union for each kind. */
type CallOn<Kind> = Kind extends string ? Call<Kind> & { readonly range: Range } : never;
export type Operation =
  | { readonly kind: 'spawn'; readonly name: string; readonly uid: number; readonly on: number | null; readonly cpu: number; readonly nocap: readonly string[]; readonly exe: string | null }
  | { readonly kind: 'kill'; readonly name: string }
  | { readonly kind: 'hog'; readonly name: string; readonly node: number; readonly leave: number }
  | { readonly kind: 'free' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'swapon' | 'swapoff' }
  | { readonly kind: 'drop_caches' }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly value: string }
  | { readonly kind: 'rm'; readonly path: string }
  | { readonly kind: 'cp'; readonly from: string; readonly to: string; readonly node: number; readonly fsync: boolean }
  | { readonly kind: 'cpuset-create'; readonly name: string; readonly files: readonly (readonly [file: string, value: string])[] }
  | { readonly kind: 'cpuset-attach'; readonly name: string; readonly task: string; readonly file: string }
  | { readonly kind: 'cpuset-write'; readonly name: string; readonly file: string; readonly value: string }
  | { readonly kind: 'cpuset-rm'; readonly name: string }
  | (Call<'mmap'> & { readonly region: string; readonly type: string; readonly perm: string; readonly pages: number; readonly file: string | null; readonly offset: number })
  | (Call<'touch'> & { readonly range: Range; readonly write: boolean; readonly tag: number })
  | (Call<'check'> & { readonly range: Range; readonly tag: number })
  | (Call<'setpol'> & { readonly mode: Mode; readonly nodes: Mask; readonly maxnode: number | null })
  | (Call<'getpol'> & { readonly addr: Range | null; readonly flags: readonly string[]; readonly maxnode: number | null })
  | (Call<'mbind'> & { readonly range: Range; readonly mode: Mode; readonly nodes: Mask; readonly flags: readonly string[]; readonly maxnode: number | null; readonly byteoff: number; readonly bytes: number | null })
  | (Call<'migrate'> & { readonly pid: string; readonly old: Mask; readonly new: Mask; readonly maxnode: number | null })
  | (Call<'movepages'> & { readonly pid: string; readonly range: Range; readonly to: string | null; readonly flags: readonly string[]; readonly bad: readonly string[] })
  | (Call<'madvise'> & { readonly range: Range; readonly advice: string })
  | (Call<'mprotect'> & { readonly range: Range; readonly perm: string })
  | CallOn<'munmap' | 'mlock' | 'munlock' | 'pin'>
  | Call<'unpin'>
  | Call<'unspin'>
  | Call<'stop'>
  | Call<'cont'>
  | Call<'exit'>
  | (Call<'spin'> & { readonly range: Range; readonly write: boolean })
  | (Call<'fork'> & { readonly child: string })
  | (Call<'thread'> & { readonly thread: string; readonly mode: Mode | null; readonly nodes: Mask; readonly touch: Range | null })
  | (Call<'affinity'> & { readonly cpus: readonly number[] })
  | (Call<'mkfile'> & { readonly path: string; readonly pages: number; readonly fsync: boolean })
  | (Call<'region'> & { readonly region: string; readonly file: string; readonly perm: string; readonly index: number })
  | (Call<'prctl'> & { readonly option: number; readonly value: number });
export type Kind = Operation['kind'];

/** The words of one operation, taken off from the left; options `name=value` and flags stand where they like behind the first words. */
class Words {
  readonly #fail: (what: string) => never;
  readonly #words: string[] = [];
  readonly #options = new Map<string, string>();

  constructor(text: string, fail: (what: string) => never) {
    this.#fail = fail;
    for (const word of text.replace(/#.*$/, '').split(/\s+/).filter(part => part !== '')) {
      const option = /^([a-z_]+)=(.*)$/.exec(word);
      if (option === null) this.#words.push(word);
      else if (this.#options.has(option[1]!)) fail(`option ${option[1]!} twice`);
      else this.#options.set(option[1]!, option[2]!);
    }
  }
  fail(what: string): never {
    return this.#fail(what);
  }
  next(what: string): string {
    return this.#words.shift() ?? this.#fail(`expected ${what} at the end`);
  }
  maybe(): string | null {
    return this.#words.shift() ?? null;
  }
  /** Whether a flag is among the remaining words; it is taken. */
  flag(name: string): boolean {
    const at = this.#words.indexOf(name);
    if (at >= 0) this.#words.splice(at, 1);
    return at >= 0;
  }
  option(name: string): string | null {
    const value = this.#options.get(name) ?? null;
    this.#options.delete(name);
    return value;
  }
  /** All remaining options, in their order. */
  options(): [string, string][] {
    const rest = [...this.#options];
    this.#options.clear();
    return rest;
  }
  number(text: string | null, what: string, otherwise?: number): number {
    if (text === null && otherwise !== undefined) return otherwise;
    return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : this.#fail(`expected ${what} (a number), found '${text ?? ''}'`);
  }
  numberOption(name: string): number | null {
    const value = this.option(name);
    return value === null ? null : this.number(value, name);
  }
  list(text: string | null, what: string): number[] {
    const numbers = text === null ? null : numbersOf(text);
    return numbers === null ? this.#fail(`expected ${what} (a list such as 0,2-3), found '${text ?? ''}'`) : [...new Set(numbers)].sort((a, b) => a - b);
  }
  end(): void {
    if (this.#words.length > 0) this.#fail(`found '${this.#words[0]!}' where nothing is expected`);
    const option = this.#options.keys().next();
    if (option.done !== true) this.#fail(`unknown option ${option.value}=`);
  }
}

function rangeOf(w: Words, text: string | null): Range {
  const match = /^([A-Za-z]\w*)(?::(\d{1,9}):(\d{1,9}))?$/.exec(text ?? '');
  if (match === null) return w.fail(`expected a range such as r1 or r1:0:4, found '${text ?? ''}'`);
  return { region: match[1]!, first: Number(match[2] ?? 0), count: match[3] === undefined ? null : Number(match[3]) };
}
const nodesOf = (w: Words, text: string | null): Mask =>
  text === null || text === 'NULL' ? 'NULL' : text === 'BAD' ? 'BAD' : text === 'none' ? [] : w.list(text, 'nodes');
const modeOf = (text: string): Mode => ({ mode: text.split('+')[0]!, flags: text.split('+').slice(1) });
const flagsOf = (text: string | null): string[] => (text === null ? [] : text.split(','));
const accessOf = (w: Words): boolean => {
  const word = w.next('r or w');
  return word === 'w' ? true : word === 'r' ? false : w.fail(`expected r or w, found '${word}'`);
};

/** Operations that no process of the scenario does. */
const WITHOUT_ACTOR: Readonly<Record<string, (w: Words) => Operation>> = {
  spawn: w => ({
    kind: 'spawn', name: w.next('a name'), uid: w.number(w.option('uid'), 'uid', 0), on: w.numberOption('on'), cpu: w.number(w.option('cpu'), 'cpu', 0),
    nocap: flagsOf(w.option('nocap')), exe: w.option('exe'),
  }),
  kill: w => ({ kind: 'kill', name: w.next('a name') }),
  hog: w => ({ kind: 'hog', name: w.next('a name'), node: w.number(w.option('node'), 'node'), leave: w.number(w.option('leave'), 'leave') }),
  free: () => ({ kind: 'free' }),
  sync: () => ({ kind: 'sync' }),
  swapon: () => ({ kind: 'swapon' }),
  swapoff: () => ({ kind: 'swapoff' }),
  drop_caches: () => ({ kind: 'drop_caches' }),
  sleep: w => ({ kind: 'sleep', ms: w.number(w.next('milliseconds'), 'milliseconds') }),
  read: w => ({ kind: 'read', path: w.next('a path') }),
  write: w => ({ kind: 'write', path: w.next('a path'), value: w.maybe() ?? '' }),
  rm: w => ({ kind: 'rm', path: w.next('a path') }),
  cp: w => ({ kind: 'cp', from: w.next('a path'), to: w.next('a path'), node: w.number(w.option('node'), 'node', 0), fsync: w.flag('fsync') }),
  cpuset: w => {
    const verb = w.next('create, attach, write or rm');
    const name = w.next('a cpuset');
    switch (verb) {
      case 'create': return { kind: 'cpuset-create', name, files: w.options() };
      case 'attach': return { kind: 'cpuset-attach', name, task: w.next('a process'), file: w.maybe() ?? 'tasks' };
      case 'write': return { kind: 'cpuset-write', name, file: w.next('a file'), value: w.maybe() ?? '' };
      case 'rm': return { kind: 'cpuset-rm', name };
      default: return w.fail(`expected create, attach, write or rm, found '${verb}'`);
    }
  },
};

/** Operations of a process, by the second word. */
const WITH_ACTOR: Readonly<Record<string, (w: Words, actor: string) => Operation>> = {
  mmap: (w, actor) => ({
    kind: 'mmap', actor, region: w.next('a name'), type: w.next('the kind of mapping'), perm: w.next('permissions'), pages: w.number(w.next('pages'), 'pages'),
    file: w.option('file'), offset: w.number(w.option('off'), 'off', 0),
  }),
  touch: (w, actor) => {
    w.option('stride'); // in which order the pages are touched does not show
    return { kind: 'touch', actor, range: rangeOf(w, w.next('a range')), write: accessOf(w), tag: w.number(w.option('tag'), 'tag', 1) };
  },
  check: (w, actor) => ({ kind: 'check', actor, range: rangeOf(w, w.next('a range')), tag: w.number(w.option('tag'), 'tag', 1) }),
  setpol: (w, actor) => ({ kind: 'setpol', actor, mode: modeOf(w.next('a mode')), nodes: nodesOf(w, w.maybe()), maxnode: w.numberOption('maxnode') }),
  getpol: (w, actor) => {
    const addr = w.option('addr');
    return { kind: 'getpol', actor, addr: addr === null ? null : rangeOf(w, addr), flags: flagsOf(w.option('flags')), maxnode: w.numberOption('maxnode') };
  },
  mbind: (w, actor) => ({
    kind: 'mbind', actor, range: rangeOf(w, w.next('a range')), mode: modeOf(w.next('a mode')), nodes: nodesOf(w, w.maybe()), flags: flagsOf(w.option('flags')),
    maxnode: w.numberOption('maxnode'), byteoff: w.numberOption('byteoff') ?? 0, bytes: w.numberOption('bytes'),
  }),
  migrate: (w, actor) => ({
    kind: 'migrate', actor, pid: w.option('pid') ?? w.fail('expected pid='), old: nodesOf(w, w.option('old') ?? w.fail('expected old=')), new: nodesOf(w, w.option('new') ?? w.fail('expected new=')),
    maxnode: w.numberOption('maxnode'),
  }),
  movepages: (w, actor) => {
    w.option('byteoff'); // the call looks at pages
    return {
      kind: 'movepages', actor, pid: w.next('a process'), range: rangeOf(w, w.next('a range')), to: w.option('to'), flags: flagsOf(w.option('flags')),
      bad: ['badnodes', 'badstatus', 'badpages'].filter(flag => w.flag(flag)),
    };
  },
  madvise: (w, actor) => ({ kind: 'madvise', actor, range: rangeOf(w, w.next('a range')), advice: w.next('an advice') }),
  mprotect: (w, actor) => ({ kind: 'mprotect', actor, range: rangeOf(w, w.next('a range')), perm: w.next('permissions') }),
  munmap: (w, actor) => ({ kind: 'munmap', actor, range: rangeOf(w, w.next('a range')) }),
  mlock: (w, actor) => ({ kind: 'mlock', actor, range: rangeOf(w, w.next('a range')) }),
  munlock: (w, actor) => ({ kind: 'munlock', actor, range: rangeOf(w, w.next('a range')) }),
  pin: (w, actor) => ({ kind: 'pin', actor, range: rangeOf(w, w.next('a range')) }),
  unpin: (_, actor) => ({ kind: 'unpin', actor }),
  spin: (w, actor) => ({ kind: 'spin', actor, range: rangeOf(w, w.next('a range')), write: accessOf(w) }),
  stop: (_, actor) => ({ kind: 'stop', actor }),
  cont: (_, actor) => ({ kind: 'cont', actor }),
  exit: (_, actor) => ({ kind: 'exit', actor }),
  unspin: (_, actor) => ({ kind: 'unspin', actor }),
  fork: (w, actor) => ({ kind: 'fork', actor, child: w.next('a name') }),
  thread: (w, actor) => {
    const mode = w.option('pol');
    const touch = w.option('touch');
    return {
      kind: 'thread', actor, thread: w.next('a name'), mode: mode === null ? null : modeOf(mode), nodes: nodesOf(w, w.option('nodes')),
      touch: touch === null ? null : rangeOf(w, touch),
    };
  },
  affinity: (w, actor) => ({ kind: 'affinity', actor, cpus: w.list(w.next('CPUs'), 'CPUs') }),
  mkfile: (w, actor) => ({ kind: 'mkfile', actor, path: w.next('a path'), pages: w.number(w.next('pages'), 'pages'), fsync: w.flag('fsync') }),
  region: (w, actor) => {
    const vma = /^(.+?):([rwxps-]+)(?::(\d+))?$/.exec(w.option('vma') ?? '') ?? w.fail('expected vma=file:permissions');
    return { kind: 'region', actor, region: w.next('a name'), file: vma[1]!, perm: vma[2]!, index: Number(vma[3] ?? 0) };
  },
  prctl: (w, actor) => ({ kind: 'prctl', actor, option: w.number(w.next('an option'), 'an option'), value: w.number(w.maybe(), 'a value', 0) }),
};

/** The words that begin an operation, for messages and tests. */
export const VERBS: readonly string[] = [...Object.keys(WITHOUT_ACTOR), ...Object.keys(WITH_ACTOR)];

/**
 * Reads one operation.
 * @param where file and index, for messages
 * @throws {RecordingError} naming the place, the text, and what is wrong with it.
 */
export function parseOperation(text: string, where: string): Operation {
  const w = new Words(text, what => {
    throw new RecordingError(`${where}: '${text}': ${what}`);
  });
  const first = w.next('an operation');
  const alone = Object.hasOwn(WITHOUT_ACTOR, first) ? WITHOUT_ACTOR[first] : undefined;
  let operation: Operation;
  if (alone !== undefined) operation = alone(w);
  else {
    const verb = w.next('an operation');
    const read = Object.hasOwn(WITH_ACTOR, verb) ? WITH_ACTOR[verb] : undefined;
    if (read === undefined) w.fail(`unknown operation '${verb}'`);
    operation = read!(w, first);
  }
  w.end();
  return operation;
}
