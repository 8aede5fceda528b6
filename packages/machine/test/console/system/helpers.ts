import { systemPrograms } from '../../../src/console/programs/system/index.js';
import type { Box, Program, RunResult } from '../../../src/console/index.js';
import { newBox, program } from '../helpers.js';
import { bash } from '../shell/helpers.js';

/** `hold MS` computes for a time; `calls` does what the test says. */
const HELPERS: readonly Program[] = [
  program('hold', async p => {
    await p.pause(Number(p.argv[1]));
    return 0;
  }),
];

export const systemBox = (options: Parameters<typeof newBox>[0] = {}): Box => newBox({ programs: [...systemPrograms, ...HELPERS], ...options });

/** A script of the login shell, on a machine of its own unless one is given. */
export const script = (text: string, box = systemBox()): Promise<RunResult & { readonly box: Box }> => bash(text, { box });

/** What it printed, and nothing else happened. */
export async function output(text: string, box?: Box): Promise<string> {
  const { stdout, stderr, exitCode } = await script(text, box);
  if (stderr !== '' || exitCode !== 0) throw new Error(`${text}: exit code ${exitCode}, ${stderr}`);
  return stdout;
}
