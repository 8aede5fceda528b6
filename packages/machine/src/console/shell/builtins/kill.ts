/** kill: bash's own, which knows jobs. What it has in common with the program is in ../../programs/system/kill-command.ts. */
import type { Command } from 'just-bash';
import { killCommand } from '../../programs/system/kill-command.js';
import { strerror } from '../../process.js';
import { alive } from '../jobs.js';
import type { Shell } from '../shell.js';
import { builtin, said } from './builtin.js';

export function killBuiltins(shell: Shell): Command[] {
  return [builtin(shell, 'kill', async args => {
    let stdout = '';
    let stderr = '';
    const exitCode = await killCommand({
      shell: shell.name,
      send: (pid, signal) => shell.process.sys('kill', pid, signal),
      strerror: result => strerror(-result),
      // as bash does it without job control, where a job has no group of its own: each process that has not been collected
      job: spec => {
        const job = shell.jobs.find(spec);
        return job === undefined ? undefined : alive(job);
      },
      out: text => { stdout += text; },
      err: text => { stderr += text; },
    }, args);
    return said(shell, exitCode, stdout, stderr);
  })];
}
