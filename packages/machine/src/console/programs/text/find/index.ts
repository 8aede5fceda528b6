/** find, after GNU findutils 4.9. What is in a directory comes in the order of its names. */
import { timeOfDay } from '../../../files/clock.js';
import type { Stat } from '../../../files/index.js';
import type { Process } from '../../../process.js';
import { join, namesIn, sameFile, statOf, wrongUse } from '../../files/common.js';
import { attempt } from '../../system/attempt.js';
import { Accounts } from '../../system/accounts.js';
import { defineProgram, helpOf, type Definition } from '../../system/define.js';
import { emit } from '../input.js';
import { ACTIONS, QUIET_ACTIONS } from './actions.js';
import { follows, type Entry, type Run, type Test } from './entry.js';
import { readExpression, Words, WrongExpression } from './expression.js';
import { TESTS, type Settings } from './tests.js';

const FIND: Definition = {
  path: '/usr/bin/find', summary: 'look for files', synopsis: ['find [-H] [-L] [-P] [PATH...] [EXPRESSION]'], description: 'Goes through each PATH, default the working directory, with all below it, and evaluates EXPRESSION, default -print, for each file.',
  options: [
    ['-H; -L; -P', 'links are gone through that are operands; all are; none is'], ['( EXPR ); ! EXPR; EXPR -a EXPR; EXPR -o EXPR; EXPR , EXPR', 'operators, the tighter first; -a may be left out'], ['-maxdepth N; -mindepth N; -depth, -d; -xdev, -mount', 'how deep, from where on, directories last, only this file system'],
    ['-name, -iname, -path, -ipath, -lname PATTERN; -regex, -iregex PATTERN; -regextype TYPE', 'by name, by path, by what a link says'], ['-type, -xtype LETTERS; -size N[bcwkMG]; -empty; -perm [-/]MODE; -links N; -inum N; -samefile FILE', 'by what it is'],
    ['-user, -group NAME; -uid, -gid N; -nouser; -nogroup; -readable; -writable; -executable', 'by owner and rights'], ['-atime, -ctime, -mtime N; -amin, -cmin, -mmin N; -newer, -anewer, -cnewer FILE; -newerXY REFERENCE; -daystart', 'by time; +N is more, -N less'],
    ['-print; -print0; -printf FORMAT; -ls; -fprint, -fprint0, -fls FILE; -fprintf FILE FORMAT', 'show it'], ['-exec COMMAND ;; -exec COMMAND {} +; -execdir; -ok; -okdir', 'run a command'], ['-delete; -prune; -quit; -true; -false', 'remove it; do not go into it; end; nothing'],
  ],
  run,
};
export const find = defineProgram(FIND);

/** What the options of the expression say of the walk, wherever they stand. */
interface Walking { least: number; most: number; depthFirst: boolean; oneFileSystem: boolean; prunes: boolean; deletes: boolean; explicitDepth: boolean; prints: boolean }

const IGNORED = new Set(['-noleaf', '-ignore_readdir_race', '-noignore_readdir_race', '-warn', '-nowarn', '-follow']);

async function run(p: Process): Promise<number> {
  const command = split(p.argv.slice(1));
  if (command === null) return wrongUse(p, 'Missing argument after the -D option.');
  const { follow, paths, words } = command;
  if (words[0] === '--help' || words[0] === '-help') {
    p.out(helpOf(FIND));
    return 0;
  }
  const search = new Search(p, await Accounts.read(p), words.includes('-follow') ? 'always' : follow);
  try {
    search.read(words);
  } catch (error) {
    if (error instanceof WrongExpression) return p.fail(error.message);
    throw error;
  }
  for (const path of paths.length === 0 ? ['.'] : paths) if (!search.quit) await search.start(path);
  await search.end();
  return search.exitCode;
}

/** Options, then paths up to the first word that looks like an expression. null: -D without what it takes. */
function split(argv: readonly string[]): { readonly follow: Run['follow']; readonly paths: readonly string[]; readonly words: readonly string[] } | null {
  let follow: Run['follow'] = 'never';
  let at = 0;
  for (; /^-(?:[HLP]|O\d*|D|-)$/.test(argv[at] ?? ''); at++) {
    const word = argv[at]!;
    if (word === '--') {
      at++;
      break;
    }
    if (word === '-D' && argv[++at] === undefined) return null;
    if (word === '-D') continue;
    if (!word.startsWith('-O')) follow = word === '-H' ? 'operands' : word === '-L' ? 'always' : 'never';
  }
  const begin = argv.findIndex((word, i) => i >= at && (/^-./.test(word) || /^[()!,]$/.test(word)));
  const end = begin < 0 ? argv.length : begin;
  return { follow, paths: argv.slice(at, end), words: argv.slice(end) };
}

class Search implements Run {
  readonly p: Process;
  readonly accounts: Accounts;
  readonly now: number;
  readonly follow: Run['follow'];
  exitCode = 0;
  prune = false;
  quit = false;
  readonly #walking: Walking = { least: 0, most: Infinity, depthFirst: false, oneFileSystem: false, prunes: false, deletes: false, explicitDepth: false, prints: true };
  readonly #last: (() => Promise<void>)[] = [];
  readonly #files = new Map<string, string>();
  #output = '';
  #test: Test = () => true;

  constructor(p: Process, accounts: Accounts, follow: Run['follow']) {
    this.p = p;
    this.accounts = accounts;
    this.follow = follow;
    this.now = timeOfDay(p.box.k.m);
  }

