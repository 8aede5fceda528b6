/** The bash and the coreutils of the host as judges: the same script there, in a scratch directory, and in the simulated shell. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';
import { programs } from '../../../src/console/index.js';

export interface Answer { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** Where the simulated shell stands; the scratch directory is called the same. */
const HERE = '/w';

const version = (command: string): string => spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
/** Messages change from version to version, and who is not root gets others. */
export const hasCoreutils = process.getuid?.() === 0 && version('ls') === 'ls (GNU coreutils) 9.1';
export const hasBash = /^GNU bash, version 5\.[2-9]/.test(version('bash'));

/** The host's shell tells the line of an error, the simulated one does not. */
const withoutLine = (text: string): string => text.replaceAll(/^(bash|[\w./]+\.sh): (?:-c: )?line \d+: /gm, '$1: ');

export function onHost(script: string): Answer {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'pmkit-oracle-')));
  try {
    const { stdout, stderr, status } = spawnSync('bash', ['-c', `umask 022; ${script}`, 'bash'], {
      cwd: directory, encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/bash', TERM: 'xterm', LC_ALL: 'C', TZ: 'UTC' },
    });
    const here = (text: string): string => text.replaceAll(directory, HERE);
    return { stdout: here(stdout), stderr: withoutLine(here(stderr)), exitCode: status ?? -1 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** On a machine of its own. */
export async function simulated(script: string): Promise<Answer> {
  const box = newBox({ programs });
  const { stdout, stderr, exitCode } = await bash(`mkdir ${HERE}; cd ${HERE}\n${script}`, { box });
  return { stdout, stderr: withoutLine(stderr), exitCode };
}
