import { describe, expect, it } from 'vitest';
import { Killed, Stuck } from '../../../src/console/index.js';
import { expectSound } from '../helpers.js';
import { bash } from './helpers.js';

/** Runs a script and expects what it prints; pids begin at 8, the shell has 7. */
async function prints(script: string, stdout: string, { stderr = '', exitCode = 0 }: { readonly stderr?: string; readonly exitCode?: number } = {}): Promise<void> {
  const { box, ...seen } = await bash(script);
  expect(seen).toEqual({ stdout, stderr, exitCode });
  expectSound(box);
}

describe('commands of a script', () => {
  it('are processes of the machine, children of the shell', () => prints('pids; pids; echo $$ $PPID', '8 7\n9 7\n7 0\n'));
  it('leave their exit code', () => prints('status 3; echo $?; status 0; echo $?; ! status 1; echo $?', '3\n0\n0\n'));
  it('are piped into each other', () => prints('say a | upper | cat; say x | while read v; do echo "v=$v"; done', 'A\nv=x\n'));
  it('that a signal kills are reported', () => prints('bash -c "sig 9 \\$\\$"; echo $?', '137\n', { stderr: 'Killed\n' }));
  it('are found by name only if they are there', () => prints('nofile; ./nofile; echo $?', '127\n', { stderr: 'bash: nofile: command not found\nbash: ./nofile: No such file or directory\n' }));
  it('run other commands, by name and in their own process', () => prints('runs pids; echo a | runs upper; runs bash -c "pids; exit 3"; echo $?; env A=1 say envd; xargs say <<< "x y"', '8 7\nA\n12 11\n3\nenvd\nx y\n'));
});

describe('a subshell', () => {
  it('is a process, whose commands are its children', () => prints('( pids; echo $BASHPID $$ )', '9 8\n8 7\n'));
  it('knows variables, arrays, functions and arguments, and changes none of them', () =>
    prints('set -- p q; f() { say f$1; }; a=(1 "2 3"); declare -A m=([k]=v); x=5; (f z; echo "${a[1]}" ${m[k]} $2; a=9; x=6; exit 7); echo $? ${a[0]} $x', 'fz\n2 3 v q\n7 1 5\n'));
  it('that is one command becomes that command', () => prints('(pids); (sig 9 $BASHPID); echo $?', '8 7\n137\n', { stderr: 'Killed\n' }));
});

describe('background jobs', () => {
  it('run on beside the shell, which knows their pid', () => prints('nap 100 & echo $!; jobs; wait $!; echo done $?; jobs', '8\n[1]+  Running                 nap 100 &\ndone 0\n'));
  it('begin before the shell goes on', () => prints('{ say first; nap 10; say third; } & say second; wait', 'first\nsecond\nthird\n'));
  it('can be stopped, listed and killed', () =>
    prints('spin & pid=$!; nap 10; jobs -l; sig 19 $pid; nap 5; jobs; sig 9 $pid; wait $pid; echo $?', '[1]+     8 Running                spin &\n[1]+  Stopped                 spin\n137\n'));
  it('may be lists and functions, and all are waited for', () =>
    prints('f() { say f$1; return 4; }; f y & wait $!; echo $?; for i in 1 2; do (say sub $i; status $i) & done; wait; say all', 'fy\n4\nsub 1\nsub 2\nall\n'));
  it('end in the order of simulated time', () => prints('{ nap 30; say late; } & { nap 10; say early; } & wait', 'early\nlate\n'));
  it('that end first are found by wait -n', () => prints('nap 50 & nap 20 & wait -n; echo $?; jobs', '0\n[1]+  Running                 nap 50 &\n'));
  it('that are subshells are one process', () => prints('(pids; status 3) & (echo $BASHPID; exec status 4) > /tmp/o & wait $!; echo $? $!; cat /tmp/o', '9 8\n4 10\n10\n'));
  it('of others cannot be waited for', () => prints('wait 99; echo $?; fg', '127\n', { stderr: 'bash: wait: pid 99 is not a child of this shell\nbash: fg: %+: no such job\n', exitCode: 1 }));
  it('in a substitution write into it', () => prints('y=$(nap 5 & say b; wait); echo "<$y>"', '<b>\n'));
  it('inside eval and in a sourced file are jobs too', () => prints("eval 'nap 5 & wait; echo ok $?'; echo 'say in & wait' > /tmp/s; . /tmp/s", 'ok 0\nin\n'));
});

