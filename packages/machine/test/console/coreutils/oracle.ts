/** The bash and the coreutils of the host as judges: the same script there, in a scratch directory, and in the simulated shell. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';
import { programs } from '../../../src/console/index.js';

export interface Answer { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** What both directories are called in the end. */
const HERE = '/w';

const version = (command: string): string => (spawnSync(command, ['--version']).stdout as Buffer | null)?.toString().split('\n')[0] ?? '';
/** Messages change from version to version, and who is not root gets others. */
export const hasCoreutils = process.getuid?.() === 0 && version('ls') === 'ls (GNU coreutils) 9.1';
export const hasBash = /^GNU bash, version 5\.[2-9]/.test(version('bash'));

/** The host's shell tells the line of an error and repeats it, the simulated one does not. */
const withoutLine = (text: string): string => text.replaceAll(/^(bash|[\w./]+\.sh): (?:-c: )?line \d+: /gm, '$1: ').replaceAll(/^bash: `.*'\n/gm, '');

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

/** A machine is made for so many scripts: each has a directory and a login shell of its own, and those that ended stay in its memory. */
const SCRIPTS_PER_MACHINE = 16;
let box = newBox({ programs });
let scripts = 0;
export async function simulated(script: string): Promise<Answer> {
  if (scripts % SCRIPTS_PER_MACHINE === SCRIPTS_PER_MACHINE - 1) box = newBox({ programs });
  else box.logInAgain();
  const directory = `${HERE}${(scripts += 1)}`;
  const { stdout, stderr, exitCode } = await bash(`mkdir ${directory}; cd ${directory}\n${script}`, { box });
  const here = (text: string): string => text.replaceAll(directory, HERE);
  return { stdout: here(stdout), stderr: withoutLine(here(stderr)), exitCode };
}
