/** Random sequences of file operations against a model of a few lines: a map from paths to what is there. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FileError, type Files } from '../../src/console/files/index.js';
import type { Process } from '../../src/console/index.js';
import { endBox, expectSound, newBox } from './helpers.js';

type Entry = { readonly kind: 'directory' } | { readonly kind: 'file'; readonly bytes: { data: number[] } };
/** Paths below /tmp/m by components. */
type Model = Map<string, Entry>;

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => `/tmp/m/${names.join('/')}`);
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('mkdir' as const), path }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('write' as const), path, data: fc.array(fc.nat(255), { maxLength: 9 }), at: fc.constantFrom(0, 1, 4095, 20_000), append: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('truncate' as const), path, length: fc.constantFrom(0, 2, 5000, 100_000) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('unlink' as const), path }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('rmdir' as const), path }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('rename' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('link' as const), path, to: path }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const parentOf = (of: string): string => of.slice(0, of.lastIndexOf('/'));
const isDirectory = (model: Model, at: string): boolean => at === '/tmp/m' || model.get(at)?.kind === 'directory';
const isEmpty = (model: Model, at: string): boolean => ![...model.keys()].some(other => other.startsWith(`${at}/`));

/** Why the directory of a path does not do: ENOENT, ENOTDIR, or ''. */
function wayTo(model: Model, to: string): string {
  const names = parentOf(to).slice('/tmp/m'.length).split('/').filter(Boolean);
  for (let i = 1; i <= names.length; i++) {
    const at = `/tmp/m/${names.slice(0, i).join('/')}`;
    if (!model.has(at)) return 'ENOENT';
    if (!isDirectory(model, at)) return 'ENOTDIR';
  }
  return '';
}

/** What the operation does to the model. @returns the error's name, '' for none. */
function expected(model: Model, step: Operation): string {
  const way = wayTo(model, step.path);
  if (way !== '') return way;
  const entry = model.get(step.path);
  switch (step.op) {
    case 'mkdir':
      if (entry !== undefined) return 'EEXIST';
      model.set(step.path, { kind: 'directory' });
      return '';
    case 'write': return writeModel(model, step, entry);
    case 'truncate':
      if (entry === undefined) return 'ENOENT';
      if (entry.kind === 'directory') return 'EISDIR';
      entry.bytes.data = Array.from({ length: step.length }, (_, i) => entry.bytes.data[i] ?? 0);
      return '';
    case 'unlink':
      if (entry === undefined) return 'ENOENT';
      if (entry.kind === 'directory') return 'EISDIR';
      model.delete(step.path);
      return '';
    case 'rmdir':
      if (entry === undefined) return 'ENOENT';
      if (entry.kind !== 'directory') return 'ENOTDIR';
      if (!isEmpty(model, step.path)) return 'ENOTEMPTY';
      model.delete(step.path);
      return '';
    case 'rename': return renameModel(model, step, entry);
    case 'link':
      if (entry === undefined) return 'ENOENT';
      if (entry.kind === 'directory') return 'EPERM';
      if (wayTo(model, step.to) !== '') return wayTo(model, step.to);
      if (model.has(step.to)) return 'EEXIST';
      model.set(step.to, entry);
      return '';
  }
}

function writeModel(model: Model, { path: at, data, at: offset, append }: Extract<Operation, { op: 'write' }>, entry: Entry | undefined): string {
  if (entry?.kind === 'directory') return 'EISDIR';
  const file = entry ?? { kind: 'file', bytes: { data: [] } };
  model.set(at, file);
  const { bytes } = file;
  const from = append ? bytes.data.length : offset;
  if (data.length > 0) while (bytes.data.length < from) bytes.data.push(0);
  data.forEach((byte, i) => (bytes.data[from + i] = byte));
  return '';
}

function renameModel(model: Model, { path: from, to }: Extract<Operation, { op: 'rename' }>, entry: Entry | undefined): string {
  const way = wayTo(model, to);
  if (way !== '') return way;
  if (entry === undefined) return 'ENOENT';
  if (from === to) return '';
  const target = model.get(to);
  if (entry.kind === 'directory' && to.startsWith(`${from}/`)) return 'EINVAL';
  if (target !== undefined) {
    if (entry.kind === 'directory' && target.kind !== 'directory') return 'ENOTDIR';
    if (entry.kind !== 'directory' && target.kind === 'directory') return 'EISDIR';
    if (target.kind === 'directory' && !isEmpty(model, to)) return 'ENOTEMPTY';
    if (target.kind === 'file' && entry.kind === 'file' && target.bytes === entry.bytes) return '';
  }
  for (const [at, one] of [...model]) {
    if (at !== from && !at.startsWith(`${from}/`)) continue;
    model.delete(at);
    model.set(to + at.slice(from.length), one);
  }
  return '';
}

async function actual(files: Files, p: Process, step: Operation): Promise<string> {
  try {
    await perform(files, p, step);
    return '';
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.code;
  }
}
async function perform(files: Files, p: Process, step: Operation): Promise<void> {
  switch (step.op) {
    case 'mkdir': return files.mkdir(p, step.path);
    case 'write': {
      const file = await files.open(p, step.path, step.append ? 0o2101 : 0o101); // O_WRONLY | O_CREAT, O_APPEND
      await file.seek(step.at);
      await file.write(Uint8Array.from(step.data));
      return file.close();
    }
    case 'truncate': return files.truncate(p, step.path, step.length);
    case 'unlink': return files.unlink(p, step.path);
    case 'rmdir': return files.rmdir(p, step.path);
    case 'rename': return files.rename(p, step.path, step.to);
    case 'link': return files.link(p, step.path, step.to);
  }
}

/** All that is below a directory, as the model has it. */
async function contents(files: Files, p: Process, directory: string): Promise<[string, number[] | null][]> {
  const all: [string, number[] | null][] = [];
  for (const { name: entry, type } of files.listTypes(p, directory)) {
    const at = `${directory}/${entry}`;
    if (type === 'directory') all.push([at, null], ...await contents(files, p, at));
    else {
      const bytes = [...await files.read(p, at)];
      expect(files.stat(p, at).size).toBe(bytes.length);
      all.push([at, bytes]);
    }
  }
  return all;
}

it('random sequences of operations end as they do on a plain map', async () => {
  await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 40 }), fc.constantFrom('/tmp', '/dev/shm'), async (steps, where) => {
    const box = newBox({ programs: [] });
    const p = box.login;
    if (where === '/dev/shm') await box.files.mount(p, { type: 'tmpfs', source: 'none', target: '/tmp' });
    await box.files.mkdir(p, '/tmp/m');
    const model: Model = new Map();
    for (const step of steps) expect([step, await actual(box.files, p, step)]).toEqual([step, expected(model, step)]);
    const inModel = [...model].map(([at, entry]): [string, number[] | null] => [at, entry.kind === 'directory' ? null : entry.bytes.data]);
    expect(new Map(await contents(box.files, p, '/tmp/m'))).toEqual(new Map(inModel));
    expectSound(box);
    await endBox(box);
  }), { numRuns: 30 });
});