describe('redirections', () => {
  it('to files are written and appended to', () => prints('say b | cat > /tmp/o; say c >> /tmp/o; cat /tmp/o; for i in 1 2; do say $i; done > /tmp/l; cat /tmp/l', 'b\nc\n1\n2\n'));
  it('take both streams', () => prints('complain z 2> /tmp/e; cat /tmp/e; { say g; complain h; } > /tmp/g 2>&1; cat /tmp/g', 'z\ng\nh\n'));
  it('that cannot be opened fail, and the command does not run', () =>
    prints('say x > /no/dir/file && say no; echo $?', '1\n', { stderr: 'bash: /no/dir/file: No such file or directory\n' }));
  it('that fail while they are written are reported as write errors', () =>
    prints('mkdir /dev/cpuset/a; echo nonsense > /dev/cpuset/a/mems; echo $?; echo 1-2 > /dev/cpuset/a/mems; cat /dev/cpuset/a/mems', '1\n1-2\n', { stderr: 'bash: echo: write error: Invalid argument\n' }));
  it('carry bytes as they are', () => prints("printf 'é\\n' > /tmp/x; cat /tmp/x > /tmp/y; wc -c < /tmp/y; cat /tmp/y", '3\né\n'));
  it('that fail end a script with errexit', () => prints('set -e; say x > /no/dir/file; say no', '', { stderr: 'bash: /no/dir/file: No such file or directory\n', exitCode: 1 }));
});

describe('scripts', () => {
  it('given by path are processes with arguments', () =>
    prints('printf \'#!/bin/bash\\necho $0 $# $1; pids; f() { echo F; }; f & wait; exit 6\\n\' > /tmp/s; chmod +x /tmp/s; /tmp/s a b; echo $?; cd /tmp; ./s | head -1', '/tmp/s 2 a\n10 9\nF\n6\n./s 0\n'));
  it('found along PATH are processes too', () => prints('mkdir -p /root/bin; echo pids > /root/bin/tool; chmod +x /root/bin/tool; PATH=$PATH:/root/bin; tool', '11 10\n'));
  it('of bash -c have their own arguments', () => prints("bash -c 'echo $0 $1 $$' name arg; echo 'say from stdin' | bash", 'name arg 8\nfrom stdin\n'));
  it('with a syntax error do not run', () => prints('say no ( here', '', { stderr: "bash: line 1: syntax error near unexpected token `('\n", exitCode: 2 }));
  it('may become another program', () => prints('exec status 9; echo no', '', { exitCode: 9 }));
});

describe('traps', () => {
  it('run at the end of the shell, however it comes', async () => {
    await prints('trap "echo bye" EXIT; echo hi; exit 4', 'hi\nbye\n', { exitCode: 4 });
    await prints('trap "echo bye" EXIT; status 1', 'bye\n', { exitCode: 1 });
    await prints('set -e; trap "echo bye" EXIT; status 2; echo no', 'bye\n', { exitCode: 2 });
  });
  it('run when a signal has come, between two commands, and know variables', () =>
    prints('trap "x=trapped" USR1; ( sig 10 $$; nap 1 ); nap 1; echo $x; trap', "trapped\ntrap -- 'x=trapped' SIGUSR1\n"));
  it('that are empty ignore the signal', () => prints("trap '' TERM; sig 15 $$; echo alive", 'alive\n'));
});

describe('time and chance', () => {
  it('are those of the machine: the same script gives the same bytes', async () => {
    const script = 'time nap 1500; echo $SECONDS $RANDOM $RANDOM; date +%F';
    const [first, second] = [await bash(script), await bash(script)];
    expect(first.stdout).toBe(second.stdout);
    expect(first.stderr).toContain('real\t0m1.502s');
  });
});

describe('the end of a shell', () => {
  it('that was killed is told to whoever runs it', async () => {
    await expect(bash('sig 9 $$; echo not here')).rejects.toThrow(Killed);
  });
  it('that waits for somebody who is stopped is told too: nothing can happen any more', async () => {
    await expect(bash('spin & sig 19 $!; nap 1; wait $!')).rejects.toThrow(Stuck);
  });
});
