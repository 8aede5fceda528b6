/** Runs the transcripts of a page. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Box } from '@pmkit/machine/console';
import { bootBox, findTree } from '../console.js';
import type { Context } from '../context.js';
import type { Io } from '../io.js';
import { blocksOf, blockText, matches, type Block, type Exchange, type MachineSpec } from './blocks.js';

/** What a block says, and what was printed. */
export interface Played { readonly block: Block; readonly exchanges: readonly Exchange[]; readonly agrees: boolean }

/** A file that the page shows and its commands use: `<!-- file: NAME -->` in front of a block. */
const FILE = /<!-- file: (\S+) -->\n```\w*\n([\s\S]*?)^```$/gm;

/**
 * Runs all blocks of a page, in order.
 * @param scenarios directory that pmkit's own commands find as `scenarios`
 * @throws {TranscriptError | CommandError} for a block that cannot be run.
 */
export async function playPage(context: Context, page: string, scenarios: string | null = null): Promise<Played[]> {
  const played: Played[] = [];
  let box: Box | null = null;
  for (const block of blocksOf(page)) {
    if (block.machine === null) played.push(judge(block, await playHost(context, page, block, scenarios)));
    else {
      if (block.machine !== 'continue') {
        box?.powerOff();
        box = await bootBox('docs', await findTree(context, block.machine.level), optionsOf(block.machine));
      }
      if (box === null) throw new Error(`line ${block.line}: there is no machine to continue on`);
      played.push(judge(block, await playShell(box, block)));
    }
  }
  box?.powerOff();
  return played;
}

/** The page with what was really printed in each block that does not agree. */
export function updatedPage(page: string, played: readonly Played[]): string {
  return played.toReversed().reduce((text, { block, exchanges, agrees }) => (agrees ? text : text.slice(0, block.from) + blockText(block.prompt, exchanges) + text.slice(block.to)), page);
}

const judge = (block: Block, exchanges: readonly Exchange[]): Played =>
  ({ block, exchanges, agrees: exchanges.every(({ printed }, at) => matches(block.exchanges[at]!.printed, printed)) });

const optionsOf = ({ level, machine, user, swap }: MachineSpec): Parameters<typeof bootBox>[2] =>
  ({ at: level, machine, ...(user === undefined ? {} : { user: Number(user) }), ...(swap === undefined ? {} : { swap: Number(swap) }) });

/** Threads would each load the kit anew for a search of a moment. */
const ONE_THREAD = { PMKIT_WORKERS: '1' };

/** `$ pmkit …` in a directory with the files that the page shows; standard output is what counts. */
async function playHost(context: Context, page: string, { exchanges }: Block, scenarios: string | null): Promise<Exchange[]> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'pmkit-docs-'));
  try {
    for (const [, file, text] of page.matchAll(FILE)) writeFileSync(path.join(cwd, path.basename(file!)), text!);
    if (scenarios !== null) cpSync(scenarios, path.join(cwd, 'scenarios'), { recursive: true });
    const done: Exchange[] = [];
    for (const { lines } of exchanges) {
      let printed = '';
      const own: Io = { ...context.io, stdout: text => { printed += text; }, stderr: () => undefined, cwd, env: ONE_THREAD, isTTY: false, stderrIsTTY: false };
      await context.run(wordsOf(lines.join(' ')).slice(1), own);
      done.push({ lines, printed });
    }
    return done;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** The words of a command line; a quoted one is one word. */
const wordsOf = (line: string): string[] => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!);

/** Types the commands of a block into a shell; both streams are shown, as on a terminal. */
async function playShell(box: Box, { exchanges }: Block): Promise<Exchange[]> {
  const { Session } = await import('@pmkit/machine/console');
  const printed = exchanges.map(() => '');
  const waiting = exchanges.flatMap(({ lines }, at) => lines.map(line => ({ line, at })));
  let current = 0;
  const write = (text: string): void => { printed[current] = `${printed[current]!}${text}`; };
  const readLine = (): Promise<string | null> => {
    const next = waiting.shift();
    current = next?.at ?? current;
    return Promise.resolve(next?.line ?? null);
  };
  await new Session(box, { out: write, err: write }).interact({ readLine }, () => '');
  return exchanges.map(({ lines }, at) => ({ lines, printed: printed[at]! }));
}
