/** pmkit shell: what a person sees who types. */
import { describe, expect, it } from 'vitest';
import type { LineOptions } from '../src/io.js';
import { pmkit } from './console-helpers.js';

const SMALL = ['--machine', 'node:2 pu:1'];
const shell = (lines: readonly (string | undefined | ((options: LineOptions) => void))[], more: Parameters<typeof pmkit>[1] = {}, argv: readonly string[] = []) => pmkit(['shell', ...SMALL, ...argv], { lines, ...more });
const PROMPT_3 = '[3 add-node_map-arg-to-try_to_migrate_pages-rc3] root:~# ';

describe('the prompt', () => {
  it('says level, top patch, user and directory', async () => {
    const { screen, code } = await shell(['cd /proc/sys', 'cd ~/..', 'exit 3'], {}, ['--at', '3']);
    expect(screen).toBe('[3 add-node_map-arg-to-try_to_migrate_pages-rc3] root:~# [3 add-node_map-arg-to-try_to_migrate_pages-rc3] root:/proc/sys# [3 add-node_map-arg-to-try_to_migrate_pages-rc3] root:/# ');
    expect(code).toBe(3);
  });
  it('is a $ for who is not root', async () => {
    expect((await shell([], {}, ['--at', '0', '--user', '1000'])).screen).toMatch(/ user1000:~\$ $/);
  });
  it('follows a push, live and by a reboot, after which the shell is at the terminal again', async () => {
    const { screen, code } = await shell(['sleep 1000000 &', 'quilt push --live', 'kill -0 $!; echo $?', 'quilt pop', 'kill -0 $! 2> /dev/null || echo gone', 'x=1'], {}, ['--at', '2']);
    expect(screen).toMatch(/\n\[3 add-node_map-arg-to-try_to_migrate_pages-rc3\] root:~# 0\n\[3 /);
    expect(screen).toMatch(/\n\[2 [\w.-]+\] root:~# gone\n\[2 /);
    expect(code).toBe(0);
  });
  it('is coloured on a terminal, unless NO_COLOR is set or the terminal is dumb', async () => {
    expect((await shell([], { isTTY: true }, ['--at', '3'])).screen).toContain('\u001b[32m3 add-node_map');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) expect((await shell([], { isTTY: true, env }, ['--at', '3'])).screen).toBe(`${PROMPT_3}exit\n`);
    expect((await shell([], {}, ['--at', '3'])).screen).toBe(PROMPT_3);
  });
});

describe('lines', () => {
  it('are read until a command is whole; one given up with ^C is forgotten', async () => {
    const { screen } = await shell(['for i in 1 2', 'do echo $i', 'done', 'echo "half', undefined, 'echo $?', 'fi', 'echo $?'], {}, ['--at', '3']);
    expect(screen.replaceAll(PROMPT_3, '# ')).toBe("# > > 1\n2\n# > # 130\n# bash: line 1: syntax error near unexpected token `fi'\n# 2\n# ");
  });
  it('that end in the middle of a command are complained of', async () => {
    const { err, code } = await shell(['if true']);
    expect({ err, code }).toEqual({ err: 'bash: syntax error: unexpected end of file\n', code: 2 });
  });
  it('are completed: commands, files of the machine, directories with a slash', async () => {
    const seen: (readonly [readonly string[], string])[] = [];
    const ask = (line: string) => (options: LineOptions): void => void seen.push(options.complete(line));
    await shell(['cd /dev', ask('numac'), ask('cat /proc/mem'), ask('ls cpus'), ask('echo a | migratep'), ask('cat /nowhere/x'), ask('x=$(\u0000'), ask('')]);
    expect(seen.slice(0, 6)).toEqual([[['numactl'], 'numac'], [['/proc/meminfo'], '/proc/mem'], [['cpuset/'], 'cpus'], [['migratepages'], 'migratep'], [[], '/nowhere/x'], [[], '\u0000']]);
    expect(seen[6]![0]).toContain('numactl');
  });
  it('may be what Ctrl-C at an empty prompt leaves: nothing', async () => {
    expect((await shell([undefined, options => { options.interrupted(); }, 'echo alive'])).out).toContain('alive\n');
  });
});

it('Ctrl-C ends what runs, and the shell goes on', async () => {
  const { out } = await shell([
    options => { setTimeout(() => { options.interrupted(); }, 100); }, 'memhog -r1000000 1m > /dev/null', 'echo $?',
    options => { setTimeout(() => { options.interrupted(); }, 100); }, 'while :; do :; done', 'echo $?',
  ]);
  expect(out).toBe('130\n130\n');
});
it('jobs that still run end with the shell, without a word', async () => {
  const { err, code } = await shell(['workload anon:4p -n forever > /dev/null &', 'sleep 1000000 &', 'sleep 1', 'exit']);
  expect({ err, code }).toEqual({ err: '[1] 6\n[2] 7\n', code: 0 });
});
