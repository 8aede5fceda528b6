import { Shell } from '../../../src/console/shell/shell.js';
import type { Box, Program } from '../../../src/console/index.js';
import { newBox, program } from '../helpers.js';

/** `say WORDS` prints them, `status N` ends with N, `nap MS` sleeps, `whoami2` tells pid and parent, `spin` computes for ever. */
export const TEST_PROGRAMS: readonly Program[] = [
  program('say', p => { p.out(`${p.argv.slice(1).join(' ')}\n`); return 0; }),
  program('complain', p => { p.err(`${p.argv.slice(1).join(' ')}\n`); return 3; }),
  program('status', p => Number(p.argv[1])),
  program('nap', async p => { await p.sleep(Number(p.argv[1])); return 0; }),
  program('pids', p => { p.out(`${p.pid} ${p.task.parent?.pid}\n`); return 0; }),
  program('upper', async p => { p.out((await p.input()).toUpperCase()); return 0; }),
  program('spin', async p => { for (;;) await p.pause(1); }),
  program('sig', async p => { const e = await p.sys('kill', Number(p.argv[2]), Number(p.argv[1])); return e === 0 ? 0 : p.fail(p.strerror(e)); }),
  program('runs', p => p.exec(p.argv.slice(1))),
];

export interface Transcript { readonly stdout: string; readonly stderr: string; readonly exitCode: number; readonly box: Box }

/** Runs a script in the login shell of a new machine. */
export async function bash(script: string, { args = [], box = newBox({ programs: TEST_PROGRAMS }) }: { readonly args?: readonly string[]; readonly box?: Box } = {}): Promise<Transcript> {
  let stdout = '';
  let stderr = '';
  const sink = { out: (text: string) => void (stdout += text), err: (text: string) => void (stderr += text) };
  const exitCode = await new Shell({ process: box.login, sink, name: 'bash' }).run(script, { args }).finally(() => { box.powerOff(); });
  return { stdout, stderr, exitCode, box };
}
