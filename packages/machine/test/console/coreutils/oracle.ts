/** The bash and the coreutils of the host as judges: the same script there, in a scratch directory, and in the simulated shell. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';
import { programs } from '../../../src/console/index.js';

export interface Answer { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** What both directories are called in the end. */
const HERE = '/w';

const version = (command: string): string => (spawnSync(command, ['--version']).stdout as Buffer | null)?.toString().split('\n')[0] ?? '';
/** Messages change from version to version, and who is not root gets others. */
const hasCoreutils = process.getuid?.() === 0 && version('ls') === 'ls (GNU coreutils) 9.1';
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
  if (scripts % SCRIPTS_PER_MACHINE === SCRIPTS_PER_MACHINE - 1) box = newBox({ programs, lasting: true });
  else box.logInAgain();
  const directory = `${HERE}${(scripts += 1)}`;
  const { stdout, stderr, exitCode } = await bash(`mkdir ${directory}; cd ${directory}\n${script}`, { box });
  const here = (text: string): string => text.replaceAll(directory, HERE);
  return { stdout: here(stdout), stderr: withoutLine(here(stderr)), exitCode };
}

/** Files that most of the commands find. */
export const FILES = 'mkdir d; echo hi > f; echo more > d/g; ln -s f l; ln -s nope n; ';

/** Each takes a process of the host: the test run does every sixth of them, PMKIT_ORACLE=all does all. */
const isChosen = (_script: string, at: number): boolean => process.env['PMKIT_ORACLE'] === 'all' || at % 6 === 0;

/**
 * Holds scripts against the host's coreutils: what they print, complain of and end with.
 * @param before what each begins with @param scripts by command @param known scripts that the host answers otherwise, and why that may be
 */
export function heldAgainstHost(before: string, scripts: Readonly<Record<string, readonly string[]>>, known: Readonly<Record<string, string>> = {}): void {
  describe.skipIf(!hasCoreutils)('as the coreutils of the host', () => {
    describe.each(Object.entries(scripts))('%s', (_name, list) => {
      it.each(list.filter(script => known[script] === undefined).filter(isChosen))('%s', async script => {
        expect(await simulated(before + script)).toEqual(onHost(before + script));
      });
    });
    it('knows of no difference that is none', () => {
      const all = new Set(Object.values(scripts).flat());
      expect(Object.keys(known).filter(script => !all.has(script))).toEqual([]);
    });
  });
}
