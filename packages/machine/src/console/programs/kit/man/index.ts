/** man: the manual pages of the console's programs, of the kernel's files and of its system calls. */
import { BUILT_IN, BUNDLED_PATHS } from '../../../bundled.js';
import { FileError } from '../../../files/index.js';
import { Getopt } from '../../../getopt.js';
import type { Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { pagesOf, type Page } from './pages.js';

const USAGE = 'Usage: man [SECTION] NAME...\n       man -k WORD...\n       man -f NAME...\n';
/** man-db: nothing was found. */
const EXIT_NOTHING = 16;
/** Lines of a file that are shown as an example. */
const EXAMPLE_LINES = 8;
const EXAMPLE_WIDTH = 120;

async function run(p: Process): Promise<number> {
  const options = new Getopt(p.argv, 'kfh', [
    { name: 'apropos', takes: 'none', val: 'k' }, { name: 'whatis', takes: 'none', val: 'f' }, { name: 'help', takes: 'none', val: 'h' },
  ]);
  let mode = '';
  for (const { opt, error } of options) {
    if (error !== undefined) {
      p.err(`${error}${USAGE}`);
      return 1;
    }
    mode = opt;
  }
  if (mode === 'h') {
    p.out(USAGE);
    return 0;
  }
  const words = [...options.operands];
  const pages = pagesOf(p.box);
  if (words.length === 0) return mode === '' ? index(p, pages) : p.fail(`${mode === 'k' ? 'apropos' : 'whatis'} what?`);
  if (mode !== '') return list(p, pages, words, mode === 'k');
  const section = words.length > 1 && /^[1258]$/.test(words[0]!) ? Number(words.shift()) : null;
  let code = 0;
  for (const word of words) {
    const found = pages.filter(page => (section === null || page.section === section) && isCalled(page, word));
    if (found.length === 0) code = EXIT_NOTHING;
    if (found.length === 0) p.err(missing(word, section));
    for (const page of section === null ? bySection(found) : found) await print(p, page);
  }
  return code;
}

/** A program's page is what is meant when there is one; files of the same name all are. */
function bySection(found: readonly Page[]): readonly Page[] {
  const section = found.some(page => page.section === 1 || page.section === 8) ? [1, 8] : found.some(page => page.section === 5) ? [5] : [2];
  return found.filter(page => section.includes(page.section));
}

/** By name, by path, and by the path of an existing process's file. */
function isCalled({ name, also }: Page, word: string): boolean {
  const general = word.replace(/^\/proc\/(\d+|self)\//, '/proc/PID/').replace(/\/node\d+\//, '/nodeN/');
  return name === word || also.includes(general);
}

function missing(word: string, section: number | null): string {
  const hint = BUNDLED_PATHS.has(word) || BUILT_IN.has(word) ? `; try '${word} --help'` : '';
  return `No manual entry for ${word}${section === null ? '' : ` in section ${section}`}${hint}\n`;
}

async function print(p: Process, { text, example }: Page): Promise<void> {
  const page = text();
  p.out(page.endsWith('\n') ? page : `${page}\n`);
  if (example === undefined) return;
  const lines = await beginning(p, example);
  if (lines.length > 0) p.out(['\nEXAMPLE', `       $ cat ${example}`, ...lines.map(line => `       ${line}`), ''].join('\n'));
}

/** The first lines of a file, as they are now; none when it cannot be read. */
async function beginning(p: Process, path: string): Promise<string[]> {
  try {
    const lines = (await p.readFile(path)).split('\n').filter(line => line !== '');
    const shown = lines.slice(0, EXAMPLE_LINES).map(line => (line.length > EXAMPLE_WIDTH ? `${line.slice(0, EXAMPLE_WIDTH)}...` : line));
    return lines.length > EXAMPLE_LINES ? [...shown, '...'] : shown;
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

const NAME_WIDTH = 20;
const lineOf = ({ name, section, summary, also }: Page): string => `${`${section === 5 ? also[0]! : name} (${section})`.padEnd(NAME_WIDTH)} - ${summary}\n`;

/** apropos and whatis. */
function list(p: Process, pages: readonly Page[], words: readonly string[], anywhere: boolean): number {
  let code = 0;
  for (const word of words) {
    const lower = word.toLowerCase();
    const found = pages.filter(page => (anywhere ? `${page.name} ${page.also.join(' ')} ${page.summary}`.toLowerCase().includes(lower) : isCalled(page, word)));
    p.out(found.map(lineOf).join(''));
    if (found.length > 0) continue;
    p.err(`${word}: nothing appropriate.\n`);
    code = EXIT_NOTHING;
  }
  return code;
}

function index(p: Process, pages: readonly Page[]): number {
  const group = (title: string, sections: readonly number[]): string => `${title}\n${pages.filter(({ section }) => sections.includes(section)).map(page => `  ${lineOf(page)}`).join('')}`;
  p.out([
    group('Programs: man NAME', [1, 8]), group('Files that show the kernel: man NAME, or man PATH', [5]), 'System calls: man 2 NAME; syscall -l lists them. Words: man -k WORD\n',
    `Other commands: ${[...BUNDLED_PATHS.keys()].sort().join(' ')}\n  They say what they can by --help.\n`,
  ].join('\n'));
  return 0;
}

const MANUAL = `MAN(1)                           Programs of the kit                           MAN(1)

NAME
       man - print manual pages

SYNOPSIS
       man
       man [SECTION] NAME...
       man -k WORD...
       man -f NAME...

DESCRIPTION
       Prints the page of a program (sections 1 and 8), of a file of /proc or /sys
       (section 5; by name or path, and with how it looks now), or of a system call of
       the kernel that runs (section 2). Without a NAME it lists what there is. -k lists
       pages that have WORD in their name or summary, -f those of that NAME.

       Pages say what the original of a program has and this one has not, and mark what came
       after Linux 2.6.12: [Linux 2.6.14] behind a file is the release that first had it.

EXIT STATUS
       0; 1 for a command line that cannot be understood; 16 when nothing was found.
`;

export const man: Program = { path: '/usr/bin/man', summary: 'print manual pages', manual: MANUAL, run };
