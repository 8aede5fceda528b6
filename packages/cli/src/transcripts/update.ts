/** The pages whose transcripts are run: those of a documentation directory, and the READMEs of the repository it is in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { replaceFile } from '../replace-file.js';
import { TranscriptError } from './blocks.js';
import { playPage, updatedPage, type Played } from './play.js';

/** Paths of the Markdown files, sorted: `docs/*.md`, the README beside it and those of the packages. */
export function transcriptPages(docs: string): string[] {
  const root = path.dirname(docs);
  const packages = path.join(root, 'packages');
  const readmes = existsSync(packages) ? readdirSync(packages).map(name => path.join(packages, name, 'README.md')) : [];
  const pages = readdirSync(docs).filter(name => name.endsWith('.md')).map(name => path.join(docs, name));
  return [path.join(root, 'README.md'), ...pages, ...readmes].filter(file => existsSync(file)).sort();
}

/** Runs what a file shows. @throws CommandError naming file and line of a block that cannot be run. */
export async function playFile(context: Context, file: string, root: string): Promise<{ readonly text: string; readonly played: readonly Played[] }> {
  const text = readFileSync(file, 'utf8');
  const scenarios = path.join(root, 'scenarios');
  try {
    return { text, played: await playPage(context, text, existsSync(scenarios) ? scenarios : null) };
  } catch (error) {
    if (error instanceof TranscriptError) throw new CommandError(EXIT_FAILED, `pmkit docs: ${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Writes down what the transcripts really print. @returns the files that were changed. */
export async function updateTranscripts(context: Context, docs: string): Promise<string[]> {
  const changed: string[] = [];
  for (const file of transcriptPages(docs)) {
    const { text, played } = await playFile(context, file, path.dirname(docs));
    const updated = updatedPage(text, played);
    if (updated === text) continue;
    replaceFile(file, updated);
    changed.push(file);
  }
  return changed;
}
