/** How the programs of this directory are declared: what they do, their manual page as data, and their options. */
import { Getopt, type LongOption, type Option } from '../../getopt.js';
import type { Process } from '../../process.js';
import type { Program } from '../../program.js';

export interface Definition {
  readonly path: string;
  readonly summary: string;
  /** Lines of SYNOPSIS; the first two are also what a wrong call is answered with, where the original prints a usage. */
  readonly synopsis: readonly string[];
  readonly description: string;
  /** Option as one types it, and what it does. */
  readonly options?: readonly (readonly [option: string, text: string])[];
  /** What differs from the real program, is modelled, or is later than 2.6.12; one paragraph each. */
  readonly notes?: readonly string[];
  readonly run: Program['run'];
}

const WIDTH = 78;

/** Text in lines of at most WIDTH columns, each behind `indent`. */
function wrapped(text: string, indent: number): string {
  const pad = ' '.repeat(indent);
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > WIDTH - indent) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map(line => `${pad}${line}\n`).join('');
}

function manualOf({ path, summary, synopsis, description, options = [], notes = [] }: Definition): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const title = `${name.toUpperCase()}(${/\/sbin\//.test(path) ? 8 : 1})`;
  const heading = 'Programs of the system';
  const gap = (80 - heading.length) / 2 - title.length;
  let page = `${title}${' '.repeat(gap)}${heading}${' '.repeat(gap)}${title}\n\nNAME\n${wrapped(`${name} - ${summary}`, 7)}\nSYNOPSIS\n${synopsis.map(line => `       ${line}\n`).join('')}\nDESCRIPTION\n${wrapped(description, 7)}`;
  if (options.length > 0) page += `\nOPTIONS\n${options.map(([option, text]) => `       ${option}\n${wrapped(text, 14)}`).join('')}`;
  if (notes.length > 0) page += `\nNOTES\n${notes.map(note => wrapped(note, 7)).join('\n')}`;
  return page;
}

export const defineProgram = (definition: Definition): Program => ({ path: definition.path, summary: definition.summary, manual: manualOf(definition), run: definition.run });

/** Options and operands of a command line. */
export interface Parsed {
  readonly options: readonly Option[];
  readonly operands: readonly string[];
  has(...names: readonly string[]): boolean;
  /** The argument of the last of these options; undefined when there is none. */
  value(...names: readonly string[]): string | undefined;
}

export const none = (name: string, val = name): LongOption => ({ name, takes: 'none', val });
export const required = (name: string, val = name): LongOption => ({ name, takes: 'required', val });
export const optional = (name: string, val = name): LongOption => ({ name, takes: 'optional', val });

/** Reads all options. One that cannot be is printed with "Try ..."; then the result is null, and the program ends with its code for wrong use. */
export function parseOptions(p: Process, usage: string, long: readonly LongOption[] = []): Parsed | null {
  const getopt = new Getopt([p.name, ...p.argv.slice(1)], usage, [...long, none('help')]);
  const options: Option[] = [];
  for (const option of getopt) {
    if (option.opt === '?') {
      p.err(`${option.error ?? ''}Try '${p.name} --help' for more information.\n`);
      return null;
    }
    options.push(option);
  }
  return {
    options, operands: getopt.operands,
    has: (...names) => options.some(({ opt }) => names.includes(opt)),
    value: (...names) => options.findLast(({ opt }) => names.includes(opt))?.arg ?? undefined,
  };
}

/** What --help prints: usage lines and options of a definition. */
export function helpOf({ synopsis, summary, options = [] }: Pick<Definition, 'synopsis' | 'summary' | 'options'>): string {
  const [first = '', ...rest] = synopsis;
  return `Usage: ${first}\n${rest.map(line => `  or:  ${line}\n`).join('')}${summary[0]!.toUpperCase()}${summary.slice(1)}.\n${options.length === 0 ? '' : '\n'}`
    + options.map(([option, text]) => `  ${option}\n${wrapped(text, 10)}`).join('');
}
