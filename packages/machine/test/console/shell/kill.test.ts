import { describe, expect, it } from 'vitest';
import { bash } from './helpers.js';

describe('the shell\'s kill', () => {
  it('ends a job by its number, and stops and continues one by its pid', async () => {
    const { stdout } = await bash('nap 1000 & nap 5; kill -STOP $!; jobs; kill -s CONT $!; nap 5; kill %1; wait $!; echo $?');
    expect(stdout).toBe('[1]+  Stopped                 nap 1000\n143\n');
  });
  it('makes no process: it can signal the shell itself', async () => {
    expect((await bash('kill -0 $$ && pids')).stdout).toBe('8 7\n');
  });
  it('lists signals in five columns, and names by number', async () => {
    const { stdout } = await bash('kill -l | head -2; kill -l 137 TERM SIGSTOP');
    expect(stdout).toBe(' 1) SIGHUP\t 2) SIGINT\t 3) SIGQUIT\t 4) SIGILL\t 5) SIGTRAP\n 6) SIGABRT\t 7) SIGBUS\t 8) SIGFPE\t 9) SIGKILL\t10) SIGUSR1\nKILL\n15\n19\n');
  });
  it.each([
    ['kill 9999', 'bash: kill: (9999) - No such process\n', 1], ['kill -FOO 1', 'bash: kill: FOO: invalid signal specification\n', 1], ['kill %3', 'bash: kill: %3: no such job\n', 1], ['kill x', 'bash: kill: x: arguments must be process or job IDs\n', 1],
    ['kill', 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n', 2], ['kill -s', 'bash: kill: -s: option requires an argument\n', 1], ['kill -l 99', 'bash: kill: 99: invalid signal specification\n', 1],
  ])('%s is an error', async (command, stderr, exitCode) => {
    expect(await bash(command)).toMatchObject({ stdout: '', stderr, exitCode });
  });
});
