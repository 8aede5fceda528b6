/** read, mapfile and readarray: from a descriptor of the shell, no more than they need. See ../rewrite.ts. */
import type { Command, ExecResult, ResolvedCommandContext } from 'just-bash';
import { FileError, type Stream } from '../../files/index.js';
import { strerror } from '../../process.js';
import type { Shell } from '../shell.js';
import { quote } from '../words.js';
import { builtin, ended, failed } from './builtin.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const NAME = /^[A-Za-z_]\w*(?:\[.+\])?$/;
/** $? of a read that has waited too long: 128 + SIGALRM. */
const TIMED_OUT = 142;
/** Where no number of characters is given. */
const MOST = 2 ** 40;

interface Options { readonly flags: ReadonlySet<string>; readonly values: ReadonlyMap<string, string>; readonly names: readonly string[] }

function parsed(args: readonly string[], taking: string): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (; at < args.length && /^-./.test(args[at]!); at++) {
    const arg = args[at]!;
    if (arg === '--') { at++; break; }
    for (let letter = 1; letter < arg.length; letter++) {
      if (taking.includes(arg[letter]!)) {
        values.set(arg[letter]!, letter + 1 < arg.length ? arg.slice(letter + 1) : args[++at] ?? '');
        break;
      }
      flags.add(arg[letter]!);
    }
  }
  return { flags, values, names: args.slice(at) };
}

/** Text as `read` sees it: characters that a backslash has made ordinary are told from others. */
interface Character { readonly text: string; readonly escaped: boolean }

/** Reads until the delimiter, the end, or so many characters. */
class Input {
  readonly characters: Character[] = [];
  /** Nothing came after it. */
  atEnd = false;
  readonly #shell: Shell;
  readonly #stream: Stream;
  constructor(shell: Shell, stream: Stream) {
    this.#shell = shell;
    this.#stream = stream;
  }

  async fill(raw: boolean, delimiter: number, count: number, due: number): Promise<void> {
    for (;;) {
      const wanted = count - this.characters.length;
      if (wanted <= 0) return;
      const bytes = await this.#stream.readTo(this.#shell.process, delimiter, wanted, due);
      const whole = bytes.at(-1) === delimiter;
      const continued = this.#add(decoder.decode(whole ? bytes.subarray(0, -1) : bytes), raw);
      if (bytes.length === 0 || (!whole && this.characters.length < count && bytes.length < wanted)) this.atEnd = true;
      if (this.atEnd || (whole && !continued)) return;
      if (whole && delimiter !== NEWLINE) this.characters.push({ text: String.fromCharCode(delimiter), escaped: true });
    }
  }
  /** @returns whether what comes next is escaped. */
  #add(text: string, raw: boolean): boolean {
    const characters = Array.from(text);
    for (let at = 0; at < characters.length; at++) {
      if (raw || characters[at] !== '\\') this.characters.push({ text: characters[at]!, escaped: false });
      else if (at + 1 === characters.length) return true;
      else this.characters.push({ text: characters[++at]!, escaped: true });
    }
    return false;
  }
}
const NEWLINE = 10;
const textOf = (characters: readonly Character[]): string => characters.map(({ text }) => text).join('');

/** Words, at most so many; the last has the rest. Blanks of IFS count as one delimiter, others one each. */
function words(characters: readonly Character[], ifs: string, most: number): string[] {
  const isDelimiter = (at: number): boolean => at < end && !characters[at]!.escaped && ifs.includes(characters[at]!.text);
  const isBlank = (at: number): boolean => isDelimiter(at) && /\s/.test(characters[at]!.text);
  let end = characters.length;
  while (end > 0 && isBlank(end - 1)) end--;
  const found: string[] = [];
  let at = 0;
  while (isBlank(at)) at++;
  while (at < end) {
    const from = at;
    while (at < end && !isDelimiter(at)) at++;
    const to = at;
    while (isBlank(at)) at++;
    if (isDelimiter(at)) at++;
    while (isBlank(at)) at++;
    // the last of the list has the delimiters in it too, if something comes after the first of them
    if (found.length === most - 1 && at < end) return [...found, textOf(characters.slice(from, end))];
    found.push(textOf(characters.slice(from, to)));
  }
  return found;
}

