/** What man(1) knows: programs, files of /proc and /sys, and system calls of the kernel that runs. */
import type { Box } from '../../../box.js';
import { commandOf } from '../../../program.js';
import { NODE_FILES, NODE_LISTS, PROC_FILES, PROC_PID_FILES, type View, type Views } from '../../../../views/index.js';
import { listCalls, type ListedCall } from '../calls/numbers.js';
import { SIGNATURES } from '../calls/signatures.js';

export interface Page {
  readonly name: string;
  readonly section: 1 | 2 | 5 | 8;
  readonly summary: string;
  /** Words by which it is found too, such as the path of a file. */
  readonly also: readonly string[];
  readonly text: () => string;
  /** A file whose beginning is shown as an example. */
  readonly example?: string;
}

const NODE_DIRECTORY = '/sys/devices/system/node';

interface FileGroup { readonly views: Views<never>; readonly directory: string; /** Where an example of them is. */ readonly example: string }
const FILES: readonly FileGroup[] = [
  { views: PROC_PID_FILES, directory: '/proc/PID', example: '/proc/self' }, { views: PROC_FILES, directory: '/proc', example: '/proc' },
  { views: NODE_FILES, directory: `${NODE_DIRECTORY}/nodeN`, example: `${NODE_DIRECTORY}/node0` }, { views: NODE_LISTS, directory: NODE_DIRECTORY, example: NODE_DIRECTORY },
];

/** Programs first, then files, then system calls. */
export function pagesOf(box: Box): Page[] {
  const programs = [...box.programs.values()].map((program): Page => ({
    name: commandOf(program), section: /\/sbin\//.test(program.path) ? 8 : 1, summary: program.summary, also: [program.path], text: () => program.manual,
  }));
  const files = FILES.flatMap(({ views, directory, example }) => Object.entries(views).map(([name, view]) => filePage(name, view, directory, example)));
  return [...programs.sort(byName), ...files, ...listCalls(box.k).map(callPage).sort(byName)];
}

const byName = (a: Page, b: Page): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

function filePage(name: string, view: View<never>, directory: string, example: string): Page {
  const path = `${directory}/${name}`;
  const { summary, since, mode = 0o444 } = view;
  const paragraphs = [
    since === undefined ? 'Linux 2.6.12 had this file.' : `Since Linux ${since}: 2.6.12 had no such file. It is here because today's tools read it.`,
    ...(view.write === undefined ? [] : ['What is written to it takes effect, as far as the writer may.']),
  ];
  const text = (): string => [
    heading(name, 5), '', 'NAME', `       ${name} - ${summary}`, '', 'FILE', `       ${path}, mode ${mode.toString(8).padStart(4, '0')}`, '', 'DESCRIPTION', ...paragraphs.map(line => `       ${line}`), '',
  ].join('\n');
  return { name: name.slice(name.lastIndexOf('/') + 1), section: 5, summary: `${summary}${since === undefined ? '' : ` [Linux ${since}]`}`, also: [path, name], text, example: `${example}/${name}` };
}

function callPage({ name, number, file, symbol, package: from, before }: ListedCall): Page {
  const params = SIGNATURES.get(name)?.params ?? [];
  const writers = [...before, from].map(entry => entry.replace(/^@pmkit\//, ''));
  const brought = writers.length === 1 ? `by ${writers[0]!}` : `first by ${writers[0]!}, then by ${writers.slice(1).join(', ')}`;
  const text = (): string => [
    heading(name, 2), '', 'NAME', `       ${name} - system call ${number}`, '', 'SYNOPSIS', `       ${name}(${params.map(({ type, isOut }) => `${type}${isOut ? ' *' : ''}`).join(', ')})`, '', 'DESCRIPTION',
    `       Enters ${symbol}() of ${file}, written ${brought}.`, '       syscall(1) makes it by hand, strace(1) shows it.', '',
  ].join('\n');
  return { name, section: 2, summary: `system call ${number}`, also: [String(number), symbol], text };
}

/** `NAME(5)   NAME(5)`, as man prints over a page. */
function heading(name: string, section: number): string {
  const title = `${name.toUpperCase()}(${section})`;
  return title + title.padStart(Math.max(title.length + 3, 80 - title.length));
}
