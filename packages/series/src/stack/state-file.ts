/**
 * The text in which a stack is kept, after quilt's `.pc/applied-patches`: a first line that names the format, then one
 * applied patch a line, bottom first. Whether the lines make a stack of this series is checked with the line at hand.
 */
import type { SeriesTable } from './series-file.js';
import { emptyStack, withPushed, type Stack } from './stack.js';

const FORMAT = 'pmkit-applied-patches';
const VERSION = 1;
const HEADER = `# ${FORMAT} ${VERSION}`;

/** A line that is not what it must be. */
export interface StateFault {
  readonly line: number;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

export function formatState({ applied }: Stack): string {
  return [HEADER, ...applied.map(({ name }) => name), ''].join('\n');
}

export function parseState(series: SeriesTable, text: string): Stack | StateFault {
  const lines = text.split('\n');
  const header = lines[0] ?? '';
  if (header !== HEADER) {
    const newer = new RegExp(`^# ${FORMAT} (\\d+)$`).exec(header)?.[1];
    if (newer === undefined) return fault(1, 'first line', header, JSON.stringify(HEADER));
    return fault(1, 'format', `version ${newer}`, `version ${VERSION}; another release of pmkit may have written it`);
  }
  // The last line is ended too: a file that was cut off is not taken for a shorter stack.
  if (lines.at(-1) !== '') return fault(lines.length, 'line', lines.at(-1) ?? '', 'a line that is ended; the file may be cut off');
  let stack = emptyStack(series);
  for (const [at, name] of lines.slice(1, -1).entries()) {
    const next = series.entries[stack.applied.length];
    if (next?.name !== name) return fault(at + 2, 'patch', name, next === undefined ? 'the end of the file' : `${next.name}, the next of the series`);
    stack = withPushed(stack, next);
  }
  return stack;
}

function fault(line: number, field: string, value: string, expected: string): StateFault {
  const found = field === 'format' ? value : JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  return { line, field, found, expected };
}
