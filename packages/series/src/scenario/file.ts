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
import { isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { CallSyntaxError, parseCall, type CallText } from './call.js';
import { ScenarioError } from './error.js';

/** What a task does, and the line it stands on. */
export interface ScenarioStep extends CallText { readonly task: string; readonly line: number; readonly text: string }
export interface ScenarioFile {
  readonly machine: { readonly nodes: number; readonly pages: number; readonly cpus: number; readonly swap: number };
  /** Path → length in pages. */
  readonly files: Readonly<Record<string, number>>;
  readonly tasks: Readonly<Record<string, { readonly node: number; readonly uid: number }>>;
  readonly steps: readonly ScenarioStep[];
}

/** Bytes of the file, steps in it, frames of the machine. */
export const MAX_SCENARIO_BYTES = 1 << 20;
const MAX_STEPS = 10_000;
const MAX_FRAMES = 1 << 22;

const whole = (least: number, most: number) => z.int().min(least).max(most);
const stepText = z.record(z.string(), z.string());
/** What every file that sets a machine up has. */
export const machineFields = {
  machine: z.strictObject({
    nodes: whole(1, 256).default(4), pages: whole(64, 1 << 20).default(256), cpus: whole(1, 64).default(2), swap: whole(0, 1 << 20).default(256),
  }).refine(({ nodes, pages }) => nodes * pages <= MAX_FRAMES, `expected ${MAX_FRAMES} pages on all nodes together at most`).prefault({}),
  files: z.record(z.string().regex(/^\/[^\s"]+$/, 'expected an absolute path'), whole(1, 1 << 16)).default({}),
  tasks: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and _'), z.strictObject({
    node: whole(0, 255).default(0), uid: whole(0, 65535).default(0),
  })).default({}),
};
const schema = z.strictObject({ ...machineFields, steps: z.array(stepText).min(1).max(MAX_STEPS) });

/**
 * Reads a scenario.
 * @param file name for messages.
 * @throws {ScenarioError} naming file, line, column, field and what was expected.
 */
export function parseScenario(text: string, file: string): ScenarioFile {
  const source = new ScenarioSource(text, file);
  const { machine, files, tasks, steps } = source.read(schema);
  return { machine, files, tasks, steps: steps.map((step, i) => source.step(step, ['steps', i], tasks)) };
}

/** The text of a YAML file of steps, and where in it everything stands. */
export class ScenarioSource {
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #file: string;

  /** @throws {ScenarioError} when it is too long, or no YAML. */
  constructor(text: string, file: string) {
    this.#file = file;
    if (text.length > MAX_SCENARIO_BYTES) throw new ScenarioError(`${file}: ${text.length} bytes, expected ${MAX_SCENARIO_BYTES} at most`);
    this.#document = parseDocument(text, { lineCounter: this.#lines, maxAliasCount: 0 } as Parameters<typeof parseDocument>[1]);
    const [syntax] = this.#document.errors;
    if (syntax !== undefined) throw new ScenarioError(`${this.#place(syntax.pos[0])}: ${syntax.message.split('\n')[0]!}`);
  }

  /** @throws {ScenarioError} for the first field that is not as `fields` has it. */
  read<T extends z.ZodType>(fields: T): z.output<T> {
    const parsed = fields.safeParse(toPlain(this.#document, this.#file));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.error(issue!.path, issue!.message);
  }

  /** What is wrong at a field, `at` characters into its value. */
  error(path: readonly PropertyKey[], message: string, at?: number, cause?: Error): ScenarioError {
    const field = path.map(String).join('.');
    const offset = at === undefined ? offsetOf(this.#document, path) : valueOffset(this.#document, path) + at;
    return new ScenarioError(`${this.#place(offset)}: ${field === '' ? '' : `${field}: `}${message}`, { cause });
  }

  /** One `task: call`, which stands at `path`. @throws {ScenarioError} for a task that there is not, or a call that cannot be read. */
  step(step: Readonly<Record<string, string>>, path: readonly PropertyKey[], tasks: ScenarioFile['tasks']): ScenarioStep {
    const [entry, ...more] = Object.entries(step);
    if (entry === undefined || more.length > 0) throw this.error(path, 'expected one task and what it does');
    const [task, text] = entry;
    if (task !== 'batchd' && !(task in tasks)) {
      throw this.error(path, `expected batchd or one of the tasks (${Object.keys(tasks).join(', ') || 'there are none'}), found '${task}'`);
    }
    return this.call(task, text, [...path, task]);
  }

  /** A call of a task, whose text stands at `path`. @throws {ScenarioError} */
  call(task: string, text: string, path: readonly PropertyKey[]): ScenarioStep {
    const line = this.#lines.linePos(offsetOf(this.#document, path)).line;
    try {
      return { ...parseCall(text), task, line, text };
    } catch (error) {
      if (!(error instanceof CallSyntaxError)) throw error;
      throw this.error(path, error.message, error.at, error);
    }
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }
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

/** Where the text of a field begins, behind the quote if it has one. */
function valueOffset(document: Document, path: readonly PropertyKey[]): number {
  const value: unknown = document.getIn(path, true);
  const quoted = isScalar(value) && (value.type === 'QUOTE_DOUBLE' || value.type === 'QUOTE_SINGLE');
  return offsetOf(document, path) + (quoted ? 1 : 0);
}
