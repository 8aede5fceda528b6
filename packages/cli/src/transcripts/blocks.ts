/**
 * Transcripts in Markdown: fenced `console` blocks, a command behind a prompt and under it what it prints.
 *
 *     ```console                     pmkit on the reader's own machine: `$ pmkit …`, in an empty directory
 *     ```console level=4             a shell on the simulated machine, with patches 1 to 4: `pmkit# ` is root's prompt, `pmkit$ ` a user's
 *     ```console level=10 machine=altix8 user=1000 swap=0       options of pmkit run; a value with blanks stands in double quotes
 *     ```console continue            the machine of the block before, as it was left
 *
 * In what is printed, `...` alone on a line stands for any lines, and inside a line for anything. A command goes on in lines that begin with `> `.
 */

/** A command as it is typed, line by line, and what is under it. */
export interface Exchange { readonly lines: readonly string[]; readonly printed: string }
export interface Block {
  /** Offsets in the page: of the first line inside the fence, and of the closing fence. */
  readonly from: number;
  readonly to: number;
  /** Line of the fence in the page, from 1. */
  readonly line: number;
  /** Of the info string; null for pmkit itself. */
  readonly machine: MachineSpec | 'continue' | null;
  /** `$ `, or one of the simulated machine's. */
  readonly prompt: string;
  readonly exchanges: readonly Exchange[];
}
/** As the options of pmkit run take them. */
export interface MachineSpec { readonly level: string; readonly machine?: string; readonly user?: string; readonly swap?: string }

/** A block that cannot be run as it stands. The message begins with the line. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';
}

const FENCE = /^```console(?:[ \t]+(.*))?\n([\s\S]*?)^```[ \t]*$/gm;
const MACHINE_KEYS = new Set(['level', 'machine', 'user', 'swap']);
/** Of the simulated machine: nothing that it prints begins so. */
const PROMPTS = ['pmkit# ', 'pmkit$ '] as const;
const CONTINUED = '> ';

/** All blocks of a page, in order. @throws {TranscriptError} for an info string or a block that makes no sense. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCE)].map(match => {
    const [whole, info = '', body] = match as unknown as [string, string | undefined, string];
    const line = page.slice(0, match.index).split('\n').length;
    const from = match.index + whole.indexOf('\n') + 1;
    const machine = readInfo(info.trim(), line);
    const prompt = machine === null ? '$ ' : promptOf(body, line);
    return { from, to: from + body.length, line, machine, prompt, exchanges: exchangesOf(body, prompt, line) };
  });
}

function readInfo(info: string, line: number): Block['machine'] {
  if (info === '') return null;
  if (info === 'continue') return 'continue';
  const spec: Record<string, string> = {};
  for (const [word] of info.matchAll(/[^\s"]*"[^"]*"|\S+/g)) {
    const [key = '', quoted] = word.split(/=(.*)/s);
    const value = quoted?.replace(/^"(.*)"$/, '$1');
    if (!MACHINE_KEYS.has(key) || value === undefined) throw new TranscriptError(`line ${line}: expected level=, machine=, user=, swap= or continue behind \`console\`, found '${word}'`);
    spec[key] = value;
  }
  if ((spec['level'] ?? '') === '') throw new TranscriptError(`line ${line}: expected level= behind \`console\`, found '${info}'`);
  return { ...spec, level: spec['level']! };
}

function promptOf(body: string, line: number): string {
  const prompt = PROMPTS.find(candidate => body.startsWith(candidate));
  if (prompt === undefined) throw new TranscriptError(`line ${line + 1}: expected a command behind '${PROMPTS.join("' or '")}', found '${body.split('\n')[0]!}'`);
  return prompt;
}

function exchangesOf(body: string, prompt: string, line: number): Exchange[] {
  const exchanges: { lines: string[]; printed: string }[] = [];
  let open = false;
  for (const [at, text] of body.split('\n').slice(0, -1).entries()) {
    const last = exchanges.at(-1);
    if (text.startsWith(prompt)) {
      exchanges.push({ lines: [text.slice(prompt.length)], printed: '' });
      open = true;
    } else if (last === undefined) throw new TranscriptError(`line ${line + 1 + at}: expected a command behind '${prompt}', found '${text}'`);
    else if (open && text.startsWith(CONTINUED)) last.lines.push(text.slice(CONTINUED.length));
    else {
      last.printed += `${text}\n`;
      open = false;
    }
  }
  return exchanges;
}

/** The text of a block with what was really printed. */
export function blockText(prompt: string, exchanges: readonly Exchange[]): string {
  return exchanges.map(({ lines, printed }) => `${lines.map((line, at) => `${at === 0 ? prompt : CONTINUED}${line}\n`).join('')}${printed}`).join('');
}

/** Whether `printed` is what `expected` says, with `...` for what may vary. */
export function matches(expected: string, printed: string): boolean {
  if (!expected.includes('...')) return expected === printed;
  const pattern = expected.split('\n').map(line => (line.trim() === '...' ? '\u0000' : line.split('...').map(escape).join('.*'))).join('\n')
    .replaceAll('\u0000\n', '(?:.*\n)*');
  return new RegExp(`^${pattern}$`).test(printed);
}
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
