/** Programs in files (packages/explore/corpus): each has entered what no other before it had. */
import { z } from 'zod';
import { TEMPLATES } from './calls.js';
import type { Program } from './program.js';
import { STANDS, TASKS } from './stand.js';

const MAX_CALLS = 100;
/** Characters of a corpus file at most. */
const MAX_CORPUS_LENGTH = 4_000_000;

const number = z.number();
const numbers = z.array(number).max(64);
const pair = z.tuple([number, number]);
const arg = z.union([
  number, z.enum(['null', 'bad', 'int', 'text']),
  z.strictObject({ area: z.int(), page: z.int(), plus: z.int() }), z.strictObject({ result: z.int(), page: z.int() }), z.strictObject({ page: z.int(), plus: z.int() }),
  z.strictObject({ pid: z.int() }), z.strictObject({ u32: numbers }), z.strictObject({ mask: numbers }), z.strictObject({ numbers }),
  z.strictObject({ path: z.string() }), z.strictObject({ disk: z.string() }), z.strictObject({ limit: pair }), z.strictObject({ time: pair }), z.strictObject({ action: pair }),
]);
const call = z.strictObject({
  id: z.int().min(0), task: z.int().min(0).max(TASKS - 1),
  name: z.string().refine(name => Object.hasOwn(TEMPLATES, name), 'expected a system call, load or store'),
  args: z.array(arg).max(8),
});
const program = z.strictObject({
  stand: z.enum(STANDS), schedule: z.int().min(0).nullable(), calls: z.array(call).min(1).max(MAX_CALLS),
});
const corpus = z.strictObject({ version: z.literal(1), programs: z.array(program) });

export class CorpusError extends Error {
  override readonly name = 'CorpusError';
}

/** @throws {CorpusError} naming the file, the field and what was expected. */
export function readCorpus(text: string, file: string): Program[] {
  if (text.length > MAX_CORPUS_LENGTH) throw new CorpusError(`${file}: ${text.length} characters, expected ${MAX_CORPUS_LENGTH} at most`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new CorpusError(`${file}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = corpus.safeParse(data);
  if (parsed.success) return parsed.data.programs;
  const [issue] = parsed.error.issues;
  throw new CorpusError(`${file}: ${issue!.path.map(String).join('.')}: ${issue!.message}`);
}

/** A line a program; the same bytes for the same programs. */
export const writeCorpus = (programs: readonly Program[]): string =>
  `{ "version": 1, "programs": [\n${programs.map(one => JSON.stringify(one)).join(',\n')}\n] }\n`;
