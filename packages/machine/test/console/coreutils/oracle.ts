/** The bash and the coreutils of the host as judges: the same script there, in a scratch directory, and in the simulated shell. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { newBox } from '../helpers.js';
import { bash } from '../shell/helpers.js';
import { programs } from '../../../src/console/index.js';

interface Answer { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** What both directories are called in the end. */
const HERE = '/w';

const version = (command: string): string => (spawnSync(command, ['--version']).stdout as Buffer | null)?.toString().split('\n')[0] ?? '';
/** Messages change from version to version, and who is not root gets others. */
const hasCoreutils = process.getuid?.() === 0 && version('ls') === 'ls (GNU coreutils) 9.1';
export const hasBash = /^GNU bash, version 5\.[2-9]/.test(version('bash'));

/** The host's shell tells the line of an error and repeats it, the simulated one does not. */
const withoutLine = (text: string): string => text.replaceAll(/^(bash|[\w./]+\.sh): (?:-c: )?line \d+: /gm, '$1: ').replaceAll(/^bash: `.*'\n/gm, '');

/**
 * Runs the scripts it is given one after the other, each in a bash and a directory of its own, with pipes for what it prints: `$1/N.out`, `N.err` and `N.code` is how the Nth came out.
 * One process of ours is forked for all of them: that takes longer than what most of them do.
 */
const HOST_RUNNER = `
results=$1; shift; umask 022; mkdir $(seq -f "$results/%g" $#); export -n OLDPWD PWD SHLVL
for script do
  n=$((n + 1)); cd "$results/$n"
  { { bash -c "$script" bash < /dev/null 3>&-; echo $? > "$results/$n.code"; } 2>&1 >&3 3>&- | cat > "$results/$n.err" 3>&-; } 3>&1 | cat > "$results/$n.out"
done`;
const HOST_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/bash', TERM: 'xterm', LC_ALL: 'C', TZ: 'UTC' };

/** What the host says of scripts. */
async function onHost(scripts: readonly string[]): Promise<Map<string, Answer>> {
  const results = realpathSync(mkdtempSync(path.join(tmpdir(), 'pmkit-oracle-')));
  try {
    // a bash that reads from a socket, as execFile gives it one, would take somebody's settings
    await promisify(execFile)('bash', ['--norc', '-c', HOST_RUNNER, 'bash', results, ...scripts], { env: HOST_ENVIRONMENT, timeout: 50_000 });
    return new Map(scripts.map((script, at) => {
      const told = (what: string): string => readFileSync(`${results}/${at + 1}.${what}`, 'utf8').replaceAll(`${results}/${at + 1}`, HERE);
      return [script, { stdout: told('out'), stderr: withoutLine(told('err')), exitCode: Number(told('code')) }];
    }));
  } finally {
    rmSync(results, { recursive: true, force: true });
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

/** Each takes processes of the host: the test run does every sixth of them, PMKIT_ORACLE=all does all. */
const isChosen = (_script: string, at: number): boolean => process.env['PMKIT_ORACLE'] === 'all' || at % 6 === 0;

/** Tests that scripts, by subject, come out as on the host. @param before what each begins with */
export function sameAsOnHost(scripts: readonly (readonly [subject: string, scripts: readonly string[]])[], before = ''): void {
  let answers: Promise<Map<string, Answer>>;
  // the host is asked while the simulated shell runs
  beforeAll(() => { answers = onHost(scripts.flatMap(([, list]) => list.map(script => before + script))); });
  describe.each(scripts)('%s', (_subject, list) => {
    it.each(list)('%s', async script => {
      expect(await simulated(before + script)).toEqual((await answers).get(before + script));
    });
  });
}

/**
 * Holds scripts against the host's coreutils: what they print, complain of and end with.
 * @param before what each begins with @param scripts by command @param known scripts that the host answers otherwise, and why that may be
 */
export function heldAgainstHost(before: string, scripts: Readonly<Record<string, readonly string[]>>, known: Readonly<Record<string, string>> = {}): void {
  describe.skipIf(!hasCoreutils)('as the coreutils of the host', () => {
    sameAsOnHost(Object.entries(scripts).map(([command, list]) => [command, list.filter(script => known[script] === undefined).filter(isChosen)]), before);
    it('knows of no difference that is none', () => {
      const all = new Set(Object.values(scripts).flat());
      expect(Object.keys(known).filter(script => !all.has(script))).toEqual([]);
    });
  });
}