  complain(message: string): void {
    this.p.err(`${this.p.name}: ${message}\n`);
    this.fail();
  }
  fail(): void {
    this.exitCode = 1;
  }
  print(text: string, file?: string): void {
    if (file === undefined) this.#output += text;
    else this.#files.set(file, (this.#files.get(file) ?? '') + text);
  }
  answer(): Promise<string> {
    return this.p.readLine();
  }

  /** @throws {WrongExpression} */
  read(list: readonly string[]): void {
    const walking = this.#walking;
    const settings: Settings = { regexType: 'findutils-default', dayStart: false };
    const words = new Words(list);
    if (list.length > 0) this.#test = readExpression(words, (name, rest) => this.#predicate(name, rest, settings));
    if (walking.deletes && walking.prunes && !walking.explicitDepth) {
      throw new WrongExpression('The -delete action automatically turns on -depth, but -prune does nothing when -depth is in effect.  If you want to carry on anyway, just explicitly use the -depth option.');
    }
    if (!walking.prints) return;
    const test = this.#test;
    this.#test = async entry => {
      const found = await test(entry);
      if (found && !this.quit) this.print(`${entry.path}\n`);
      return found;
    };
  }

  #predicate(name: string, words: Words, settings: Settings): Test {
    const walking = this.#walking;
    if (name === '-maxdepth' || name === '-mindepth') {
      const text = words.argument(name);
      if (!/^\d+$/.test(text)) throw new WrongExpression(`Expected a positive decimal integer argument to ${name}, but got '${text}'`);
      walking[name === '-maxdepth' ? 'most' : 'least'] = Number(text);
      return always;
    }
    if (name === '-depth' || name === '-d') walking.depthFirst = walking.explicitDepth = true;
    else if (name === '-xdev' || name === '-mount') walking.oneFileSystem = true;
    else if (!IGNORED.has(name)) return this.#testOrAction(name, words, settings);
    return always;
  }
  #testOrAction(name: string, words: Words, settings: Settings): Test {
    const walking = this.#walking;
    const test = TESTS[/^-newer..$/.test(name) ? '-newerXY' : name];
    if (test !== undefined) return test(this, name, words, settings);
    const action = ACTIONS[name];
    if (action !== undefined) walking.prints = false;
    const made = (action ?? QUIET_ACTIONS[name])?.(this, name, words, last => this.#last.push(last));
    if (made === undefined) throw new WrongExpression(/^-./.test(name) ? `unknown predicate \`${name}'` : `paths must precede expression: \`${name}'${this.#unquoted(name, words)}`);
    if (name === '-prune') walking.prunes = true;
    if (name === '-delete') walking.deletes = walking.depthFirst = true;
    return made;
  }

  /** A hint where the shell seems to have made several names of a pattern. */
  #unquoted(name: string, words: Words): string {
    const before = words.before(2);
    return before !== undefined && /^-i?(?:name|path|wholename|lname)$/.test(before) && this.p.exists(name) ? `\n${this.p.name}: possible unquoted pattern after predicate \`${before}'?` : '';
  }

  /** One operand, with all below it. */
  async start(path: string): Promise<void> {
    const stat = this.#look(path, 0);
    if (stat !== null) await this.#visit({ path, start: path, depth: 0, stat }, []);
    await this.flush();
  }
  /** What is left to do when all files have been looked at. */
  async end(): Promise<void> {
    for (const last of this.#last) await last();
    await this.flush();
    for (const [file, text] of this.#files) {
      const error = await attempt(() => this.p.writeFile(file, text));
      if (error !== 0) this.complain(`'${file}': ${this.p.strerror(error)}`);
    }
  }
  async flush(): Promise<void> {
    const output = this.#output;
    this.#output = '';
    if (output !== '') await emit(this.p, output);
  }

  #look(path: string, depth: number): Stat | null {
    const following = follows(this, depth);
    let stat = statOf(this.p, path, following);
    if (typeof stat === 'number' && following) stat = statOf(this.p, path, false);
    if (typeof stat !== 'number') return stat;
    this.complain(`'${path}': ${this.p.strerror(stat)}`);
    return null;
  }

  /** @param above the directories that it is in */
  async #visit(entry: Entry, above: readonly Entry[]): Promise<void> {
    const { least, most, depthFirst, oneFileSystem } = this.#walking;
    const [first = entry] = above;
    if (oneFileSystem && entry.stat.dev.join(':') !== first.stat.dev.join(':')) return;
    if (entry.stat.type === 'directory' && above.some(({ stat }) => sameFile(stat, entry.stat))) {
      this.complain(`File system loop detected; '${entry.path}' is part of the same file system loop as '${above.find(({ stat }) => sameFile(stat, entry.stat))!.path}'.`);
      return;
    }
    this.prune = false;
    if (!depthFirst && entry.depth >= least) await this.#test(entry);
    const goesIn = entry.stat.type === 'directory' && entry.depth < most && !this.#stops;
    if (goesIn) await this.#goInto(entry, above);
    if (depthFirst && entry.depth >= least && !this.quit) await this.#test(entry);
  }
  get #stops(): boolean {
    return this.prune || this.quit;
  }
  async #goInto(entry: Entry, above: readonly Entry[]): Promise<void> {
    const names = namesIn(this.p, entry.path);
    if (typeof names === 'number') {
      this.complain(`'${entry.path}': ${this.p.strerror(names)}`);
      return;
    }
    for (const name of names) {
      if (this.quit) return;
      const path = join(entry.path, name);
      const stat = this.#look(path, entry.depth + 1);
      if (stat !== null) await this.#visit({ path, start: entry.start, depth: entry.depth + 1, stat }, [...above, entry]);
    }
  }
}
const always = (): boolean => true;
