/** The kernel as the build prints it, with what the tests need of it and of the recorder's inside. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { recordedKernel } from '../../record/plugin.js';
import type * as inside from './recorded.js';

export type Recorded = typeof inside;

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Prints, bundles and loads a kernel of its own. */
export async function recordedInstance(): Promise<Recorded> {
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-recorded-'));
  try {
    const outfile = path.join(directory, 'recorded.mjs');
    await build({
      entryPoints: [here('./recorded.ts')], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', conditions: ['@pmkit/source'],
      plugins: [recordedKernel(here('../../src/record/runtime.ts'))], logLevel: 'warning',
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Recorded;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
