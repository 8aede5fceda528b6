/**
 * A scenario of one's own: a YAML file that says what the machine is, which files and tasks there are and what each task does. It is
 * data: nothing in it is run but system calls and memory accesses on the simulated machine.
 *
 *     machine: { nodes: 4, pages: 256, cpus: 2, swap: 256 }
 *     files:   { /data/table: 8 }
 *     tasks:   { job: { node: 1, uid: 1000 } }
 *     steps:
 *       - job: a = mmap(0, 16P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
 *       - job: store(a, 16)
 *       - batchd: kill(job, SIGSTOP)
 *       - batchd: migrate_pages(job, 1, {1}, {2})
 */
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { CallSyntaxError, parseCall, type CallText } from './call.js';

/** What a task does, and the line it stands on. */
export interface ScenarioStep extends CallText { readonly task: string; readonly line: number; readonly text: string }
export interface ScenarioFile {
  readonly machine: { readonly nodes: number; readonly pages: number; readonly cpus: number; readonly swap: number };
  /** Path → length in pages. */
  readonly files: Readonly<Record<string, number>>;
  readonly tasks: Readonly<Record<string, { readonly node: number; readonly uid: number }>>;
  readonly steps: readonly ScenarioStep[];
}

/** A scenario that is not one; the message begins with file, line and column. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Bytes of the file, steps in it, frames of the machine. */
export const MAX_SCENARIO_BYTES = 1 << 20;
const MAX_STEPS = 10_000;
const MAX_FRAMES = 1 << 22;

const whole = (least: number, most: number) => z.int().min(least).max(most);
const schema = z.strictObject({
  machine: z.strictObject({
    nodes: whole(1, 256).default(4), pages: whole(64, 1 << 20).default(256), cpus: whole(1, 64).default(2), swap: whole(0, 1 << 20).default(256),
  }).refine(({ nodes, pages }) => nodes * pages <= MAX_FRAMES, `expected ${MAX_FRAMES} pages on all nodes together at most`).prefault({}),
  files: z.record(z.string().regex(/^\/[^\s"]+$/, 'expected an absolute path'), whole(1, 1 << 16)).default({}),
  tasks: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and _'), z.strictObject({
    node: whole(0, 255).default(0), uid: whole(0, 65535).default(0),
  })).default({}),
  steps: z.array(z.record(z.string(), z.string())).min(1).max(MAX_STEPS),
});

/**
 * Reads a scenario.
 * @param file name for messages.
 * @throws {ScenarioError} naming file, line, column, field and what was expected.
 */
export function parseScenario(text: string, file: string): ScenarioFile {
  if (text.length > MAX_SCENARIO_BYTES) throw new ScenarioError(`${file}: ${text.length} bytes, expected ${MAX_SCENARIO_BYTES} at most`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 0 } as Parameters<typeof parseDocument>[1]);
  const place = (offset: number): string => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`;
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ScenarioError(`${place(syntax.pos[0])}: ${syntax.message.split('\n')[0]!}`);
  const parsed = schema.safeParse(toPlain(document, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue!.path.map(String).join('.');
    throw new ScenarioError(`${place(offsetOf(document, issue!.path))}: ${field === '' ? '' : `${field}: `}${issue!.message}`);
  }
  const { machine, files, tasks, steps } = parsed.data;
  return { machine, files, tasks, steps: steps.map((step, i) => readStep(step, document, i, tasks, place, lines)) };
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new ScenarioError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Where a field stands; for one that is missing, what should hold it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null | undefined) : undefined;
    if (range !== undefined && range !== null) return range[0]!;
  }
  return 0;
}

function readStep(
  step: Readonly<Record<string, string>>, document: Document, index: number, tasks: ScenarioFile['tasks'], place: (offset: number) => string, lines: LineCounter,
): ScenarioStep {
  const offset = offsetOf(document, ['steps', index]);
  const [entry, ...more] = Object.entries(step);
  if (entry === undefined || more.length > 0) throw new ScenarioError(`${place(offset)}: steps.${index}: expected one task and what it does`);
  const [task, text] = entry;
  if (task !== 'batchd' && !(task in tasks)) {
    throw new ScenarioError(`${place(offset)}: steps.${index}: expected batchd or one of the tasks (${Object.keys(tasks).join(', ') || 'there are none'}), found '${task}'`);
  }
  const at = valueOffset(document, index, task);
  try {
    return { ...parseCall(text), task, line: lines.linePos(offset).line, text };
  } catch (error) {
    if (!(error instanceof CallSyntaxError)) throw error;
    throw new ScenarioError(`${place(at + error.at)}: steps.${index}.${task}: ${error.message}`, { cause: error });
  }
}

function valueOffset(document: Document, index: number, task: string): number {
  const steps: unknown = document.get('steps', true);
  const step = isSeq(steps) ? steps.items[index] : undefined;
  const value: unknown = isMap(step) ? step.get(task, true) : undefined;
  return typeof value === 'object' && value !== null && 'range' in value ? (value.range as readonly number[])[0]! : 0;
}