async function read(shell: Shell, args: readonly string[], ctx: ResolvedCommandContext): Promise<number> {
  const { flags, values, names } = parsed(args, 'adinNptu');
  const wrong = [...names, ...(values.has('a') ? [values.get('a')!] : [])].find(name => !NAME.test(name));
  const complain = (message: string): number => failed(shell, `read: ${message}`).exitCode;
  if (wrong !== undefined) return complain(`\`${wrong}': not a valid identifier`);
  const fd = Number(values.get('u') ?? 0);
  const stream = shell.process.fds.get(fd);
  if (stream === undefined) return complain(values.has('u') ? `${fd}: invalid file descriptor: Bad file descriptor` : 'read error: 0: Bad file descriptor');
  const exact = values.has('N');
  const delimiter = exact ? -1 : values.has('d') ? (new TextEncoder().encode(values.get('d'))[0] ?? 0) : NEWLINE;
  const seconds = Number(values.get('t') ?? Infinity);
  if (seconds === 0) return 0;
  const { m } = shell.box.k;
  const due = m.now + seconds * 1000;
  const input = new Input(shell, stream);
  try {
    await input.fill(flags.has('r'), delimiter, Number(values.get('N') ?? values.get('n') ?? MOST), due);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return complain(`read error: ${fd}: ${strerror(error.errno)}`);
  }
  await assign(input.characters, { flags, values, names }, ctx);
  if (!input.atEnd) return 0;
  return m.now >= due ? TIMED_OUT : 1;
}

async function assign(characters: readonly Character[], { values, names }: Options, ctx: ResolvedCommandContext): Promise<void> {
  const ifs = ctx.env.get('IFS') ?? ' \t\n';
  const array = values.get('a');
  const set = async (name: string, value: string): Promise<void> => {
    const [, base = name, subscript] = /^(\w+)\[(.+)\]$/.exec(name) ?? [];
    await ctx.assignShellVariable!(base, value, subscript);
  };
  if (array !== undefined) {
    await set('__PMKIT_TEXT', `${array}=(${words(characters, ifs, Infinity).map(quote).join(' ')})`);
  } else if (names.length === 0 || values.has('N')) {
    await set(names[0] ?? 'REPLY', textOf(characters));
    for (const name of names.slice(1)) await set(name, '');
  } else {
    const list = words(characters, ifs, names.length);
    for (const [at, name] of names.entries()) await set(name, list[at] ?? '');
  }
}

export function readBuiltins(shell: Shell): Command[] {
  return [
    // with -a for somebody who evaluates __PMKIT_TEXT, which has the status then
    builtin(shell, '__pmkit_read', async (args, ctx): Promise<ExecResult> => {
      const array = args.some(arg => /^-\w*a/.test(arg));
      if (array) await ctx.assignShellVariable!('__PMKIT_TEXT', '');
      const status = await read(shell, args, ctx);
      if (!array) return ended(status);
      await ctx.assignShellVariable!('__PMKIT_TEXT', `${ctx.env.get('__PMKIT_TEXT') ?? ''}\n__pmkit_status ${status}`);
      return ended(0);
    }),
    // just-bash's own does the rest, with all of the input in a file of ours
    builtin(shell, '__pmkit_mapfile', async (args, ctx) => {
      const { flags, values, names } = parsed(args, 'dnOsucC');
      const stream = shell.process.fds.get(Number(values.get('u') ?? 0));
      const pieces: Uint8Array[] = [];
      for (let piece; stream !== undefined && (piece = await stream.read(shell.process, 1 << 16)).length > 0;) pieces.push(piece);
      const options = [...[...flags].map(flag => `-${flag}`), ...[...values].filter(([letter]) => letter !== 'u').flatMap(([letter, value]) => [`-${letter}`, value]), ...names];
      await ctx.assignShellVariable!('__PMKIT_TEXT', `mapfile ${options.map(quote).join(' ')} < ${shell.files.keepText(decoder.decode(Buffer.concat(pieces)))}`);
      return ended(0);
    }),
  ];
}
