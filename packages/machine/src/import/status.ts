/** /proc/PID/status (fs/proc/array.c): who the process is and where it may run and allocate. */
import { MAX_CPUS, MAX_NODES } from '../topology/check.js';
import { parseList } from '../topology/lists.js';
import { show } from '../topology/error.js';
import { decimal, fail, linesOf, unescapePath, type Line, type Source } from './lines.js';

/** Real, effective, saved and file system id. */
export type Ids = readonly [number, number, number, number];

export interface ParsedStatus {
  readonly name: string;
  readonly pid: number;
  readonly uid: Ids;
  readonly gid: Ids;
  readonly threads: number;
  /** Bytes of mlocked memory. */
  readonly locked: number;
  /** Null where the kernel does not say (before 2.6.24). */
  readonly cpusAllowed: readonly number[] | null;
  readonly memsAllowed: readonly number[] | null;
}

/** A kernel lists CPUs up to its NR_CPUS whether they are there or not; those beyond any machine of the kit mean nothing here. */
const LIST_LIMIT = 1 << 16;

/** @throws ImportError with line and field. */
export function parseStatus(text: string, file = 'status'): ParsedStatus {
  const source = { file };
  const lines = new Map<string, Line>();
  for (const line of linesOf(source, text)) {
    const match = /^([A-Za-z_]+):[\t ]*(.*?)[\t ]*$/.exec(line.text);
    if (match === null) fail(source, line, 'line', show(line.text), 'Field: value');
    lines.set(match[1] ?? '', { text: match[2] ?? '', number: line.number });
  }
  const name = lines.get('Name') ?? fail(source, undefined, 'Name', 'no such line', 'Name: …');
  const pid = lines.get('Pid') ?? fail(source, undefined, 'Pid', 'no such line', 'Pid: …');
  return {
    name: unescapePath(name.text), pid: decimal(source, pid, 'Pid', pid.text),
    uid: idsOf(source, lines.get('Uid'), 'Uid'), gid: idsOf(source, lines.get('Gid'), 'Gid'),
    threads: numberOf(source, lines.get('Threads'), 'Threads', 1), locked: kilobytesOf(source, lines.get('VmLck')) * 1024,
    cpusAllowed: listOf(source, lines.get('Cpus_allowed_list'), 'Cpus_allowed_list', MAX_CPUS),
    memsAllowed: listOf(source, lines.get('Mems_allowed_list'), 'Mems_allowed_list', MAX_NODES),
  };
}

const numberOf = (source: Source, line: Line | undefined, field: string, otherwise: number): number =>
  (line === undefined ? otherwise : decimal(source, line, field, line.text));

function kilobytesOf(source: Source, line: Line | undefined): number {
  return line === undefined ? 0 : decimal(source, line, 'VmLck', /^(\d+) kB$/.exec(line.text)?.[1]);
}

function idsOf(source: Source, line: Line | undefined, field: string): Ids {
  if (line === undefined) return fail(source, line, field, 'no such line', `${field}: real effective saved fs`);
  const words = line.text.split(/[\t ]+/);
  if (words.length !== 4) fail(source, line, field, show(line.text), 'four ids');
  const [real, effective, saved, fs] = words.map((word) => decimal(source, line, field, word));
  return [real!, effective!, saved!, fs!];
}

function listOf(source: Source, line: Line | undefined, field: string, limit: number): readonly number[] | null {
  if (line === undefined) return null;
  const parsed = parseList(line.text, LIST_LIMIT);
  if ('numbers' in parsed) return parsed.numbers.filter((number) => number < limit);
  return fail(source, line, field, parsed.found, parsed.expected);
}
